// SPDX-License-Identifier: LGPL-2.1-only
#include "core/block_job.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kJobPrefix = "xlsnap-";

} // namespace

std::string make_job_id(std::string_view vdev) {
    return std::string(kJobPrefix).append(vdev);
}

bool is_job_of_ours(std::string_view id) {
    return id.starts_with(kJobPrefix);
}

} // namespace xlsnap
