// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/snapshot_record_json.hpp"

#include "adapters/store/record_envelope.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

namespace {

void read_and_write(std::string_view text) {
    const Result<SnapshotRecord> record = decode_snapshot(text, "name");
    if (!record) {
        refused(record.error().message, text.size());
        return;
    }
    expect(record->name == "name", "the name is that of the file");
    const Result<std::string> written = encode_snapshot(*record);
    expect(written.has_value(), "what was read can be written");
    expect(written->size() <= kMaxRecordBytes, "what is written can be read");
    const Result<SnapshotRecord> again = decode_snapshot(*written, "name");
    expect(again.has_value() && *again == *record, "what is read again is the same");
}

// Nobody guesses a checksum: the input is a file and, besides, what is sealed in one.
void read(std::string_view input) {
    read_and_write(input);
    const Result<std::string> sealed = seal_record("snapshot", input);
    if (sealed)
        read_and_write(*sealed);
    else
        refused(sealed.error().message, 0);
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::read(xlsnap::fuzz::text_of(data, size));
    return 0;
}
