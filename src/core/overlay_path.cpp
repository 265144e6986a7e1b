// SPDX-License-Identifier: LGPL-2.1-only
#include "core/overlay_path.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kSuffix = ".qcow2";
constexpr std::string_view kDevices = "/dev/";

bool is_plain(std::string_view character, char32_t value) {
    constexpr std::string_view plain = "._+=@~-";
    const char c = character.front();
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (character.size() == 1)
        return alphanumeric || plain.find(c) != std::string_view::npos;
    return !is_control(value) && !is_invisible(value);
}

std::string percent_encoded(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        const CodePoint point = first_code_point(name);
        const std::string_view character = name.substr(0, std::max<std::size_t>(point.bytes, 1));
        if (point.bytes != 0 && is_plain(character, point.value))
            text += character;
        else
            for (const char byte : character)
                text += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
        name.remove_prefix(character.size());
    }
    return text;
}

std::string_view stem_of(std::string_view image) {
    image.remove_prefix(image.rfind('/') + 1);
    const std::size_t dot = image.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? image : image.substr(0, dot);
}

// Not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes)
        return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U)
        --bytes;
    return text.substr(0, bytes);
}

Result<std::string> directory_for(const std::string &image, const OverlayPlaces &places) {
    if (!places.directory.empty())
        return places.directory;
    if (!image.starts_with(kDevices))
        return image.substr(0, image.rfind('/'));
    if (!places.device_directory.empty())
        return places.device_directory;
    return fail(ErrorCode::Invalid,
                fmt::format("{} is a device, beside which there is no place for an overlay; give "
                            "the path of the overlay",
                            image));
}

} // namespace

Result<std::string> overlay_path(const OverlayName &name, const OverlayPlaces &places) {
    if (!name.image.starts_with('/'))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is no absolute path, so there is no place beside it; give the "
                                "path of the overlay",
                                name.image));
    XLSNAP_ASSIGN(const std::string directory, directory_for(name.image, places));
    std::string rest;
    if (!name.vdev.empty())
        rest += "." + percent_encoded(name.vdev);
    rest += "." + percent_encoded(name.snapshot);
    if (name.number != 0)
        rest += fmt::format(".{}", name.number);
    rest += kSuffix;
    const std::string_view stem =
        cut(stem_of(name.image), kMaxFileNameBytes - std::min(rest.size(), kMaxFileNameBytes));
    if (name.snapshot.empty() || stem.empty())
        return fail(ErrorCode::Invalid,
                    fmt::format("no overlay can be named after a snapshot whose name {}; give the "
                                "path of the overlay",
                                name.snapshot.empty() ? "is empty" : "is so long"));
    return fmt::format("{}/{}{}", directory, stem, rest);
}

std::vector<Result<std::string>> overlay_paths(const std::vector<OverlayWish> &wishes,
                                               const OverlayPlaces &places) {
    const auto path_of = [&places](const OverlayWish &wish,
                                   const std::string &vdev) -> Result<std::string> {
        if (!wish.path.empty())
            return wish.path;
        return overlay_path({wish.image, wish.snapshot, vdev}, places);
    };
    std::vector<Result<std::string>> paths;
    paths.reserve(wishes.size());
    for (const OverlayWish &wish : wishes)
        paths.push_back(path_of(wish, {}));
    const std::vector<Result<std::string>> plain = paths;
    const auto is_taken_twice = [&plain](const std::string &path) {
        return std::ranges::count_if(plain, [&path](const Result<std::string> &other) {
                   return other && *other == path;
               }) > 1;
    };
    for (std::size_t i = 0; i < wishes.size(); ++i)
        if (plain[i] && is_taken_twice(*plain[i]))
            paths[i] = path_of(wishes[i], wishes[i].vdev);
    return paths;
}

} // namespace xlsnap
