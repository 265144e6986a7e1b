// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_catalogs.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/config_disks.hpp"
#include "core/domain_images.hpp"
#include "core/layer_records.hpp"
#include "engine/catalog_records.hpp"
#include "engine/left_disks.hpp"

namespace xlsnap {

namespace {

std::vector<ActiveLayer> layers_of(const Domain &domain) {
    std::vector<ActiveLayer> layers;
    for (const Disk &disk : domain.disks)
        if (is_changeable(disk))
            layers.push_back({disk.vdev, disk.path});
    return layers;
}

} // namespace

CurrentSnapshot current_of(const DomainCatalog &known) {
    CurrentSnapshot current{known.domain, std::nullopt, known.domain_fault};
    const auto record =
        std::ranges::find(known.snapshots, known.domain.current_id, &SnapshotRecord::id);
    if (record != known.snapshots.end())
        current.record = *record;
    return current;
}

template <typename Known>
Result<Opened<Known>> DomainCatalogs::open_with(Result<Known> (Catalog::*read)(const std::string &),
                                                const Subject &subject, bool dry_run) {
    Opened<Known> opened;
    if (!dry_run) {
        XLSNAP_ASSIGN(opened.lock, catalog_.lock(subject.key));
    }
    opened.subject = subject;
    XLSNAP_ASSIGN(opened.subject.domid, finder_.domid_now(subject.key));
    XLSNAP_ASSIGN(opened.known, (catalog_.*read)(subject.key));
    XLSNAP_TRY(check_domain_record(opened.known.domain_fault));
    return opened;
}

Result<OpenedCatalog> DomainCatalogs::open(const Subject &subject, bool dry_run) {
    return open_with(&Catalog::read, subject, dry_run);
}

Result<OpenedCurrent> DomainCatalogs::open_current(const Subject &subject, bool dry_run) {
    return open_with(&Catalog::read_current, subject, dry_run);
}

Result<OpenedCatalog> DomainCatalogs::open(const Subject &subject, const std::string &name,
                                           bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    XLSNAP_TRY(find_record(before, name));
    return open(subject, dry_run);
}

Result<Domain> DomainCatalogs::domain_of(const Subject &subject, const DomainCatalog &known) {
    return domain_of(subject, current_of(known));
}

Result<Domain> DomainCatalogs::domain_of(const Subject &subject, const CurrentSnapshot &known) {
    if (subject.domid)
        return toolstack_.inspect(*subject.domid);
    if (!subject.config_json.empty())
        return configured(subject.config_json, known.domain);
    if (known.record && !known.record->config_json.empty())
        return configured(known.record->config_json, known.domain);
    return fail(ErrorCode::Invalid,
                "the domain does not run and no current snapshot tells its configuration; give "
                "that of its xl.cfg");
}

// An xl.cfg may be older than an external snapshot, and that of a snapshot names what the disks
// were then.
Result<Domain> DomainCatalogs::configured(const std::string &config_json,
                                          const DomainRecord &known) {
    XLSNAP_ASSIGN(Domain domain, toolstack_.read_config(config_json));
    const std::vector<DiskChange> changes = find_left_images(images_, domain, known);
    if (changes.empty())
        return domain;
    XLSNAP_ASSIGN(const std::string present, with_disks(config_json, changes));
    return toolstack_.read_config(present);
}

Status DomainCatalogs::make_current(DomainRecord domain, const SnapshotRecord &record) {
    set_current_snapshot(domain, &record);
    return catalog_.write_domain(domain);
}

Status DomainCatalogs::make_current(DomainRecord domain, const SnapshotRecord &record,
                                    const Domain &now) {
    set_current_snapshot(domain, &record);
    return write(std::move(domain), now);
}

Status DomainCatalogs::write(DomainRecord domain, const Domain &now) {
    domain.name = now.name;
    domain.active_layers = layers_of(now);
    return catalog_.write_domain(domain);
}

Status DomainCatalogs::forget_if_empty(const std::string &key) {
    XLSNAP_ASSIGN(const DomainCatalog left, catalog_.read(key));
    if (!left.snapshots.empty() || !left.broken.empty() || has_images_to_know(left.domain))
        return {};
    // Of a domain that does not run nothing else tells which images its disks have come to.
    if (!left.domain.images.empty()) {
        XLSNAP_ASSIGN(const std::optional<DomainId> running, finder_.domid_now(key));
        if (!running)
            return {};
    }
    return catalog_.forget(key);
}

} // namespace xlsnap
