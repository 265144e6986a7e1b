// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

#include <fmt/format.h>

#include "support/fake_live_disks_session.hpp"

namespace xlsnap::test {

Status FakeLiveDisks::Session::refuse_other_jobs(const Qemu &qemu, const std::string &id) {
    for (const Job &job : qemu.jobs) {
        if (job.shown.id == id || !is_job_of_ours(job.shown.id))
            return fail(ErrorCode::NotReady, fmt::format("there is a job {}", job.shown.id));
    }
    return {};
}

Result<FakeLiveDisks::Job *> FakeLiveDisks::Session::find_job(Qemu &qemu, const std::string &id) {
    auto found = std::find_if(qemu.jobs.begin(), qemu.jobs.end(),
                              [&](const Job &job) { return job.shown.id == id; });
    if (found == qemu.jobs.end())
        return fail(ErrorCode::QmpGenericError, "no job " + id);
    return &*found;
}

Status FakeLiveDisks::Session::check_new_job(Qemu &qemu, const ChainJob &job) {
    std::vector<std::string> changed{job.top};
    if (job.kind == ChainJob::Kind::Commit)
        changed.insert(changed.end(), job.leaving.begin(), job.leaving.end());
    for (const std::string &name : changed) {
        const Node *node = owner_.find_node(qemu, name);
        if (node == nullptr || !node->table.empty())
            return fail(ErrorCode::Invalid, fmt::format("node {} is gone or has tags", name));
    }
    const Node *base = owner_.find_node(qemu, job.base);
    if (!job.base.empty() && (base == nullptr || base->path != job.base_path))
        return fail(ErrorCode::Invalid, fmt::format("{} is not on {}", job.base, job.base_path));
    return {};
}

Status FakeLiveDisks::Session::start_job(const ChainJob &job) {
    const bool commit = job.kind == ChainJob::Kind::Commit;
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("start_job", fmt::format("{} {}{} {}", job.id, job.top,
                                                                   commit ? ">" : "<", job.base)));
    if ((commit || !job.base.empty()) && !job.base_path.starts_with('/'))
        return fail(ErrorCode::Invalid, "no absolute path: " + job.base_path);
    XLSNAP_TRY(refuse_other_jobs(*qemu, job.id));
    if (!qemu->running)
        owner_.set_active(*qemu, true);
    XLSNAP_TRY(check_new_job(*qemu, job));
    XLSNAP_TRY(owner_.expect_changeable(*qemu, job));
    if (!owner_.is_above(*qemu, job.top, job.base))
        return fail(ErrorCode::QmpGenericError,
                    fmt::format("node {} is not below {}", job.base, job.top));
    Job started{{job.id, commit ? "commit" : "stream"}, job};
    if (!owner_.job_error.empty()) {
        started.shown.state = JobState::Concluded;
        started.shown.error = owner_.job_error;
    } else if (!owner_.jobs_stall) {
        started.shown.state = JobState::Ready;
    }
    qemu->jobs.push_back(std::move(started));
    return {};
}

Result<std::vector<BlockJob>> FakeLiveDisks::Session::jobs() {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("jobs"));
    std::vector<BlockJob> shown;
    for (Job &job : qemu->jobs) {
        if (owner_.on_look)
            owner_.on_look(job.shown);
        shown.push_back(job.shown);
    }
    return shown;
}

Status FakeLiveDisks::Session::complete_job(const ChainJob &wanted) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("complete_job", wanted.id));
    XLSNAP_ASSIGN(Job * job, find_job(*qemu, wanted.id));
    if (job->shown.state != JobState::Ready)
        return fail(ErrorCode::QmpGenericError, fmt::format("job {} is not ready", wanted.id));
    job->shown.state = JobState::Concluded;
    owner_.change_chain(*qemu, job->what);
    return {};
}

Status FakeLiveDisks::Session::cancel_job(const std::string &id) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("cancel_job", id));
    XLSNAP_ASSIGN(Job * job, find_job(*qemu, id));
    if (job->shown.state == JobState::Concluded)
        return fail(ErrorCode::QmpGenericError, fmt::format("job {} has concluded", id));
    job->shown.state = JobState::Concluded;
    job->shown.error = "Operation canceled";
    return {};
}

Status FakeLiveDisks::Session::conclude_job(const ChainJob &job) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("conclude_job", job.id));
    const Result<Job *> found = find_job(*qemu, job.id);
    if (!found && owner_.is_chain_changed(*qemu, job))
        return {};
    if (!found)
        return fail(ErrorCode::NotFound, found.error().message);
    const BlockJob shown = (*found)->shown;
    if (shown.state != JobState::Concluded)
        return fail(ErrorCode::NotReady, fmt::format("job {} has not ended", job.id));
    std::erase_if(qemu->jobs, [&](const Job &listed) { return listed.shown.id == job.id; });
    return shown.error.empty() ? Status() : fail(ErrorCode::Fail, shown.error);
}

Result<std::vector<std::string>>
FakeLiveDisks::Session::close_idle_nodes(const std::vector<std::string> &nodes) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("close_idle_nodes"));
    std::vector<std::string> left = nodes;
    std::erase_if(
        left, [&](const std::string &node) { return owner_.find_node(*qemu, node) == nullptr; });
    return left;
}

// What a job that succeeds does. All nodes that leave the chain are closed at once.
void FakeLiveDisks::change_chain(Qemu &qemu, const ChainJob &job) {
    const bool commit = job.kind == ChainJob::Kind::Commit;
    if (commit)
        commit_content(qemu, job);
    std::string leaving = commit ? job.top : find_node(qemu, job.top)->backing;
    Node *heir = commit ? node_above(qemu, job.top) : find_node(qemu, job.top);
    if (heir != nullptr) {
        heir->backing = job.base;
        images_.at(heir->path).backing = job.base_path;
    } else {
        find_node(qemu, job.base)->writable = true;
        tell_use(qemu, job.base_path);
    }
    while (!leaving.empty() && leaving != job.base) {
        const Node *node = find_node(qemu, leaving);
        const std::string next = node->backing;
        close(qemu, node->name);
        leaving = next;
    }
}

// QEMU opens what a job writes to: the image that takes the data, and the one whose backing file
// becomes another.
Status FakeLiveDisks::expect_changeable(Qemu &qemu, const ChainJob &job) {
    const bool commit = job.kind == ChainJob::Kind::Commit;
    const Node *heir = commit ? node_above(qemu, job.top) : find_node(qemu, job.top);
    if (commit)
        XLSNAP_TRY(images_.expect_changeable(job.base_path));
    return heir == nullptr ? Status() : images_.expect_changeable(heir->path);
}

bool FakeLiveDisks::is_chain_changed(Qemu &qemu, const ChainJob &job) {
    const Node *top = find_node(qemu, job.top);
    if (job.kind == ChainJob::Kind::Commit)
        return top == nullptr && find_node(qemu, job.base) != nullptr;
    return top != nullptr && top->backing == job.base;
}

// Who has the base as his backing file and is not in this chain reads something else now.
void FakeLiveDisks::commit_content(Qemu &qemu, const ChainJob &job) {
    const std::string base_path = find_node(qemu, job.base)->path;
    std::vector<std::string> chain;
    for (const Node &node : qemu.nodes) {
        if (is_above(qemu, node.name, job.base))
            chain.push_back(node.path);
    }
    images_.at(base_path).content = images_.read(find_node(qemu, job.top)->path);
    images_.each([&](const std::string &path, FakeImage &image) {
        if (image.backing == base_path && std::ranges::find(chain, path) == chain.end())
            image.corrupt = true;
    });
}

} // namespace xlsnap::test
