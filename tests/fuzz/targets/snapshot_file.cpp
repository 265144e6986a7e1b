// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/snapshot_file.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_file.hpp"

namespace xlsnap::cli {

namespace {

using fuzz::expect;

std::optional<SnapshotFile> accepted(std::string_view text) {
    const fuzz::InputFile file(text);
    try {
        return read_snapshot_file(file.path());
    } catch (const std::runtime_error &error) {
        fuzz::refused(error.what(), text.size());
        return std::nullopt;
    }
}

void expect_kept(const SnapshotFile &file, std::size_t input_bytes) {
    expect(!file.disk_only || !file.save, "disks alone have no memory image");
    for (const SnapshotFileDisk &disk : file.disks)
        expect(!disk.vdev.empty(), "a disk has a name");
    const std::string written = to_text(file);
    expect(written.size() <= 1024 + 16 * input_bytes,
           "what is written is not out of proportion to what was read");
    expect(parse_snapshot_file("F", written) == file, "what is read again is the same");
}

} // namespace

} // namespace xlsnap::cli

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (const auto file = xlsnap::cli::accepted(xlsnap::fuzz::text_of(data, size)))
        xlsnap::cli::expect_kept(*file, size);
    return 0;
}
