// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace xlsnap {

// SHA-256 in hexadecimal, in small letters as sha256sum prints it. Only digest.cpp talks to
// OpenSSL.
inline constexpr std::size_t kSha256Digits = 64;

[[nodiscard]] Result<std::string> sha256_of(std::string_view bytes);

// Of an open file from its first byte to its last, wherever it is positioned, which stays so.
[[nodiscard]] Result<std::string> sha256_of_file(int fd);

// Whether the text has the shape of such a digest.
[[nodiscard]] bool is_sha256(std::string_view text);

} // namespace xlsnap
