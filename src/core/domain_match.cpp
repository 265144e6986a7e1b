// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain_match.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

namespace {

using Entries = std::vector<const DomainRecord *>;
using Found = DomainMatch::Found;

bool equals_uuid(std::string_view text, std::string_view uuid) {
    return std::ranges::equal(text, uuid, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

const DomainRecord *find_uuid(std::string_view uuid, const std::vector<DomainRecord> &known) {
    const auto found = std::ranges::find_if(
        known, [&](const DomainRecord &entry) { return equals_uuid(uuid, entry.uuid); });
    return found == known.end() ? nullptr : &*found;
}

// A record that cannot be read has no name.
Entries named(std::string_view name, const std::vector<DomainRecord> &known) {
    Entries entries;
    for (const DomainRecord &entry : known)
        if (!entry.name.empty() && entry.name == name)
            entries.push_back(&entry);
    return entries;
}

// What keeps the domain's disks from being those of the entry, as the end of a sentence about the
// entry; empty when they are those.
std::string difference(const Domain &domain, const DomainRecord &entry) {
    if (entry.active_layers.empty())
        return "of whose disks nothing is known";
    for (const auto &[vdev, path] : entry.active_layers) {
        const Disk *disk = find_disk(domain, vdev);
        if (disk == nullptr)
            return fmt::format("whose disk {} is {}, while this one has none", vdev, path);
        if (disk->path != path)
            return fmt::format("whose disk {} is {}, not {}", vdev, path, disk->path);
    }
    return {};
}

Result<DomainMatch> only_one(const Entries &fitting, std::string_view name, std::string note) {
    if (fitting.size() == 1)
        return DomainMatch{Found::Name, fitting.front()->uuid, std::move(note)};
    std::vector<std::string_view> uuids;
    std::ranges::transform(fitting, std::back_inserter(uuids), &DomainRecord::uuid);
    return fail(ErrorCode::Invalid,
                fmt::format("there are snapshots of {} domains named {}; name one by its uuid: {}",
                            fitting.size(), name, fmt::join(uuids, ", ")));
}

std::string tell_renamed(const Domain &domain, const DomainRecord &entry) {
    if (entry.name.empty() || entry.name == domain.name)
        return {};
    return fmt::format("domain {} was named {} when its snapshots were last used", domain.name,
                       entry.name);
}

// Under which other name its disks have snapshots.
std::string tell_same_disks(const Domain &domain, const std::vector<DomainRecord> &known) {
    for (const DomainRecord &entry : known)
        if (!entry.name.empty() && difference(domain, entry).empty())
            return fmt::format("its disks are those of domain {} (uuid {}), which has snapshots; "
                               "to use them, give it that name (xl rename) or that uuid (in its "
                               "xl.cfg)",
                               entry.name, entry.uuid);
    return {};
}

} // namespace

Result<DomainMatch> match_running(const Domain &domain, const std::vector<DomainRecord> &known) {
    if (const DomainRecord *entry = find_uuid(domain.uuid, known); entry != nullptr)
        return DomainMatch{Found::Uuid, entry->uuid, tell_renamed(domain, *entry)};
    Entries fitting;
    std::vector<std::string> others;
    for (const DomainRecord *entry : named(domain.name, known)) {
        const std::string different = difference(domain, *entry);
        if (different.empty())
            fitting.push_back(entry);
        else
            others.push_back(fmt::format("there are snapshots of another domain named {} (uuid "
                                         "{}), {}",
                                         entry->name, entry->uuid, different));
    }
    if (!fitting.empty())
        return only_one(fitting, domain.name, {});
    return DomainMatch{Found::None, domain.uuid,
                       others.empty() ? tell_same_disks(domain, known)
                                      : fmt::format("{}", fmt::join(others, "; "))};
}

Result<DomainMatch> match_known(std::string_view who, const std::vector<DomainRecord> &known) {
    if (const DomainRecord *entry = find_uuid(who, known); entry != nullptr)
        return DomainMatch{Found::Uuid, entry->uuid, {}};
    const Entries entries = named(who, known);
    if (entries.empty())
        return fail(
            ErrorCode::NotFound,
            fmt::format("no domain '{}' runs or has snapshots; xlsnap list shows which do", who));
    return only_one(entries, who, {});
}

} // namespace xlsnap
