// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/model/disk_content.hpp"

namespace xlsnap::test {

using DiskContents = std::map<std::string, DiskContent>; // by vdev

struct ModelSnapshot {
    std::string parent;                // its name; empty: a root
    DiskContents disks;                // that take part
    std::optional<std::string> memory; // what the guest remembered
};

// Where a snapshot stands, seen from the current one.
enum class Relation { Self, Ancestor, Descendant, Sibling };

// What a domain and its snapshots must hold: the operations as their contracts tell them, without
// any image.
class DomainModel {
  public:
    explicit DomainModel(DiskContents disks) : present(std::move(disks)) {}

    DiskContents present;
    std::string memory;
    bool running = false;

    [[nodiscard]] const std::map<std::string, ModelSnapshot> &snapshots() const {
        return snapshots_;
    }
    // The name of the current snapshot; empty: none.
    [[nodiscard]] const std::string &current() const { return current_; }

    [[nodiscard]] Relation relation(const std::string &name) const;
    [[nodiscard]] bool has_children(const std::string &name) const;
    [[nodiscard]] std::vector<std::string> subtree(const std::string &name) const;

    void create(const std::string &name, const std::vector<std::string> &vdevs, bool with_memory);
    void revert(const std::string &name);
    void remove(const std::string &name);

  private:
    [[nodiscard]] bool descends_from(const std::string &name, const std::string &ancestor) const;

    std::map<std::string, ModelSnapshot> snapshots_;
    std::string current_;
};

} // namespace xlsnap::test
