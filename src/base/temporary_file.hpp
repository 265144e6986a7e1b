// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "base/durable_directory.hpp"
#include "base/result.hpp"

namespace xlsnap {

// The name under which the file `name` grows, until it is whole and gets its own:
// ".<name>.<random>.tmp". It says whose it is; a name of nearly NAME_MAX bytes is shortened, at the
// start of a UTF-8 character, to leave room for the rest.
Result<std::string> temporary_name(std::string_view name);

Status write_all(int fd, std::string_view bytes, const std::string &path);

// A file with this content under a temporary name, which is returned; the content has reached the
// disk. A failure leaves no file.
Result<std::string> write_temporary(const DurableDirectory &directory, const std::string &name,
                                    std::string_view content);

} // namespace xlsnap
