// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

namespace xlsnap {

// How a memory image lies in its file.
enum class MemoryCompression { None, Zstd };

} // namespace xlsnap
