// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

#include <fmt/format.h>

#include "adapters/qemu/job_checks.hpp"
#include "adapters/qemu/job_info.hpp"
#include "adapters/qemu/qmp_session.hpp"
#include "base/foreign_text.hpp"

namespace xlsnap {

namespace {

// A job that QEMU took off its list by itself would take its outcome with it. The commit of the
// active node flushes its target before it ends (mirror_run in block/mirror.c), and would keep the
// guest from writing while it waited to be finalized. Others do not flush: see complete_job().
Json::Object job_arguments(const ChainJob &job) {
    Json::Object arguments{
        {"job-id", job.id}, {"auto-finalize", is_active_commit(job)}, {"auto-dismiss", false}};
    if (!job.base.empty())
        arguments.emplace("base-node", job.base);
    return arguments;
}

// QEMU records the format of the base's node beside `backing-file` (bdrv_drop_intermediate in
// block.c, stream_prepare in block/stream.c), so what is recorded is never probed.
Json::Object commit_arguments(const ChainJob &job) {
    Json::Object arguments = job_arguments(job);
    arguments.emplace("device", job.active);
    arguments.emplace("top-node", job.top);
    if (!is_active_commit(job))
        arguments.emplace("backing-file", job.base_path);
    return arguments;
}

Json::Object stream_arguments(const ChainJob &job) {
    Json::Object arguments = job_arguments(job);
    arguments.emplace("device", job.top);
    if (!job.base.empty())
        arguments.emplace("backing-file", job.base_path);
    return arguments;
}

const BlockJob *find_job(const std::vector<BlockJob> &jobs, const std::string &id) {
    const auto found = std::ranges::find(jobs, id, &BlockJob::id);
    return found == jobs.end() ? nullptr : &*found;
}

} // namespace

Status QmpSession::start_job(const ChainJob &job) {
    const bool commit = job.kind == ChainJob::Kind::Commit;
    if ((commit || !job.base.empty()) && !job.base_path.starts_with('/'))
        return fail(ErrorCode::Invalid,
                    fmt::format("{}: '{}' is no absolute path for a backing file", subject_,
                                job.base_path));
    XLSNAP_TRY(refuse_other_jobs(job.id));
    // A job on an inactive node would abort QEMU, or fail with a misleading text.
    XLSNAP_TRY(make_sure_nodes_are_active());
    // Afterwards, since inactive nodes may show tables that are old.
    XLSNAP_ASSIGN(const std::vector<BlockNode> now, nodes());
    Status checked = check_job(job, now);
    if (!checked)
        return fail(explain(std::move(checked.error())));
    return commit ? change("block-commit", commit_arguments(job))
                  : change("block-stream", stream_arguments(job));
}

Result<std::vector<BlockJob>> QmpSession::jobs() {
    XLSNAP_ASSIGN(const Json reply, query("query-block-jobs"));
    Result<std::vector<BlockJob>> jobs = read_jobs(reply);
    if (!jobs)
        return fail(contradiction(jobs.error().message));
    return jobs;
}

Status QmpSession::complete_job(const ChainJob &job) {
    if (is_active_commit(job))
        return change("job-complete", {{"id", job.id}});
    XLSNAP_TRY(flush(job.kind == ChainJob::Kind::Commit ? job.base : job.top));
    return change("job-finalize", {{"id", job.id}});
}

Status QmpSession::cancel_job(const std::string &id) {
    return change("job-cancel", {{"id", id}});
}

Status QmpSession::conclude_job(const ChainJob &job) {
    XLSNAP_ASSIGN(const std::vector<BlockJob> now, jobs());
    const BlockJob *found = find_job(now, job.id);
    if (found == nullptr)
        return conclude_unlisted_job(job);
    if (found->state != JobState::Concluded)
        return fail(ErrorCode::NotReady,
                    fmt::format("{}: the block job {} has not ended yet", subject_, job.id));
    XLSNAP_TRY(change("job-dismiss", {{"id", job.id}}));
    if (!found->error.empty())
        return fail(ErrorCode::Fail,
                    fmt::format("{}: the block job {} did not succeed: QEMU says: {}", subject_,
                                job.id, found->error));
    return make_sure_chain_is_changed(job);
}

// Who concluded the job before may have died before he could tell.
Status QmpSession::conclude_unlisted_job(const ChainJob &job) {
    XLSNAP_ASSIGN(const std::vector<BlockNode> now, nodes_after(job));
    if (is_changed_without_doubt(job, now))
        return {};
    return fail(ErrorCode::NotFound, fmt::format("{}: QEMU has no block job {}; it may have been "
                                                 "started anew meanwhile",
                                                 subject_, job.id));
}

Result<std::vector<std::string>>
QmpSession::close_idle_nodes(const std::vector<std::string> &nodes) {
    if (nodes.empty())
        return std::vector<std::string>();
    for (const std::string &node : nodes) {
        const Status closed = change("blockdev-del", {{"node-name", node}});
        // What QEMU refuses is in use, or not the monitor's to close; or it is gone.
        if (!closed && closed.error().code != ErrorCode::QmpGenericError)
            return fail(closed.error());
    }
    XLSNAP_ASSIGN(const std::vector<BlockNode> now, this->nodes());
    std::vector<std::string> left = nodes;
    std::erase_if(left, [&](const std::string &node) { return find_node(now, node) == nullptr; });
    return left;
}

// QMP has no command that does this alone.
Status QmpSession::flush(const std::string &node) {
    const Result<Json> answer = client_.execute(
        "human-monitor-command", {{"command-line", fmt::format("qemu-io {} flush", node)}},
        deadlines_.change);
    if (!answer)
        return fail(explain(answer.error()));
    const std::string *said = answer->as_string();
    if (said == nullptr || !said->empty())
        return fail(contradiction(fmt::format("QEMU cannot flush {}: {}", node,
                                              quote_foreign(said == nullptr ? "" : *said))));
    return {};
}

// QEMU does not show on which disk a job works; one of ours on another disk is no obstacle.
Status QmpSession::refuse_other_jobs(const std::string &id) {
    XLSNAP_ASSIGN(const std::vector<BlockJob> now, jobs());
    for (const BlockJob &job : now) {
        if (job.id == id || !is_job_of_ours(job.id))
            return fail(
                ErrorCode::NotReady,
                fmt::format("{}: QEMU has a block job {} ({}) already; wait for its end, or "
                            "cancel it, and try again",
                            subject_, quote_foreign(job.id), job.type));
    }
    return {};
}

Status QmpSession::make_sure_chain_is_changed(const ChainJob &job) {
    Result<std::vector<BlockNode>> now = nodes_after(job);
    if (!now)
        return fail(after_a_change(std::move(now.error())));
    if (is_changed(job, *now))
        return {};
    return fail(contradiction(fmt::format("QEMU says that the block job {} succeeded, but the "
                                          "chain that it lists denies it",
                                          job.id)));
}

// What cannot be closed does no harm: the chain tells whether the job did what it should.
Result<std::vector<BlockNode>> QmpSession::nodes_after(const ChainJob &job) {
    static_cast<void>(close_idle_nodes(job.leaving));
    return nodes();
}

} // namespace xlsnap
