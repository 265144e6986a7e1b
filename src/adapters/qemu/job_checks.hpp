// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <span>

#include "base/result.hpp"
#include "core/block_job.hpp"
#include "core/block_node.hpp"

namespace xlsnap {

// What QEMU's nodes tell of a job on a chain, before it and after it.

[[nodiscard]] bool is_active_commit(const ChainJob &job);

// Invalid when an image that the job changes or takes away holds a tag, when it is not there, or
// when the base is not at the path that is to be recorded.
[[nodiscard]] Status check_job(const ChainJob &job, std::span<const BlockNode> nodes);

// Whether the chain is as a job that QEMU calls a success should have left it.
[[nodiscard]] bool is_changed(const ChainJob &job, std::span<const BlockNode> nodes);

// The same when QEMU does not know any more how the job ended.
[[nodiscard]] bool is_changed_without_doubt(const ChainJob &job, std::span<const BlockNode> nodes);

} // namespace xlsnap
