// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap::test {

// A well-formed libxl stream of a guest whose memory pages hold `memory`
// (docs/specs/libxl-migration-stream.pandoc and libxc-migration-stream.pandoc in xen.git).
[[nodiscard]] std::string make_stream(GuestType type, std::string_view memory);

// Reads such a stream from where `fd` stands and returns its memory; an Error when it is not whole.
[[nodiscard]] Result<std::string> read_stream(int fd);

// Writes all of the text; an Error when the file system refuses.
[[nodiscard]] Status write_text(int fd, std::string_view text);

} // namespace xlsnap::test
