// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace xlsnap::cli {

inline constexpr const char *kSettingsPath = "/etc/xlsnap/xlsnap.conf";

// What the administrator settled for all domains (xlsnap.conf(5)).
struct Settings {
    enum class Kind { Auto, Internal, External };

    std::string directory;         // of the catalog; empty: where the library has it
    std::string overlay_directory; // empty: each overlay beside its image
    Kind default_kind = Kind::Auto;
    bool compress = false; // the memory images of new snapshots, by zstd
    bool monitor = true;   // whether domains get a process that watches them
};

// The file of --conf, which must be there, or without one kSettingsPath, which need not. No
// variable of the environment names another: it would change unseen where root's snapshots go.
// Throws std::runtime_error for a file that cannot be read, an unknown key and a wrong value.
[[nodiscard]] Settings read_settings(const std::optional<std::string> &path);

// The same from a text; the file's name serves messages.
[[nodiscard]] Settings parse_settings(const std::string &name, const std::string &text);

// Every key that the file may have.
[[nodiscard]] const std::vector<std::string> &setting_keys();

} // namespace xlsnap::cli
