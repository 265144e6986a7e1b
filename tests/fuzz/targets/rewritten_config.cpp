// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/rewritten_config.hpp"

#include <algorithm>
#include <stdexcept>

#include "fuzz/fuzz_target.hpp"

namespace xlsnap::cli {

namespace {

using fuzz::expect;

// Of each format, and one that not every entry can hold.
const std::vector<DiskImage> kImages = {{"xvda", "/i/a.s1.qcow2", "qcow2"},
                                        {"xvdb", "/i/b'\"\\.raw", "raw"},
                                        {"xvdc", "/i/c,d=e.vhd", "vhd"},
                                        {"xvdd", "/i/d.qed", "qed"}};

auto line_ends(const std::string &text) {
    return std::ranges::count(text, '\n');
}

void rewrite(const std::string &text) {
    const RewrittenConfig config = rewrite_config("F", text, kImages);
    expect(line_ends(config.text) == line_ends(text), "no line comes or goes");
    expect(config.lines.empty() == (config.text == text), "what differs is told");
    for (const RewrittenLine &line : config.lines) {
        expect(text.find(line.before) != std::string::npos, "a line was there before");
        expect(config.text.find(line.after) != std::string::npos, "a line is there after");
    }
    const RewrittenConfig again = rewrite_config("F", config.text, kImages);
    expect(again.text == config.text, "what is right stays");
}

} // namespace

} // namespace xlsnap::cli

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    try {
        xlsnap::cli::rewrite(std::string(xlsnap::fuzz::text_of(data, size)));
    } catch (const std::runtime_error &error) {
        xlsnap::fuzz::refused(error.what(), size);
    }
    return 0;
}
