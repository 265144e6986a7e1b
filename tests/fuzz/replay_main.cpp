// SPDX-License-Identifier: LGPL-2.1-only
//
// replay FILE|DIRECTORY...: gives each file to the fuzz target that is linked in, as libFuzzer
// would, and prints its name and what the reader refused. Ends with 1 when a property did not hold.
// Of a file NAME.times-N the content counts N times: what only a large input shows is a small file.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const std::vector<fs::path> &arguments) {
    std::vector<fs::path> files;
    for (const fs::path &argument : arguments) {
        if (fs::is_directory(argument))
            std::ranges::copy(fs::directory_iterator(argument), std::back_inserter(files));
        else
            files.push_back(argument);
    }
    std::ranges::sort(files);
    return files;
}

std::size_t times_of(const fs::path &file) {
    constexpr std::string_view mark = ".times-";
    const std::string extension = file.extension();
    std::size_t times = 1;
    if (extension.starts_with(mark))
        std::from_chars(extension.data() + mark.size(), extension.data() + extension.size(), times);
    return times;
}

std::string content_of(const fs::path &file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw std::runtime_error("cannot be read");
    const std::string once{std::istreambuf_iterator<char>(stream), {}};
    const std::size_t size = once.size() * times_of(file);
    std::string content = once;
    content.reserve(size);
    while (content.size() < size)
        content.append(content, 0, size - content.size());
    return content;
}

bool replay(const fs::path &file) {
    // A reader that ends the process must not take with it which file it was.
    static_cast<void>(std::printf("%s\n", file.filename().c_str()));
    static_cast<void>(std::fflush(stdout));
    try {
        const std::string content = content_of(file);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(content.data()),
                               content.size());
        return true;
    } catch (const std::exception &error) {
        static_cast<void>(std::printf("BROKEN %s: %s\n", file.c_str(), error.what()));
        return false;
    }
}

} // namespace

} // namespace xlsnap::fuzz

int main(int argc, char **argv) {
    using namespace xlsnap::fuzz;
    listen_to_refusals([](std::string_view message) {
        static_cast<void>(
            std::printf("  %.*s\n", static_cast<int>(message.size()), message.data()));
    });
    const std::vector<fs::path> files = files_of({argv + 1, argv + argc});
    const auto broken = std::ranges::count_if(files, [](const fs::path &f) { return !replay(f); });
    if (files.empty())
        static_cast<void>(std::printf("there is no file to replay\n"));
    return broken == 0 && !files.empty() ? 0 : 1;
}
