// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/job_checks.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace xlsnap {

namespace {

const BlockNode *find_node_on(std::span<const BlockNode> nodes, const std::string &path) {
    const auto found = std::ranges::find(nodes, path, &BlockNode::path);
    return found == nodes.end() ? nullptr : &*found;
}

// The node that stands on `base` in the chain of `active`; nullptr: none does.
const BlockNode *find_heir(std::span<const BlockNode> nodes, const std::string &active,
                           const BlockNode &base) {
    const BlockNode *node = find_node(nodes, active);
    for (std::size_t seen = 0; node != nullptr && seen < nodes.size(); ++seen) {
        if (node->backing_path == base.path)
            return node;
        node = node->backing_path.empty() ? nullptr : find_node_on(nodes, node->backing_path);
    }
    return nullptr;
}

// By the path: another disk may have a node on the same image.
bool is_to_leave(const ChainJob &job, std::span<const BlockNode> nodes, const BlockNode &node) {
    const auto is_on_its_path = [&](const std::string &name) {
        const BlockNode *leaving = find_node(nodes, name);
        return leaving != nullptr && leaving->path == node.path;
    };
    return is_on_its_path(job.top) || std::ranges::any_of(job.leaving, is_on_its_path);
}

Status expect_no_tag(std::span<const BlockNode> nodes, const std::string &name) {
    const BlockNode *node = find_node(nodes, name);
    if (node == nullptr)
        return fail(ErrorCode::Invalid, fmt::format("QEMU has no block node {}", name));
    if (!node->tags.empty())
        return fail(ErrorCode::Invalid,
                    fmt::format("{} holds the tag {}, whose content would be lost; delete the tag, "
                                "or copy it out, first",
                                node->path, node->tags.front().name));
    return {};
}

} // namespace

bool is_active_commit(const ChainJob &job) {
    return job.kind == ChainJob::Kind::Commit && job.top == job.active;
}

Status check_job(const ChainJob &job, std::span<const BlockNode> nodes) {
    XLSNAP_TRY(expect_no_tag(nodes, job.top));
    if (job.kind == ChainJob::Kind::Commit) {
        for (const std::string &name : job.leaving)
            XLSNAP_TRY(expect_no_tag(nodes, name));
    }
    if (job.base.empty())
        return {};
    const BlockNode *base = find_node(nodes, job.base);
    if (base == nullptr || base->path != job.base_path)
        return fail(ErrorCode::Invalid,
                    fmt::format("QEMU's block node {} is not on {}; look at the chain again",
                                job.base, job.base_path));
    return {};
}

bool is_changed(const ChainJob &job, std::span<const BlockNode> nodes) {
    const bool commit = job.kind == ChainJob::Kind::Commit;
    const BlockNode *base = find_node(nodes, job.base);
    if (base == nullptr && (commit || !job.base.empty()))
        return false;
    if (is_active_commit(job))
        return base->writable;
    if (commit) {
        const BlockNode *heir = find_heir(nodes, job.active, *base);
        return heir != nullptr && !is_to_leave(job, nodes, *heir);
    }
    const BlockNode *top = find_node(nodes, job.top);
    return top != nullptr && top->backing_path == (base == nullptr ? std::string() : base->path);
}

// A commit of the active node that fails may leave its base writable, and the node above it in use.
bool is_changed_without_doubt(const ChainJob &job, std::span<const BlockNode> nodes) {
    return is_changed(job, nodes) &&
           !(is_active_commit(job) && find_node(nodes, job.top) != nullptr);
}

} // namespace xlsnap
