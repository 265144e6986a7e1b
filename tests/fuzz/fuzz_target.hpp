// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

// What libFuzzer and the replay call: one of it is linked into each program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace xlsnap::fuzz {

// A property of a reader that does not hold. Nobody catches it but the replay.
class Broken : public std::logic_error {
    using std::logic_error::logic_error;
};

inline void expect(bool holds, const char *property) {
    if (!holds)
        throw Broken(property);
}

[[nodiscard]] inline std::string_view text_of(const std::uint8_t *data, std::size_t size) {
    return {reinterpret_cast<const char *>(data), size};
}

// Takes note of why a reader refuses the input. A message must be one line that does nothing to a
// terminal and is no longer than what one can read of the input makes it.
void refused(std::string_view message, std::size_t input_bytes);

// Where refused() puts messages; nullptr, as libFuzzer leaves it: nowhere.
using Listener = void (*)(std::string_view message);
void listen_to_refusals(Listener listener);

} // namespace xlsnap::fuzz
