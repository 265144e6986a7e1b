// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace xlsnap {

// Integers in a file, at `offset` of `bytes`. The caller has checked that they lie inside.
template <std::unsigned_integral T>
[[nodiscard]] T load_little_endian(std::span<const std::byte> bytes, std::size_t offset) {
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
        value = static_cast<T>(value << 8 | std::to_integer<T>(bytes[offset + i]));
    return value;
}

template <std::unsigned_integral T>
[[nodiscard]] T load_big_endian(std::span<const std::byte> bytes, std::size_t offset) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value << 8 | std::to_integer<T>(bytes[offset + i]));
    return value;
}

template <std::unsigned_integral T> void append_big_endian(std::string &text, T value) {
    for (std::size_t shift = 8 * sizeof(T); shift > 0; shift -= 8)
        text.push_back(static_cast<char>(value >> (shift - 8) & 0xff));
}

inline void append_little_endian(std::string &text, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        text.push_back(static_cast<char>(value >> shift & 0xff));
}

} // namespace xlsnap
