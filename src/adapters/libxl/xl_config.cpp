// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xl_config.hpp"

#include <regex.h>

#include <cerrno>
#include <fstream>
#include <optional>

#include "adapters/libxl/xl_parser.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

Result<std::string> read_config_text(const std::string &path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open() && errno == ENOENT)
        return std::string();
    std::string text(kMostBytes + 1, '\0');
    if (file.is_open())
        text.resize(static_cast<std::size_t>(
            file.read(text.data(), static_cast<std::streamsize>(text.size())).gcount()));
    if (!file.is_open() || file.bad())
        return fail(errno_error(errno, "cannot read it"));
    return text;
}

Status check_size(const std::string &text) {
    if (text.size() > kMostBytes)
        return fail(ErrorCode::Invalid, "it is larger than 1 MiB, which no such file is");
    return {};
}

// As xl takes it: a word that it does not know is as good as none (parse_global_config in
// tools/xl/xl.c).
XlConfig::Autoballoon autoballoon_of(const std::optional<std::string> &word) {
    if (word == "on" || word == "1")
        return XlConfig::Autoballoon::On;
    if (word == "off" || word == "0")
        return XlConfig::Autoballoon::Off;
    return XlConfig::Autoballoon::Auto;
}

// The command line of Xen gives dom0 a size, by xl's pattern (auto_autoballoon in tools/xl/xl.c).
bool dom0_has_a_fixed_size(const char *command_line) {
#define XLSNAP_SIZE "-?[0-9]+[bBkKmMgGtT]?"
    constexpr const char *pattern =
        "(^| )dom0_mem=((|min:|max:)(" XLSNAP_SIZE "|(" XLSNAP_SIZE "\\+)?[0-9]{1,2}%),?)+($| )";
#undef XLSNAP_SIZE
    regex_t regex;
    if (::regcomp(&regex, pattern, REG_NOSUB | REG_EXTENDED) != 0)
        return false;
    const bool matches = ::regexec(&regex, command_line, 0, nullptr, 0) == 0;
    ::regfree(&regex);
    return matches;
}

} // namespace

Result<XlConfig> read_xl_config(const std::string &path) {
    XLSNAP_ASSIGN(const std::string text, read_config_text(path).with_context(path));
    XLSNAP_TRY(check_size(text).with_context(path));
    XlParser parser(path);
    XLSNAP_TRY(parser.parse(text));
    return XlConfig{autoballoon_of(parser.text("autoballoon")),
                    parser.text("lockfile").value_or("")};
}

bool dom0_may_shrink(libxl_ctx *ctx, const XlConfig &config) {
    if (config.autoballoon != XlConfig::Autoballoon::Auto)
        return config.autoballoon == XlConfig::Autoballoon::On;
    const libxl_version_info *info = libxl_get_version_info(ctx);
    return info == nullptr || info->commandline == nullptr ||
           !dom0_has_a_fixed_size(info->commandline);
}

} // namespace xlsnap
