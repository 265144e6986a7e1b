// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "core/block_job.hpp"

namespace xlsnap {

// The jobs of an array of BlockJobInfo (qapi/block-core.json in qemu.git), with the type of every
// field checked. Invalid also for a state that no job of QEMU 7.2 to 10.0 can be in.
[[nodiscard]] Result<std::vector<BlockJob>> read_jobs(const Json &block_job_infos);

} // namespace xlsnap
