// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/job_info.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/foreign_text.hpp"

namespace xlsnap {

namespace {

struct NamedState {
    std::string_view name;
    JobState state;
};

// JobStatus in qapi/job.json.
constexpr NamedState kJobStates[] = {
    {"created", JobState::Running},     {"running", JobState::Running},
    {"waiting", JobState::Running},     {"pending", JobState::Ready},
    {"aborting", JobState::Running},    {"paused", JobState::Paused},
    {"standby", JobState::Paused},      {"ready", JobState::Ready},
    {"concluded", JobState::Concluded},
};

tl::unexpected<Error> unknown_job() {
    return fail(ErrorCode::Invalid, "QEMU described a block job in an unknown way");
}

Result<std::uint64_t> read_bytes(const Json &info, std::string_view key) {
    const Json *bytes = info.find(key);
    if (bytes == nullptr || bytes->as_integer() == nullptr || *bytes->as_integer() < 0)
        return unknown_job();
    return static_cast<std::uint64_t>(*bytes->as_integer());
}

Result<BlockJob> read_job(const Json &info) {
    const std::string *id = info.find_string("device"); // the id, for historical reasons
    const std::string *type = info.find_string("type");
    const std::string *status = info.find_string("status");
    const Json *error = info.find("error"); // left out when there is none
    if (id == nullptr || type == nullptr || status == nullptr ||
        (error != nullptr && error->as_string() == nullptr))
        return unknown_job();
    const auto *known =
        std::find_if(std::begin(kJobStates), std::end(kJobStates),
                     [&](const NamedState &named) { return named.name == *status; });
    if (known == std::end(kJobStates))
        return unknown_job();
    XLSNAP_ASSIGN(const std::uint64_t done, read_bytes(info, "offset"));
    XLSNAP_ASSIGN(const std::uint64_t total, read_bytes(info, "len"));
    return BlockJob{
        *id,          quote_foreign(*type),
        known->state, std::min(done, total),
        total,        error == nullptr ? std::string() : quote_foreign(*error->as_string())};
}

} // namespace

Result<std::vector<BlockJob>> read_jobs(const Json &block_job_infos) {
    const Json::Array *infos = block_job_infos.as_array();
    if (infos == nullptr)
        return unknown_job();
    std::vector<BlockJob> jobs;
    for (const Json &info : *infos) {
        XLSNAP_ASSIGN(BlockJob job, read_job(info));
        jobs.push_back(std::move(job));
    }
    return jobs;
}

} // namespace xlsnap
