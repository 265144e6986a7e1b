// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/config_file.hpp"

#include <algorithm>
#include <functional>

#include "cli/config_keys.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_file.hpp"

namespace xlsnap::cli {

namespace {

using fuzz::expect;

// Whether it came to its end; if not, why is told.
bool succeeds(const std::function<void()> &read, std::size_t input_bytes) {
    try {
        read();
        return true;
    } catch (const std::runtime_error &error) {
        fuzz::refused(error.what(), input_bytes);
        return false;
    }
}

void expect_kept(const std::string &text) {
    const ConfigFile file("F", "a=" + in_quotes(text) + "\nb=[ " + in_quotes(text) + " ]\n");
    expect(file.text("a") == text, "a text is read as it was written");
    expect(file.list("b") == std::vector<std::string>{text}, "a list is read as it was written");
}

void read_key(const ConfigFile &file, const std::string &key, std::size_t input_bytes) {
    const bool is_text = succeeds(
        [&] {
            const std::string text = file.text(key).value();
            expect(text.size() <= input_bytes, "a value is a part of the text");
            expect_kept(text);
            if (succeeds([&] { static_cast<void>(file.word(key, {"0", "1"})); }, input_bytes))
                expect(text == "0" || text == "1", "a word is one of the words");
        },
        input_bytes);
    const bool is_list = succeeds(
        [&] {
            const std::vector<std::string> texts = file.list(key).value();
            std::ranges::for_each(texts, expect_kept);
        },
        input_bytes);
    expect(!is_text || !is_list, "a value is a text or a list");
}

void read(const std::string &text) {
    const ConfigFile file("F", text);
    expect(!file.text("no such key") && !file.list("no such key"),
           "a key is none that is not said");
    std::vector<std::string> keys;
    for (const KeyPlace &place : keys_of("F", text))
        keys.push_back(place.key);
    expect(succeeds([&] { file.allow_only(keys); }, 0), "every key that is said is known");
    expect(succeeds([&] { file.allow_only({}); }, text.size()) == keys.empty(),
           "a key that is not allowed is found");
    for (const std::string &key : keys)
        read_key(file, key, text.size());
}

// What is no file is refused.
bool refuses_what_is_no_file() {
    const auto reads = [](const char *path) {
        return succeeds([path] { static_cast<void>(read_text_file(path)); }, 0);
    };
    return !reads("/") && !reads("/proc/self/nothing");
}

} // namespace

} // namespace xlsnap::cli

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace xlsnap::cli;
    static const bool refuses_others = refuses_what_is_no_file();
    expect(refuses_others, "what is no file is refused");
    const xlsnap::fuzz::InputFile file(xlsnap::fuzz::text_of(data, size));
    succeeds([&] { read(read_text_file(file.path())); }, size);
    return 0;
}
