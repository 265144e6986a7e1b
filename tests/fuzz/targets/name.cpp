// SPDX-License-Identifier: LGPL-2.1-only
#include <climits>

#include "adapters/store/record_file_name.hpp"
#include "base/utf8.hpp"
#include "core/snapshot_name.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

namespace {

void check_name(const std::string &name) {
    const Status status = check_snapshot_name(name);
    if (!status) {
        refused(status.error().message, name.size());
        return;
    }
    expect(name.size() <= kMaxSnapshotNameBytes && is_utf8(name), "a name is short, and UTF-8");
    const std::string file_name = record_file_name(name);
    expect(file_name.size() <= NAME_MAX, "a file name fits the file system");
    expect(file_name.find_first_of(std::string_view("/\0", 2)) == std::string::npos,
           "a file name is no path");
    expect(snapshot_of_file_name(file_name) == name, "a file name tells the name");
    const std::uint64_t number = first_number_for_name(1, name);
    expect(number >= 1 && number <= 1 + kMostNumbersForName, "a number for a name is near");
    expect(std::to_string(number) != name || number == 1, "another name is tried first");
    expect(check_snapshot_name(snapshot_tag(name)).has_value() || name.size() > 90,
           "a tag is a name too");
}

void check_file_name(const std::string &file_name) {
    const auto name = snapshot_of_file_name(file_name);
    if (!name)
        return;
    expect(check_snapshot_name(*name).has_value(), "a file name tells a name that there can be");
    expect(record_file_name(*name) == file_name, "a name has one file name");
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string text(xlsnap::fuzz::text_of(data, size));
    xlsnap::fuzz::check_name(text);
    xlsnap::fuzz::check_file_name(text);
    xlsnap::fuzz::check_file_name("snapshotdata-" + text + ".xl");
    return 0;
}
