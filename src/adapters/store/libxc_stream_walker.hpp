// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/store/libxc_records.hpp"
#include "adapters/store/stream_reader.hpp"

namespace xlsnap {

// Walks the stream in which libxc keeps a guest's memory and virtual CPUs, from its image header to
// its END record; the reader stands behind that afterwards. Everything that is needed to restore
// the guest must be there. Page contents are skipped, not read.
Result<LibxcGuest> walk_libxc_stream(StreamReader &reader);

} // namespace xlsnap
