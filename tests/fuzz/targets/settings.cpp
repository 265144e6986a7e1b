// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/settings.hpp"

#include "cli/config_file.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_file.hpp"

namespace xlsnap::cli {

namespace {

using fuzz::expect;

std::optional<Settings> accepted(const std::optional<std::string> &path, std::size_t bytes) {
    try {
        return read_settings(path);
    } catch (const std::runtime_error &error) {
        fuzz::refused(error.what(), bytes);
        return std::nullopt;
    }
}

std::string text_of(const Settings &settings) {
    std::string text = settings.monitor ? "monitor=1\n" : "monitor=0\n";
    if (!settings.directory.empty())
        text += "directory=" + in_quotes(settings.directory) + "\n";
    if (!settings.overlay_directory.empty())
        text += "overlay_directory=" + in_quotes(settings.overlay_directory) + "\n";
    if (settings.default_kind == Settings::Kind::Internal)
        text += "default_kind='internal'\n";
    if (settings.default_kind == Settings::Kind::External)
        text += "default_kind='external'\n";
    return text;
}

void expect_kept(const Settings &settings) {
    expect(settings.directory.empty() || settings.directory.starts_with('/'),
           "the directory is an absolute path");
    expect(settings.overlay_directory.empty() || settings.overlay_directory.starts_with('/'),
           "the overlays' directory is an absolute path, or none");
    const Settings again = parse_settings("F", text_of(settings));
    expect(again.directory == settings.directory &&
               again.overlay_directory == settings.overlay_directory &&
               again.default_kind == settings.default_kind && again.monitor == settings.monitor,
           "what is read again is the same");
}

} // namespace

} // namespace xlsnap::cli

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const auto of_this_machine = xlsnap::cli::accepted(std::nullopt, 1 << 20);
    if (of_this_machine)
        xlsnap::cli::expect_kept(*of_this_machine);
    const xlsnap::fuzz::InputFile file(xlsnap::fuzz::text_of(data, size));
    if (const auto settings = xlsnap::cli::accepted(file.path(), size))
        xlsnap::cli::expect_kept(*settings);
    return 0;
}
