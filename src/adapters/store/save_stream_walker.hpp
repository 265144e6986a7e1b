// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace xlsnap {

// Walks the libxl stream that begins at `position` of the file, record by record, and the libxc
// stream inside it, and wants its END record to be the end of the file. Memory use does not depend
// on the file. Invalid when the stream is not whole: the message says at which byte what is wrong.
// docs/specs/libxl-migration-stream.pandoc in xen.git.
Status walk_save_stream(int fd, std::uint64_t position, std::uint64_t file_size);

} // namespace xlsnap
