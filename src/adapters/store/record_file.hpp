// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/durable_directory.hpp"
#include "base/result.hpp"

namespace xlsnap {

// Reads whole files of records, one after another into the same memory.
class RecordFileReader {
  public:
    struct File {
        std::string_view text; // until the next read
        std::uint64_t inode = 0;
        std::int64_t written_ns = 0; // nanoseconds since the epoch
    };

    // Nothing when there is none. Invalid for what is no regular file, which is not waited for, and
    // for one larger than any record.
    Result<std::optional<File>> read(const DurableDirectory &directory, const std::string &name);

  private:
    std::string buffer_;
};

// Puts a file with this text there: for a name that must be free, or in the place of what has it.
// A reader, and a crash, finds the old file or the new one. A failure leaves none of a new name,
// and the old one in the other case, or the new one if that alone is lacking that it is on the
// disk.
[[nodiscard]] Status write_new_record(const DurableDirectory &directory, const std::string &name,
                                      std::string_view text);
[[nodiscard]] Status write_record(const DurableDirectory &directory, const std::string &name,
                                  std::string_view text);

} // namespace xlsnap
