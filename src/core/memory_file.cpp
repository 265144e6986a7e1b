// SPDX-License-Identifier: LGPL-2.1-only
#include "core/memory_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

std::string shortest(const std::filesystem::path &path) {
    return path.lexically_normal().string();
}

} // namespace

Status check_file_path(const std::string &path) {
    if (!is_utf8(path) || path.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, "the path of the memory image is no UTF-8; give one that "
                                        "the record can hold");
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid,
                    fmt::format("the path of the memory image, '{}', is not absolute; give one "
                                "that begins with '/'",
                                path));
    if (shortest(path) != path)
        return fail(ErrorCode::Invalid,
                    fmt::format("the path of the memory image, '{}', goes a long way round; write "
                                "'{}'",
                                path, shortest(path)));
    return {};
}

Status check_chosen_file(const std::string &path, const std::string &own) {
    XLSNAP_TRY(check_file_path(path));
    const std::filesystem::path root = std::filesystem::path(own).parent_path().parent_path();
    if (path.starts_with(shortest(root / "")))
        return fail(ErrorCode::Invalid,
                    fmt::format("{} lies in the catalog, which names the files there; choose "
                                "another directory, or leave the path out",
                                path));
    return {};
}

} // namespace xlsnap
