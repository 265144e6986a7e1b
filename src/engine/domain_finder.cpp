// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_finder.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// As xl reads its arguments, a number is a domid; then the name counts, then the uuid.
const KnownDomain *choose(const std::vector<KnownDomain> &domains, std::string_view who) {
    const auto by_domid = [&](const KnownDomain &known) {
        return std::to_string(known.domid) == who;
    };
    const auto by_name = [&](const KnownDomain &known) { return known.name == who; };
    const auto by_uuid = [&](const KnownDomain &known) { return known.uuid == who; };
    auto found = std::ranges::find_if(domains, by_domid);
    if (found == domains.end())
        found = std::ranges::find_if(domains, by_name);
    if (found == domains.end())
        found = std::ranges::find_if(domains, by_uuid);
    return found == domains.end() ? nullptr : &*found;
}

constexpr const char *kNoUuid = "00000000-0000-0000-0000-000000000000";

const DomainRecord *find_key(const std::vector<DomainRecord> &known, std::string_view key) {
    const auto found = std::ranges::find(known, key, &DomainRecord::uuid);
    return found == known.end() ? nullptr : &*found;
}

std::set<std::string> changeable_images(const Domain &domain) {
    std::set<std::string> images;
    for (const Disk &disk : domain.disks)
        if (is_changeable(disk))
            images.insert(disk.path);
    return images;
}

} // namespace

Result<FoundDomain> DomainFinder::find(std::string_view who) {
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    const KnownDomain *running = choose(domains, who);
    return running == nullptr ? find_inactive(who) : find_running(*running);
}

// A domain is asked for its disks only when its uuid says nothing: its QEMU may be slow to answer.
Result<FoundDomain> DomainFinder::find_running(const KnownDomain &running) {
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    Domain domain;
    domain.uuid = running.uuid;
    domain.name = running.name;
    if (!known.empty() && find_key(known, running.uuid) == nullptr) {
        XLSNAP_ASSIGN(domain, toolstack_.inspect(running.domid));
    }
    XLSNAP_ASSIGN(DomainMatch match, match_running(domain, known));
    return FoundDomain{running.domid, running.name, std::move(match)};
}

// The domain may run all the same, under another name or uuid.
Result<FoundDomain> DomainFinder::find_inactive(std::string_view who) {
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    Result<DomainMatch> match = match_known(who, known);
    if (!match && match.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::DomainNotFound,
                    fmt::format("no domain '{}' runs, and none of that name has snapshots; xl list "
                                "and xlsnap list show those there are",
                                who));
    if (!match)
        return fail(std::move(match.error()));
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    const DomainRecord &record = *find_key(known, match->uuid);
    XLSNAP_ASSIGN(const std::optional<KnownDomain> now, running(record, domains));
    if (now)
        return find_running(*now);
    return FoundDomain{std::nullopt, record.name, std::move(*match)};
}

// A domain that was started without a uuid of its own has another one now.
Result<std::optional<KnownDomain>> DomainFinder::running(const DomainRecord &record,
                                                         const std::vector<KnownDomain> &domains) {
    for (const KnownDomain &known : domains)
        if (known.uuid == record.uuid)
            return std::optional(known);
    for (const KnownDomain &known : domains) {
        if (known.name != record.name)
            continue;
        XLSNAP_ASSIGN(const FoundDomain found, find_running(known));
        if (found.match.uuid == record.uuid)
            return std::optional(known);
    }
    return std::optional<KnownDomain>();
}

Result<std::optional<DomainId>> DomainFinder::domid_now(const std::string &key) {
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    DomainRecord record;
    record.uuid = key;
    if (const DomainRecord *listed = find_key(known, key); listed != nullptr)
        record = *listed;
    XLSNAP_ASSIGN(const std::optional<KnownDomain> now, running(record, domains));
    return now ? std::optional(now->domid) : std::nullopt;
}

Result<std::vector<FoundDomain>> DomainFinder::known() {
    XLSNAP_ASSIGN(std::vector<DomainRecord> records, catalog_.domains());
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    std::ranges::sort(records, {}, &DomainRecord::name);
    std::vector<FoundDomain> found;
    found.reserve(records.size());
    for (const DomainRecord &record : records) {
        FoundDomain one{{}, record.name, {DomainMatch::Found::Uuid, record.uuid, {}}};
        const Result<std::optional<KnownDomain>> now = running(record, domains);
        if (!now)
            one.match.note = now.error().message;
        else if (*now)
            one.domid = (*now)->domid;
        found.push_back(std::move(one));
    }
    return found;
}

// The domain that a configuration is about may run already. One that only has its name may be
// another one: Xen has no two of a name.
Result<std::optional<KnownDomain>> DomainFinder::running(const Domain &configured,
                                                         const std::vector<KnownDomain> &domains) {
    for (const KnownDomain &known : domains)
        if (known.uuid == configured.uuid)
            return std::optional(known);
    for (const KnownDomain &known : domains) {
        if (known.name != configured.name)
            continue;
        XLSNAP_ASSIGN(const Domain domain, toolstack_.inspect(known.domid));
        if (changeable_images(domain) == changeable_images(configured))
            return std::optional(known);
        return fail(ErrorCode::Invalid,
                    fmt::format("a domain named {} runs on other disks than the configuration's; "
                                "name the domain that is meant, or shut that one down",
                                known.name));
    }
    return std::optional<KnownDomain>();
}

Result<FoundDomain> DomainFinder::resolve(const DomainReference &reference) {
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    if (reference.domid) {
        for (const KnownDomain &known : domains)
            if (known.domid == *reference.domid)
                return find_running(known);
        return fail(
            ErrorCode::DomainNotFound,
            fmt::format("there is no domain {}; xl list shows those there are", *reference.domid));
    }
    if (!reference.key.empty()) {
        Result<FoundDomain> found = find(reference.key);
        if (found || reference.config_json.empty())
            return found;
    }
    XLSNAP_ASSIGN(const Domain domain, toolstack_.read_config(reference.config_json));
    if (domain.uuid == kNoUuid)
        return fail(ErrorCode::Invalid,
                    "the configuration names no uuid; give it one (xl create does so itself)");
    XLSNAP_ASSIGN(const std::optional<KnownDomain> now, running(domain, domains));
    if (now)
        return find_running(*now);
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    XLSNAP_ASSIGN(DomainMatch match, match_running(domain, known));
    return FoundDomain{std::nullopt, domain.name, std::move(match)};
}

} // namespace xlsnap
