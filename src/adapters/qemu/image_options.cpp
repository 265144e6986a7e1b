// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/image_options.hpp"

#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

namespace xlsnap {

std::string_view format_driver(DiskFormat format) {
    switch (format) {
    case DiskFormat::Raw:
        return "raw";
    case DiskFormat::Qcow:
        return "qcow";
    case DiskFormat::Qcow2:
        return "qcow2";
    case DiskFormat::Vhd:
        return "vpc";
    case DiskFormat::Qed:
        return "qed";
    case DiskFormat::Unknown:
    case DiskFormat::Empty:
        break;
    }
    return {};
}

std::string escape_commas(const std::string &value) {
    std::string escaped;
    for (const char c : value)
        escaped.append(c == ',' ? 2 : 1, c);
    return escaped;
}

Result<std::string> image_options(const std::string &path, DiskFormat format,
                                  std::string_view prefix) {
    const std::string_view driver = format_driver(format);
    if (driver.empty())
        return fail(ErrorCode::Invalid, fmt::format("{}: an image in the format \"{}\" cannot be "
                                                    "opened",
                                                    path, to_string(format)));
    if (path.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, "a path with a NUL byte");
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return fail(errno_error(errno, path));
    const bool is_block_device = S_ISBLK(status.st_mode);
    if (!is_block_device && !S_ISREG(status.st_mode))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} is neither a file nor a block device", path));
    return fmt::format("{0}driver={1},{0}file.driver={2},{0}file.filename={3}", prefix, driver,
                       is_block_device ? "host_device" : "file", escape_commas(path));
}

} // namespace xlsnap
