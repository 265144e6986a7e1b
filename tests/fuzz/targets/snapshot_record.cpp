// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/snapshot_record_json.hpp"

#include "fuzz/record_target.hpp"

namespace xlsnap::fuzz {

namespace {

Result<SnapshotRecord> decode_named(std::string_view text) {
    Result<SnapshotRecord> record = decode_snapshot(text, "name");
    expect(!record || record->name == "name", "the name is that of the file");
    return record;
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::read_record("snapshot", xlsnap::fuzz::text_of(data, size),
                              xlsnap::fuzz::decode_named, xlsnap::encode_snapshot);
    return 0;
}
