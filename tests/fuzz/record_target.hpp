// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "adapters/store/record_envelope.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

// What a record is read from is refused, or written and read back equal.
template <typename Decode, typename Encode>
void read_and_write(std::string_view text, Decode decode, Encode encode) {
    const auto record = decode(text);
    if (!record) {
        refused(record.error().message, text.size());
        return;
    }
    const Result<std::string> written = encode(*record);
    expect(written.has_value(), "what was read can be written");
    expect(written->size() <= kMaxRecordBytes, "what is written can be read");
    const auto again = decode(*written);
    expect(again.has_value() && *again == *record, "what is read again is the same");
}

// Nobody guesses a checksum: the input is a file and, besides, what is sealed in one of the kind.
template <typename Decode, typename Encode>
void read_record(const char *kind, std::string_view input, Decode decode, Encode encode) {
    read_and_write(input, decode, encode);
    const Result<std::string> sealed = seal_record(kind, input);
    if (sealed)
        read_and_write(*sealed, decode, encode);
    else
        refused(sealed.error().message, 0);
}

} // namespace xlsnap::fuzz
