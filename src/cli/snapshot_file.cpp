// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/snapshot_file.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "cli/config_file.hpp"
#include "cli/screen.hpp"

namespace xlsnap::cli {

namespace {

using Kind = libxl_disk_snapshot_kind;

const std::vector<std::string> kFileKeys = {"description", "name", "creationtime", "save",
                                            "type",        "live", "disk_only",    "disk"};
const std::vector<std::string> kTypeWords = {"internal", "external"};
const std::vector<std::string> kDiskKindWords = {"none", "internal", "external"};

constexpr const char *kDiskSyntax =
    "VDEV[=PATH][,type=FORMAT][,snapshot=none|internal|external], without a comma in the path";

Kind kind_of_word(std::string_view word) {
    if (word == "none")
        return LIBXL_DISK_SNAPSHOT_KIND_NONE;
    if (word == "internal")
        return LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    if (word == "external")
        return LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    return LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
}

const char *word_of_kind(Kind kind) {
    return libxl_disk_snapshot_kind_to_string(kind);
}

bool is_a_format(std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// Takes the text up to the separator, and that itself, from the front.
std::string_view take(std::string_view &text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

bool read_disk_option(std::string_view option, SnapshotFileDisk &disk) {
    const std::string_view key = take(option, '=');
    if (key == "type" && disk.format.empty() && is_a_format(option))
        disk.format = option;
    else if (key == "snapshot" && disk.kind == LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
        disk.kind = kind_of_word(option);
    else
        return false;
    return key == "type" || disk.kind != LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;
}

std::optional<SnapshotFileDisk> disk_of(std::string_view entry) {
    SnapshotFileDisk disk;
    std::string_view options = entry;
    std::string_view path = take(options, ',');
    disk.vdev = take(path, '=');
    disk.path = path;
    while (!options.empty())
        if (!read_disk_option(take(options, ','), disk))
            return std::nullopt;
    if (disk.vdev.empty() || entry.ends_with(','))
        return std::nullopt;
    return disk;
}

// The reverse, if disk_of() would read the same again.
std::string entry_of(const SnapshotFileDisk &disk) {
    std::string entry = disk.vdev;
    if (!disk.path.empty())
        entry += "=" + disk.path;
    if (!disk.format.empty())
        entry += ",type=" + disk.format;
    if (disk.kind != LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
        entry += fmt::format(",snapshot={}", word_of_kind(disk.kind));
    if (disk_of(entry) != disk)
        throw std::runtime_error(
            fmt::format("disk {}: a snapshot information file cannot hold {}; it has {}",
                        printable(disk.vdev, {}), printable(entry, {}), kDiskSyntax));
    return entry;
}

std::vector<SnapshotFileDisk> disks_of(const ConfigFile &file) {
    std::vector<SnapshotFileDisk> disks;
    for (const std::string &entry : file.list("disk").value_or(std::vector<std::string>())) {
        const std::optional<SnapshotFileDisk> disk = disk_of(entry);
        if (!disk)
            file.refuse("disk", entry, kDiskSyntax);
        if (std::ranges::find(disks, disk->vdev, &SnapshotFileDisk::vdev) != disks.end())
            file.refuse("disk", entry, "one entry for each disk");
        disks.push_back(*disk);
    }
    return disks;
}

std::optional<std::uint64_t> seconds_in(const ConfigFile &file, const std::string &key) {
    const std::optional<std::string> text = file.text(key);
    if (!text)
        return std::nullopt;
    std::uint64_t seconds = 0;
    const char *end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, seconds);
    if (error != std::errc() || stop != end)
        file.refuse(key, *text, "a number of seconds since the epoch");
    return seconds;
}

std::optional<std::string> not_empty(const ConfigFile &file, const std::string &key) {
    std::optional<std::string> text = file.text(key);
    if (text && text->empty())
        file.refuse(key, *text, "a text, or no such line");
    return text;
}

bool is_yes(const ConfigFile &file, const std::string &key) {
    return file.word(key, {"no", "yes"}).value_or("no") == "yes";
}

} // namespace

SnapshotFile parse_snapshot_file(const std::string &name, const std::string &text) {
    const ConfigFile file(name, text);
    file.allow_only(kFileKeys);
    SnapshotFile snapshot;
    snapshot.description = file.text("description");
    snapshot.name = not_empty(file, "name");
    snapshot.creation_time = seconds_in(file, "creationtime");
    snapshot.save = not_empty(file, "save");
    snapshot.type = kind_of_word(file.word("type", kTypeWords).value_or(""));
    snapshot.live = is_yes(file, "live");
    snapshot.disk_only = is_yes(file, "disk_only");
    if (snapshot.disk_only && snapshot.save)
        file.refuse("save", *snapshot.save, "nothing with disk_only=\"yes\"");
    snapshot.disks = disks_of(file);
    return snapshot;
}

SnapshotFile read_snapshot_file(const std::string &path) {
    return parse_snapshot_file(path, read_text_file(path));
}

std::string to_text(const SnapshotFile &file) {
    std::string out;
    const auto line = [&out](std::string_view key, std::string_view value) {
        out += fmt::format("{}={}\n", key, in_quotes(value));
    };
    if (file.description)
        line("description", *file.description);
    if (file.name)
        line("name", *file.name);
    if (file.creation_time)
        line("creationtime", std::to_string(*file.creation_time));
    if (file.save)
        line("save", *file.save);
    if (file.type != LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
        line("type", word_of_kind(file.type));
    line("live", file.live ? "yes" : "no");
    line("disk_only", file.disk_only ? "yes" : "no");
    out += "disk=[";
    for (const SnapshotFileDisk &disk : file.disks)
        out += fmt::format("{}\n    {}", &disk == file.disks.data() ? "" : ",",
                           in_quotes(entry_of(disk)));
    return out + " ]\n";
}

} // namespace xlsnap::cli
