// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/snapshot_record.hpp"

namespace xlsnap {

// Which snapshots of a domain (LIBXL_SNAPSHOT_LIST_*). Of each group those that are set are
// alternatives; a group of which none is set excludes nothing.
struct SnapshotFilter {
    bool roots = false;       // with `from`: ignored
    bool descendants = false; // with `from`: all below it, not its children alone

    bool leaves = false; // group: without children
    bool no_leaves = false;

    bool active = false;    // group: with memory
    bool inactive = false;  // disks alone, of a domain that did not run
    bool disk_only = false; // disks alone, of one that did

    bool internal = false; // group: no disk is external
    bool external = false; // some disk is

    // No snapshot before its parent, each followed by all that descends from it; siblings by time.
    bool topological = false;
};

using SnapshotList = std::vector<const SnapshotRecord *>;

// The snapshots of one domain by name, id and descent. Records may have been tampered with: one
// whose parent is unknown or itself is a root, and a ring of parents is cut at its oldest member,
// which is a root too. Of two records with one id or name, the first is found by it.
//
// "By time" means: by creation time, then by name.
//
// It points into the records, which must stay as they are while it lives; a record given to it is
// one of them. Building it and each list costs time in proportion to the records (and their
// sorting).
class SnapshotTree {
  public:
    explicit SnapshotTree(const std::vector<SnapshotRecord> &records);
    explicit SnapshotTree(std::vector<SnapshotRecord> &&) = delete;

    // nullptr when there is none.
    [[nodiscard]] const SnapshotRecord *find_name(std::string_view name) const;
    [[nodiscard]] const SnapshotRecord *find_id(std::string_view id) const;

    // nullptr: a root.
    [[nodiscard]] const SnapshotRecord *parent(const SnapshotRecord &record) const;
    [[nodiscard]] SnapshotList children(const SnapshotRecord &record) const; // by time
    // All below it, in topological order.
    [[nodiscard]] SnapshotList descendants(const SnapshotRecord &record) const;
    // How many ancestors it has: 0 for a root.
    [[nodiscard]] std::size_t depth(const SnapshotRecord &record) const;

    // All snapshots, or those below `from` unless that is nullptr; by time, or topological.
    [[nodiscard]] SnapshotList select(const SnapshotFilter &filter,
                                      const SnapshotRecord *from) const;

  private:
    using Index = std::size_t;
    static constexpr Index kNone = std::numeric_limits<Index>::max();

    [[nodiscard]] Index index_of(const SnapshotRecord &record) const {
        return static_cast<Index>(&record - records_.data());
    }
    [[nodiscard]] bool is_earlier(Index one, Index other) const;
    [[nodiscard]] SnapshotList to_list(const std::vector<Index> &indices) const;
    void find_parents();
    void cut_rings();
    void cut_ring(Index member);
    void walk();
    [[nodiscard]] bool is_below(Index index, Index ancestor) const;
    [[nodiscard]] bool is_in_reach(Index index, const SnapshotFilter &filter,
                                   const SnapshotRecord *from) const;
    [[nodiscard]] bool passes(Index index, const SnapshotFilter &filter) const;

    const std::vector<SnapshotRecord> &records_;
    std::unordered_map<std::string_view, Index> by_name_;
    std::unordered_map<std::string_view, Index> by_id_;
    std::vector<Index> by_time_;
    std::vector<Index> parents_;               // kNone: a root
    std::vector<std::vector<Index>> children_; // by time
    // Whatever descends from a snapshot stands behind it without a gap.
    std::vector<Index> topological_;
    std::vector<std::size_t> place_; // in topological_
    std::vector<std::size_t> below_; // how many descend from it
    std::vector<std::size_t> depth_;
};

} // namespace xlsnap
