// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/settings.hpp"

#include <unistd.h>

#include <cerrno>

#include "cli/config_file.hpp"

namespace xlsnap::cli {

namespace {

constexpr const char *kDirectory = "directory";
constexpr const char *kOverlayDirectory = "overlay_directory";
constexpr const char *kDefaultKind = "default_kind";
constexpr const char *kCompression = "compression";
constexpr const char *kMonitor = "monitor";

Settings::Kind kind_of(const std::string &word) {
    if (word == "internal")
        return Settings::Kind::Internal;
    if (word == "external")
        return Settings::Kind::External;
    return Settings::Kind::Auto;
}

bool is_missing(const char *path) {
    return ::access(path, F_OK) != 0 && errno == ENOENT;
}

} // namespace

const std::vector<std::string> &setting_keys() {
    static const std::vector<std::string> keys = {kDirectory, kOverlayDirectory, kDefaultKind,
                                                  kCompression, kMonitor};
    return keys;
}

Settings parse_settings(const std::string &name, const std::string &text) {
    const ConfigFile file(name, text);
    file.allow_only(setting_keys());
    Settings settings;
    settings.directory = file.text(kDirectory).value_or("");
    if (file.text(kDirectory) && !settings.directory.starts_with('/'))
        file.refuse(kDirectory, settings.directory, "an absolute path");
    settings.overlay_directory = file.text(kOverlayDirectory).value_or("");
    if (!settings.overlay_directory.empty() && !settings.overlay_directory.starts_with('/'))
        file.refuse(kOverlayDirectory, settings.overlay_directory,
                    "an absolute path, or \"\" for each beside its image");
    settings.default_kind =
        kind_of(file.word(kDefaultKind, {"auto", "internal", "external"}).value_or("auto"));
    settings.compress = file.word(kCompression, {"none", "zstd"}).value_or("none") == "zstd";
    settings.monitor = file.word(kMonitor, {"0", "1"}).value_or("1") == "1";
    return settings;
}

Settings read_settings(const std::optional<std::string> &path) {
    if (!path && is_missing(kSettingsPath))
        return {};
    const std::string name = path.value_or(kSettingsPath);
    return parse_settings(name, read_text_file(name));
}

} // namespace xlsnap::cli
