// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/disk_choice.hpp"

#include <stdexcept>
#include <vector>

namespace xlsnap::cli {

namespace {

[[noreturn]] void refuse_choice(std::string_view argument, const std::string &why) {
    throw std::runtime_error("'" + std::string(argument) + "': " + why +
                             "; write VDEV[=internal|external|none][,path=FILE][,format=FORMAT]");
}

// At each comma that is not doubled; of a doubled one, one is left.
std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',') {
            parts.back() += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == ',') {
            parts.back() += text[i++];
        } else {
            parts.emplace_back();
        }
    }
    return parts;
}

libxl_disk_snapshot_kind parse_kind(std::string_view argument, std::string_view word) {
    if (word == "internal")
        return LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    if (word == "external")
        return LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    if (word == "none")
        return LIBXL_DISK_SNAPSHOT_KIND_NONE;
    refuse_choice(argument, "'" + std::string(word) + "' is no kind of disk snapshot");
}

void set_once(std::string_view argument, std::string &field, const std::string &value) {
    if (value.empty())
        refuse_choice(argument, "a value is missing");
    if (!field.empty())
        refuse_choice(argument, "something is said twice");
    field = value;
}

void read_property(std::string_view argument, DiskChoice &choice, const std::string &part) {
    if (part.starts_with("path="))
        set_once(argument, choice.path, part.substr(5));
    else if (part.starts_with("format="))
        set_once(argument, choice.format, part.substr(7));
    else
        refuse_choice(argument, "'" + part + "' is unknown");
}

void check_overlay(std::string_view argument, DiskChoice &choice) {
    if (choice.path.empty() && choice.format.empty())
        return;
    if (choice.kind == LIBXL_DISK_SNAPSHOT_KIND_DEFAULT)
        choice.kind = LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    if (choice.kind != LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL)
        refuse_choice(argument, "only an external disk snapshot has a path or a format");
    if (!choice.path.empty() && choice.path.front() != '/')
        refuse_choice(argument, "the path is not absolute");
}

} // namespace

DiskChoice parse_disk_choice(std::string_view argument) {
    const std::vector<std::string> parts = split_at_commas(argument);
    const std::string &first = parts.front();
    const std::size_t equals = first.find('=');
    DiskChoice choice;
    choice.vdev = first.substr(0, equals);
    if (choice.vdev.empty())
        refuse_choice(argument, "no disk is named");
    if (equals != std::string::npos)
        choice.kind = parse_kind(argument, first.substr(equals + 1));
    for (std::size_t i = 1; i < parts.size(); ++i)
        read_property(argument, choice, parts[i]);
    check_overlay(argument, choice);
    return choice;
}

} // namespace xlsnap::cli
