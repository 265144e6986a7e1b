// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_finder.hpp"

#include <algorithm>
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

bool is_key(const std::vector<DomainRecord> &known, const std::string &uuid) {
    return std::ranges::any_of(known, [&](const DomainRecord &one) { return one.uuid == uuid; });
}

std::string name_of(const std::vector<DomainRecord> &known, const std::string &uuid) {
    const auto found =
        std::ranges::find_if(known, [&](const DomainRecord &one) { return one.uuid == uuid; });
    return found == known.end() ? std::string() : found->name;
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
    if (!is_key(known, running.uuid) &&
        std::ranges::any_of(known, [&](const auto &one) { return one.name == running.name; })) {
        XLSNAP_ASSIGN(domain, toolstack_.inspect(running.domid));
    }
    XLSNAP_ASSIGN(DomainMatch match, match_running(domain, known));
    return FoundDomain{running.domid, running.name, std::move(match)};
}

// The domain may run all the same, under another name.
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
    XLSNAP_ASSIGN(const std::optional<KnownDomain> now, running(match->uuid));
    if (now)
        return find_running(*now);
    return FoundDomain{std::nullopt, name_of(known, match->uuid), std::move(*match)};
}

Result<std::optional<KnownDomain>> DomainFinder::running(std::string_view uuid) {
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    for (const KnownDomain &known : domains)
        if (known.uuid == uuid)
            return std::optional(known);
    return std::optional<KnownDomain>();
}

Result<std::optional<DomainId>> DomainFinder::domid_of(const DomainRecord &record,
                                                       const std::vector<KnownDomain> &domains) {
    for (const KnownDomain &running : domains)
        if (running.uuid == record.uuid)
            return std::optional(running.domid);
    for (const KnownDomain &running : domains) {
        if (running.name != record.name)
            continue;
        XLSNAP_ASSIGN(const FoundDomain found, find_running(running));
        if (found.match.uuid == record.uuid)
            return std::optional(running.domid);
    }
    return std::optional<DomainId>();
}

Result<std::vector<FoundDomain>> DomainFinder::known() {
    XLSNAP_ASSIGN(std::vector<DomainRecord> records, catalog_.domains());
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    std::ranges::sort(records, {}, &DomainRecord::name);
    std::vector<FoundDomain> found;
    for (const DomainRecord &record : records) {
        XLSNAP_ASSIGN(const std::optional<DomainId> domid, domid_of(record, domains));
        found.push_back({domid, record.name, {DomainMatch::Found::Uuid, record.uuid, {}}});
    }
    return found;
}

Result<FoundDomain> DomainFinder::resolve(const DomainReference &reference) {
    if (reference.domid) {
        XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
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
    XLSNAP_ASSIGN(const std::vector<KnownDomain> domains, toolstack_.list());
    for (const KnownDomain &known : domains)
        if (known.name == domain.name || known.uuid == domain.uuid)
            return find_running(known);
    XLSNAP_ASSIGN(const std::vector<DomainRecord> known, catalog_.domains());
    XLSNAP_ASSIGN(DomainMatch match, match_running(domain, known));
    return FoundDomain{std::nullopt, domain.name, std::move(match)};
}

} // namespace xlsnap
