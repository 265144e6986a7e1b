// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/rewritten_config.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/config_keys.hpp"
#include "cli/disk_entries.hpp"
#include "cli/screen.hpp"
#include "cli/xl_file.hpp"

namespace xlsnap::cli {

namespace {

[[noreturn]] void refuse_place(const std::string &file_name, std::size_t line,
                               std::string_view reason) {
    throw std::runtime_error(fmt::format("{}:{}: {}; change it by hand", file_name, line, reason));
}

bool is_same(const DiskImage &one, const DiskImage &other) {
    return one.vdev == other.vdev && one.path == other.path && one.format == other.format;
}

// A format that is not raw needs QEMU.
bool is_due_backend(const std::string &after, const std::string &before,
                    const std::string &format) {
    return after == before || (after == "qdisk" && format != "raw" && before != "unknown");
}

// What has changed in the entries, as the file has them and as xl is to see them.
class Rewriter {
  public:
    Rewriter(const std::string &file_name, const std::string &text,
             const std::vector<DiskImage> &images)
        : file_name_(file_name), text_(text), images_(images), before_(file_name, text),
          entries_(disk_entries(file_name, text)) {}

    RewrittenConfig rewrite() {
        if (before_.disks() != values())
            throw std::runtime_error(file_name_ +
                                     ": where its disks stand cannot be told; change it by hand");
        for (const DiskEntry &entry : entries_)
            rewrite_entry(entry);
        if (met_.empty())
            throw std::runtime_error(
                fmt::format("{}: it has none of the domain's disks ({}); name another file",
                            file_name_, fmt::join(vdevs(), ", ")));
        RewrittenConfig rewritten{with_changes(text_, changes_), {}};
        check(rewritten.text);
        rewritten.lines = differing_lines(rewritten.text);
        return rewritten;
    }

  private:
    [[nodiscard]] std::vector<std::string> values() const {
        std::vector<std::string> values;
        for (const DiskEntry &entry : entries_)
            values.push_back(entry.value());
        return values;
    }

    [[nodiscard]] std::vector<std::string> vdevs() const {
        std::vector<std::string> vdevs;
        for (const DiskImage &image : images_)
            vdevs.push_back(printable(image.vdev, {}));
        return vdevs;
    }

    void rewrite_entry(const DiskEntry &entry) {
        const ParsedDisk parsed = before_.parse_disk(entry.value(), entry.line());
        const auto image = std::ranges::find(images_, parsed.image.vdev, &DiskImage::vdev);
        expected_.push_back(entry.value());
        if (image == images_.end())
            return;
        if (!met_.insert(image->vdev).second)
            refuse_place(file_name_, entry.line(), "there are two disks of this name");
        if (is_same(parsed.image, *image))
            return;
        try {
            change_entry(entry, changes_of_spec(entry.value(), *image));
        } catch (const std::runtime_error &error) {
            refuse_place(file_name_, entry.line(), error.what());
        }
        check_entry(entry, parsed, *image);
    }

    void change_entry(const DiskEntry &entry, const std::vector<TextChange> &changes) {
        expected_.back() = with_changes(entry.value(), changes);
        for (const TextChange &change : changes)
            changes_.push_back(
                {entry.place(change.begin), entry.place(change.end), entry.written(change.text)});
    }

    void check_entry(const DiskEntry &entry, const ParsedDisk &before, const DiskImage &image) {
        const auto means_the_image = [&] {
            try {
                const ParsedDisk after = before_.parse_disk(expected_.back(), entry.line());
                return is_same(after.image, image) && after.rest == before.rest &&
                       is_due_backend(after.backend, before.backend, image.format);
            } catch (const std::runtime_error &) {
                return false;
            }
        };
        const bool has_control = std::ranges::any_of(
            image.path, [](char c) { return static_cast<unsigned char>(c) < ' '; });
        if (has_control || !means_the_image())
            refuse_place(file_name_, entry.line(),
                         fmt::format("the image {} cannot be named in this entry",
                                     printable(image.path, {})));
    }

    // Only characters within entries have changed. That xl still sees as many of them, and nothing
    // else elsewhere, it says itself.
    void check(const std::string &text) const {
        const XlFile after(file_name_, text);
        bool is_right = after.disks() == expected_;
        for (const KeyPlace &place : keys_of(file_name_, text))
            is_right = is_right && after.text(place.key) == before_.text(place.key);
        if (!is_right)
            throw std::runtime_error(file_name_ +
                                     ": xl would read it otherwise; change it by hand");
    }

    [[nodiscard]] std::vector<RewrittenLine> differing_lines(std::string_view after) const {
        std::vector<RewrittenLine> lines;
        std::string_view before = text_;
        for (std::size_t number = 1; !before.empty(); ++number) {
            const std::string_view old_line = take_line(before);
            const std::string_view new_line = take_line(after);
            if (old_line != new_line)
                lines.push_back({number, std::string(old_line), std::string(new_line)});
        }
        return lines;
    }

    static std::string_view take_line(std::string_view &text) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return line;
    }

    const std::string &file_name_;
    const std::string &text_;
    const std::vector<DiskImage> &images_;
    XlFile before_;
    std::vector<DiskEntry> entries_;
    std::set<std::string> met_;
    std::vector<std::string> expected_;
    std::vector<TextChange> changes_;
};

} // namespace

RewrittenConfig rewrite_config(const std::string &file_name, const std::string &text,
                               const std::vector<DiskImage> &images) {
    return Rewriter(file_name, text, images).rewrite();
}

} // namespace xlsnap::cli
