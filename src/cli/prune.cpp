// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/prune.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace xlsnap::cli {

namespace {

using Indices = std::vector<std::size_t>;

// By age, the newest first; those that a rule can say something about.
Indices newest_first(std::span<const libxl_domain_snapshot> snapshots) {
    Indices order;
    for (std::size_t i = snapshots.size(); i-- > 0;)
        if (snapshots[i].broken == nullptr)
            order.push_back(i);
    std::ranges::stable_sort(order, std::greater{},
                             [snapshots](std::size_t i) { return snapshots[i].creation_time; });
    return order;
}

bool is_older(const libxl_domain_snapshot &snapshot, std::uint64_t seconds, std::uint64_t now) {
    return snapshot.creation_time < now && now - snapshot.creation_time > seconds;
}

// How many ancestors each has; 0 for those in a circle.
std::vector<std::size_t> depths(std::span<const libxl_domain_snapshot> snapshots) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < snapshots.size(); ++i)
        by_name.emplace(snapshots[i].name, i);
    std::vector<Indices> children(snapshots.size());
    Indices reached; // parents before their children
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
        const char *parent = snapshots[i].parent;
        const auto found = parent == nullptr ? by_name.end() : by_name.find(parent);
        if (found == by_name.end())
            reached.push_back(i);
        else
            children[found->second].push_back(i);
    }
    std::vector<std::size_t> depths(snapshots.size(), 0);
    for (std::size_t next = 0; next < reached.size(); ++next)
        for (const std::size_t child : children[reached[next]]) {
            depths[child] = depths[reached[next]] + 1;
            reached.push_back(child);
        }
    return depths;
}

} // namespace

std::vector<std::string> to_prune(std::span<const libxl_domain_snapshot> snapshots,
                                  const PruneRules &rules, std::uint64_t now) {
    if (!rules.keep && !rules.older_than)
        return {};
    Indices taken;
    std::size_t newer = 0;
    for (const std::size_t i : newest_first(snapshots)) {
        const libxl_domain_snapshot &snapshot = snapshots[i];
        const bool kept = rules.keep && newer++ < *rules.keep;
        const bool young = rules.older_than && !is_older(snapshot, *rules.older_than, now);
        if (!kept && !young && !snapshot.current && !snapshot.is_protected)
            taken.push_back(i);
    }
    const std::vector<std::size_t> depth = depths(snapshots);
    std::ranges::stable_sort(taken, std::greater{}, [&depth](std::size_t i) { return depth[i]; });
    std::vector<std::string> names;
    for (const std::size_t i : taken)
        names.emplace_back(snapshots[i].name);
    return names;
}

} // namespace xlsnap::cli
