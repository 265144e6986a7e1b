// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_tree.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <tuple>

namespace xlsnap {

namespace {

struct Choice {
    bool wanted;
    bool holds;
};

// Those that are wanted are alternatives; when none is, everything passes.
bool passes_group(std::initializer_list<Choice> group) {
    bool any_wanted = false;
    for (const auto &[wanted, holds] : group) {
        if (wanted && holds)
            return true;
        any_wanted = any_wanted || wanted;
    }
    return !any_wanted;
}

} // namespace

SnapshotTree::SnapshotTree(const std::vector<SnapshotRecord> &records)
    : records_(records), by_time_(records.size()), parents_(records.size(), kNone),
      children_(records.size()), place_(records.size()), below_(records.size()),
      depth_(records.size()) {
    std::iota(by_time_.begin(), by_time_.end(), Index{0});
    std::ranges::stable_sort(by_time_,
                             [&](Index one, Index other) { return is_earlier(one, other); });
    find_parents();
    cut_rings();
    for (const Index index : by_time_)
        if (parents_[index] != kNone)
            children_[parents_[index]].push_back(index);
    walk();
}

bool SnapshotTree::is_earlier(Index one, Index other) const {
    const SnapshotRecord &a = records_[one];
    const SnapshotRecord &b = records_[other];
    return std::tie(a.creation_time, a.name) < std::tie(b.creation_time, b.name);
}

void SnapshotTree::find_parents() {
    for (Index index = 0; index < records_.size(); ++index) {
        by_name_.try_emplace(records_[index].name, index);
        if (!records_[index].id.empty())
            by_id_.try_emplace(records_[index].id, index);
    }
    for (Index index = 0; index < records_.size(); ++index) {
        const auto parent = by_id_.find(records_[index].parent_id);
        if (parent != by_id_.end())
            parents_[index] = parent->second;
    }
}

// Follows each record's parents until they end or it has been there; none is visited twice.
void SnapshotTree::cut_rings() {
    std::vector<Index> visited_from(records_.size(), kNone);
    for (Index start = 0; start < records_.size(); ++start) {
        Index index = start;
        while (index != kNone && visited_from[index] == kNone) {
            visited_from[index] = start;
            index = parents_[index];
        }
        if (index != kNone && visited_from[index] == start)
            cut_ring(index);
    }
}

void SnapshotTree::cut_ring(Index member) {
    Index oldest = member;
    for (Index index = parents_[member]; index != member; index = parents_[index])
        if (is_earlier(index, oldest))
            oldest = index;
    parents_[oldest] = kNone;
}

// With a stack of its own: a chain may be as long as there are records.
void SnapshotTree::walk() {
    std::vector<Index> open;
    std::ranges::copy_if(by_time_.rbegin(), by_time_.rend(), std::back_inserter(open),
                         [&](Index index) { return parents_[index] == kNone; });
    while (!open.empty()) {
        const Index index = open.back();
        open.pop_back();
        place_[index] = topological_.size();
        topological_.push_back(index);
        if (parents_[index] != kNone)
            depth_[index] = depth_[parents_[index]] + 1;
        open.insert(open.end(), children_[index].rbegin(), children_[index].rend());
    }
    for (auto index = topological_.rbegin(); index != topological_.rend(); ++index)
        if (parents_[*index] != kNone)
            below_[parents_[*index]] += below_[*index] + 1;
}

const SnapshotRecord *SnapshotTree::find_name(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &records_[found->second];
}

const SnapshotRecord *SnapshotTree::find_id(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &records_[found->second];
}

const SnapshotRecord *SnapshotTree::parent(const SnapshotRecord &record) const {
    const Index parent = parents_[index_of(record)];
    return parent == kNone ? nullptr : &records_[parent];
}

SnapshotList SnapshotTree::children(const SnapshotRecord &record) const {
    return to_list(children_[index_of(record)]);
}

SnapshotList SnapshotTree::descendants(const SnapshotRecord &record) const {
    const auto first =
        topological_.begin() + static_cast<std::ptrdiff_t>(place_[index_of(record)]) + 1;
    return to_list({first, first + static_cast<std::ptrdiff_t>(below_[index_of(record)])});
}

std::size_t SnapshotTree::depth(const SnapshotRecord &record) const {
    return depth_[index_of(record)];
}

SnapshotList SnapshotTree::to_list(const std::vector<Index> &indices) const {
    SnapshotList list;
    list.reserve(indices.size());
    std::ranges::transform(indices, std::back_inserter(list),
                           [&](Index index) { return &records_[index]; });
    return list;
}

bool SnapshotTree::is_below(Index index, Index ancestor) const {
    return place_[index] > place_[ancestor] && place_[index] <= place_[ancestor] + below_[ancestor];
}

bool SnapshotTree::is_in_reach(Index index, const SnapshotFilter &filter,
                               const SnapshotRecord *from) const {
    if (from == nullptr)
        return !filter.roots || parents_[index] == kNone;
    return filter.descendants ? is_below(index, index_of(*from))
                              : parents_[index] == index_of(*from);
}

bool SnapshotTree::passes(Index index, const SnapshotFilter &filter) const {
    const SnapshotRecord &record = records_[index];
    const bool is_leaf = children_[index].empty();
    const bool ran = record.state != SnapshotState::Inactive;
    const bool external = has_external(record);
    return passes_group({{filter.leaves, is_leaf}, {filter.no_leaves, !is_leaf}}) &&
           passes_group({{filter.active, !is_disk_only(record)},
                         {filter.inactive, is_disk_only(record) && !ran},
                         {filter.disk_only, is_disk_only(record) && ran}}) &&
           passes_group({{filter.internal, !external}, {filter.external, external}});
}

SnapshotList SnapshotTree::select(const SnapshotFilter &filter, const SnapshotRecord *from) const {
    SnapshotList selected;
    for (const Index index : filter.topological ? topological_ : by_time_)
        if (is_in_reach(index, filter, from) && passes(index, filter))
            selected.push_back(&records_[index]);
    return selected;
}

} // namespace xlsnap
