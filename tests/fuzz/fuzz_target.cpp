// SPDX-License-Identifier: LGPL-2.1-only
#include "fuzz/fuzz_target.hpp"

#include "base/utf8.hpp"

namespace xlsnap::fuzz {

namespace {

// One byte becomes "\u{10ffff}" at most; the rest is ours.
constexpr std::size_t kBytesForOne = 10;
constexpr std::size_t kBytesOfOurs = 1024;

Listener the_listener = nullptr;

bool has_control(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (is_control(point.value))
            return true;
        text.remove_prefix(point.bytes);
    }
    return false;
}

} // namespace

void refused(std::string_view message, std::size_t input_bytes) {
    expect(!message.empty(), "a refusal says why");
    expect(message.size() <= kBytesOfOurs + kBytesForOne * input_bytes,
           "a refusal is not out of proportion to the input");
    expect(is_utf8(message), "a refusal is UTF-8");
    expect(!has_control(message), "a refusal does nothing to a terminal");
    if (the_listener != nullptr)
        the_listener(message);
}

void listen_to_refusals(Listener listener) {
    the_listener = listener;
}

} // namespace xlsnap::fuzz

// libxlutil's parser forgets what it holds when it meets an error.
extern "C" const char *__lsan_default_suppressions();
extern "C" const char *__lsan_default_suppressions() {
    return "leak:xlu__cfg\n";
}
