// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/live_merges.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.hpp"
#include "core/refusals.hpp"

namespace xlsnap {

namespace {

using Nodes = std::vector<const BlockNode *>;

// From the node that the guest writes through downwards, as far as QEMU's list leaves no doubt.
// Of twins each has its own nodes below: any of these is on the right image.
Nodes clear_chain(const DiskNodes &disk, const std::vector<BlockNode> &nodes) {
    const auto same = static_cast<std::ptrdiff_t>(1 + disk.others.size());
    Nodes chain;
    const BlockNode *node = find_node(nodes, disk.live);
    while (node != nullptr && chain.size() < nodes.size()) {
        chain.push_back(node);
        const std::string &wanted = node->backing_path;
        const bool is_clear =
            !wanted.empty() && std::ranges::count(nodes, wanted, &BlockNode::path) == same;
        node = is_clear ? &*std::ranges::find(nodes, wanted, &BlockNode::path) : nullptr;
    }
    return chain;
}

// The place of `upper` in the chain where `lower` comes next; the chain's size when there is none.
std::size_t place_of(const Nodes &chain, const ImagePair &images) {
    for (std::size_t i = 0; i + 1 < chain.size(); ++i)
        if (chain[i]->path == images.upper && chain[i + 1]->path == images.lower)
            return i;
    return chain.size();
}

ChainJob commit_job(const Disk &disk, const Nodes &chain, std::size_t upper) {
    ChainJob job;
    job.id = make_job_id(disk.vdev);
    job.kind = ChainJob::Kind::Commit;
    job.active = chain.front()->name;
    job.top = chain[upper]->name;
    job.base = chain[upper + 1]->name;
    job.base_path = chain[upper + 1]->path;
    job.leaving = {chain[upper]->name};
    return job;
}

Result<ChainJob> stream_job(const Disk &disk, const Nodes &chain, std::size_t upper) {
    const BlockNode &lower = *chain[upper + 1];
    ChainJob job;
    job.id = make_job_id(disk.vdev);
    job.kind = ChainJob::Kind::Stream;
    job.top = chain[upper]->name;
    job.leaving = {lower.name};
    if (lower.backing_path.empty())
        return job;
    if (upper + 2 >= chain.size())
        return fail(ErrorCode::NotReady,
                    fmt::format("QEMU does not show which of its nodes on {} is below {}; when one "
                                "disk alone uses it, it can be told",
                                lower.backing_path, lower.path));
    job.base = chain[upper + 2]->name;
    job.base_path = chain[upper + 2]->path;
    return job;
}

bool is_at_the_guest(const LiveMerge &merge) {
    return merge.job.kind == ChainJob::Kind::Commit && merge.job.top == merge.job.active;
}

} // namespace

// With the state that their front ends have now.
Result<std::vector<Disk>> LiveMerges::disks_of(const Domain &domain) {
    std::vector<Disk> disks;
    for (Disk disk : domain.disks) {
        if (!is_changeable(disk) || disk.backend != DiskBackend::Qdisk)
            continue;
        XLSNAP_ASSIGN(disk.frontend_connected,
                      ports_.toolstack.frontend_connected(domain.domid, disk.vdev));
        disks.push_back(std::move(disk));
    }
    return disks;
}

Result<std::optional<LiveMerge>> LiveMerges::find(const Domain &domain, const ImagePair &images,
                                                  ChainJob::Kind kind) {
    XLSNAP_TRY(jobs_.clear(domain));
    XLSNAP_ASSIGN(const std::vector<Disk> disks, disks_of(domain));
    XLSNAP_ASSIGN(const std::unique_ptr<LiveDisksSession> session,
                  ports_.live_disks.open(domain.domid));
    XLSNAP_ASSIGN(const std::vector<BlockNode> nodes, session->nodes());
    for (const Disk &disk : disks) {
        const Result<DiskNodes> found = find_disk_nodes(disk, nodes);
        if (!found)
            continue;
        const Nodes chain = clear_chain(*found, nodes);
        const std::size_t upper = place_of(chain, images);
        if (upper == chain.size())
            continue;
        if (domain.hindrances.restricted_qemu)
            return fail(ErrorCode::NotReady,
                        fmt::format("disk {}: QEMU, restricted by dm_restrict=1, cannot merge {}; "
                                    "when the domain is shut down, that can be done",
                                    disk.vdev, images.upper));
        if (!found->others.empty())
            return fail(ErrorCode::NotReady,
                        fmt::format("disk {}: QEMU has {} open for the emulated disk too, until "
                                    "the guest has unplugged that or is shut down",
                                    disk.vdev, disk.path));
        if (kind == ChainJob::Kind::Commit)
            return LiveMerge{disk, commit_job(disk, chain, upper), images};
        XLSNAP_ASSIGN(ChainJob job, stream_job(disk, chain, upper));
        return LiveMerge{disk, std::move(job), images};
    }
    return std::nullopt;
}

Status LiveMerges::run(const Domain &domain, const LiveMerge &merge,
                       const std::function<Status()> &record) {
    XLSNAP_TRY(jobs_.start(domain, merge.job));
    if (is_at_the_guest(merge))
        return run_at_the_guest(domain, merge, record);
    XLSNAP_TRY(jobs_.await_ready(domain, merge.job));
    return jobs_.finish(domain, merge.job);
}

// What the job has not copied yet, it copies while the guest stands still: usually next to nothing.
// From the moment in which the guest's writes go to the lower image until the configuration names
// that, a domain that is started anew would read a mixture: nothing is written meanwhile.
Status LiveMerges::run_at_the_guest(const Domain &domain, const LiveMerge &merge,
                                    const std::function<Status()> &record) {
    const Result<RunState> state = ports_.toolstack.state(domain.domid);
    const bool runs = state && *state == RunState::Running;
    const Status paused = runs ? ports_.toolstack.pause(domain.domid) : Status();
    Status done = guarded([&]() -> Status {
        if (!state || !paused) {
            jobs_.abandon(domain, merge.job);
            return state ? paused : fail(state.error());
        }
        XLSNAP_TRY(jobs_.await_ready(domain, merge.job));
        Status finished = jobs_.finish(domain, merge.job);
        return finished ? take_lower(domain, merge, record) : std::move(finished);
    });
    if (!runs)
        return done;
    if (!done && done.error().code == ErrorCode::TimedOut)
        return fail(with_context(
            fmt::format("the domain is left paused, since nobody can tell whether its disk {} is "
                        "{} or {}; if QEMU stays silent, destroy it and start it from the latter",
                        merge.disk.vdev, merge.images.lower, merge.images.upper),
            done.error()));
    Status unpaused = unpause(domain);
    return done ? std::move(unpaused) : std::move(done);
}

Status LiveMerges::take_lower(const Domain &domain, const LiveMerge &merge,
                              const std::function<Status()> &record) {
    const Status named =
        name_image(domain, {merge.disk.vdev, merge.images.lower, merge.images.lower_format});
    const Status done = named ? record() : named;
    if (done)
        return {};
    Refusals left;
    if (named)
        left.add(name_image(domain, {merge.disk.vdev, merge.images.upper, DiskFormat::Qcow2}));
    left.add(put_upper_back(domain, merge));
    if (left.status())
        return fail(ErrorCode::Fail, done.error().message);
    return fail(ErrorCode::TimedOut,
                fmt::format("NOT UNDONE: QEMU may write to {} while the configuration or the "
                            "catalog names {} ({}; {})",
                            merge.images.lower, merge.images.upper, done.error().message,
                            left.status().error().message));
}

Status LiveMerges::name_image(const Domain &domain, const DiskChange &image) {
    Status named = ports_.toolstack.change_disks(domain, {image});
    return named ? std::move(named) : ports_.toolstack.change_disks(domain, {image});
}

// Nothing was written since: through the overlay is read what the image below it holds.
Status LiveMerges::put_upper_back(const Domain &domain, const LiveMerge &merge) {
    XLSNAP_ASSIGN(const std::unique_ptr<LiveDisksSession> session,
                  ports_.live_disks.open(domain.domid));
    XLSNAP_ASSIGN(const std::vector<BlockNode> nodes, session->nodes());
    Disk lower = merge.disk;
    lower.path = merge.images.lower;
    lower.format = merge.images.lower_format;
    XLSNAP_ASSIGN(const DiskNodes found, find_disk_nodes(lower, nodes));
    XLSNAP_ASSIGN(const std::vector<NodeOverlay> overlays,
                  name_overlays(lower, found, nodes, merge.images.upper));
    return session->take_snapshots({}, overlays);
}

// A guest that stays paused would be worse than anything said so far: one more try.
Status LiveMerges::unpause(const Domain &domain) {
    Status unpaused = ports_.toolstack.unpause(domain.domid);
    return unpaused ? std::move(unpaused) : ports_.toolstack.unpause(domain.domid);
}

} // namespace xlsnap
