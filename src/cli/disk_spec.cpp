// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/disk_spec.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace xlsnap::cli {

namespace {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// Words that stand for themselves, not for the next of path, format, vdev and access.
constexpr std::array<std::string_view, 8> kFlags = {
    "cdrom", "direct-io-safe", "discard", "no-discard", "colo", "no-colo", "trusted", "untrusted"};

// What makes another program than QEMU open the image, or another domain.
constexpr std::array<std::string_view, 4> kForeign = {"script", "backend", "active-disk",
                                                      "hidden-disk"};

// Formats that the prefixes of old, such as "file:", can be.
constexpr std::array<std::string_view, 4> kPrefixes = {"raw", "qcow", "qcow2", "vhd"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N> &words) {
    return std::ranges::find(words, word) != words.end();
}

// Where a specification says what. It is read as libxlutil does it (libxlu_disk_l.l in
// tools/libs/util in xen.git): a parameter goes to the next comma but for "target=", which goes to
// the end.
class SpecPlaces {
  public:
    explicit SpecPlaces(std::string_view spec) : spec_(spec) {
        while (at_ < spec_.size())
            read_parameter();
    }

    std::optional<Span> target;
    std::optional<Span> prefix; // "phy:" and such, in front of the path
    std::optional<Span> format;
    std::optional<Span> backendtype;
    bool target_has_key = false;
    Span target_parameter; // with "target=", but without what ends it

  private:
    void read_parameter() {
        at_ = std::min(spec_.find_first_not_of(" \t\n", at_), spec_.size());
        if (spec_.substr(at_).starts_with("target=")) {
            set_target({at_ + 7, spec_.size()}, {at_, spec_.size()});
            target_has_key = true;
            at_ = spec_.size();
            return;
        }
        const std::size_t end = std::min(spec_.find(',', at_), spec_.size());
        const std::string_view parameter = spec_.substr(at_, end - at_);
        const std::size_t equals = parameter.find('=');
        if (equals != std::string_view::npos)
            read_value(parameter.substr(0, equals), {at_ + equals + 1, end});
        else if (!is_one_of(parameter, kFlags))
            read_positional({at_, end});
        at_ = end + 1;
    }

    void read_value(std::string_view key, Span value) {
        if (is_one_of(key, kForeign))
            throw std::runtime_error(std::string(key) +
                                     "= lets another program or domain open the image");
        if (key == "format")
            format = value;
        else if (key == "backendtype")
            backendtype = value;
    }

    // The first is the path, the next the format unless something has said it.
    void read_positional(Span value) {
        if (!target) {
            const std::size_t path = end_of_prefixes(value);
            if (path != value.begin)
                prefix = Span{value.begin, path};
            set_target({path, value.end}, value);
        } else if (!format && !prefix) {
            format = value;
        }
    }

    [[nodiscard]] std::size_t end_of_prefixes(Span value) const {
        const std::size_t slash = std::min(spec_.find('/', value.begin), value.end);
        const std::size_t colon = spec_.substr(0, slash).rfind(':');
        return colon == std::string_view::npos || colon < value.begin ? value.begin : colon + 1;
    }

    void set_target(Span value, Span parameter) {
        target = value;
        target_parameter = parameter;
    }

    std::string_view spec_;
    std::size_t at_ = 0;
};

void change(std::vector<TextChange> &changes, Span span, std::string text) {
    changes.push_back({span.begin, span.end, std::move(text)});
}

// A specification that says no format means "raw".
void add_format(std::vector<TextChange> &changes, const SpecPlaces &places,
                const std::string &format) {
    if (format == "raw")
        return;
    if (places.target_has_key)
        change(changes, {places.target_parameter.begin, places.target_parameter.begin},
               "format=" + format + ",");
    else
        change(changes, {places.target_parameter.end, places.target_parameter.end},
               ",format=" + format);
}

// Of the prefixes the last says the format, if it is the name of one; "raw" else.
void change_prefix(std::vector<TextChange> &changes, std::string_view said, Span place,
                   const std::string &format) {
    const auto says = [said](std::string_view name) {
        return said.ends_with(std::string(name) + ":");
    };
    if (says(format) || (format == "raw" && std::ranges::none_of(kPrefixes, says)))
        return;
    if (!is_one_of(format, kPrefixes))
        throw std::runtime_error("no prefix in front of a path stands for the format " + format);
    change(changes, place, format + ":");
}

void change_format(std::vector<TextChange> &changes, std::string_view spec,
                   const SpecPlaces &places, const std::string &format) {
    if (places.format)
        change(changes, *places.format, format);
    else if (places.prefix)
        change_prefix(changes,
                      spec.substr(places.prefix->begin, places.prefix->end - places.prefix->begin),
                      *places.prefix, format);
    else
        add_format(changes, places, format);
}

} // namespace

std::vector<TextChange> changes_of_spec(std::string_view spec, const DiskImage &image) {
    const SpecPlaces places(spec);
    if (!places.target)
        throw std::runtime_error("it has no path");
    std::vector<TextChange> changes;
    change(changes, *places.target, image.path);
    change_format(changes, spec, places, image.format);
    if (places.backendtype && image.format != "raw")
        change(changes, *places.backendtype, "qdisk");
    std::erase_if(changes, [&](const TextChange &one) {
        return spec.substr(one.begin, one.end - one.begin) == one.text;
    });
    std::ranges::sort(changes, {},
                      [](const TextChange &one) { return std::pair(one.begin, one.end); });
    return changes;
}

std::string with_changes(std::string_view text, const std::vector<TextChange> &changes) {
    std::string changed;
    std::size_t kept = 0;
    for (const TextChange &change : changes) {
        changed += text.substr(kept, change.begin - kept);
        changed += change.text;
        kept = change.end;
    }
    return changed += text.substr(kept);
}

} // namespace xlsnap::cli
