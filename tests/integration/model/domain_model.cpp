// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/domain_model.hpp"

#include <algorithm>

namespace xlsnap::test {

bool DomainModel::descends_from(const std::string &name, const std::string &ancestor) const {
    for (std::string at = name; !at.empty(); at = snapshots_.at(at).parent)
        if (at == ancestor)
            return true;
    return false;
}

Relation DomainModel::relation(const std::string &name) const {
    if (name == current_)
        return Relation::Self;
    if (current_.empty())
        return Relation::Sibling;
    if (descends_from(current_, name))
        return Relation::Ancestor;
    return descends_from(name, current_) ? Relation::Descendant : Relation::Sibling;
}

bool DomainModel::has_children(const std::string &name) const {
    return std::ranges::any_of(snapshots_,
                               [&](const auto &entry) { return entry.second.parent == name; });
}

std::vector<std::string> DomainModel::subtree(const std::string &name) const {
    std::vector<std::string> names;
    for (const auto &[candidate, snapshot] : snapshots_)
        if (descends_from(candidate, name))
            names.push_back(candidate);
    return names;
}

void DomainModel::create(const std::string &name, const std::vector<std::string> &vdevs,
                         bool with_memory) {
    ModelSnapshot snapshot{current_, {}, std::nullopt};
    for (const std::string &vdev : vdevs)
        snapshot.disks.emplace(vdev, present.at(vdev));
    if (with_memory)
        snapshot.memory = memory;
    snapshots_.emplace(name, std::move(snapshot));
    current_ = name;
}

void DomainModel::revert(const std::string &name) {
    const ModelSnapshot &snapshot = snapshots_.at(name);
    for (const auto &[vdev, content] : snapshot.disks)
        present.at(vdev) = content;
    memory = snapshot.memory.value_or("");
    running = running || snapshot.memory;
    current_ = name;
}

void DomainModel::remove(const std::string &name) {
    const std::string parent = snapshots_.at(name).parent;
    for (auto &[child, snapshot] : snapshots_)
        if (snapshot.parent == name)
            snapshot.parent = parent;
    if (current_ == name)
        current_ = parent;
    snapshots_.erase(name);
}

} // namespace xlsnap::test
