// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_catalogs.hpp"

#include <utility>
#include <vector>

#include "engine/catalog_records.hpp"

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

Result<OpenedCatalog> DomainCatalogs::open(const Subject &subject, bool dry_run) {
    OpenedCatalog opened;
    if (!dry_run) {
        XLSNAP_ASSIGN(opened.lock, catalog_.lock(subject.key));
    }
    opened.subject = subject;
    XLSNAP_ASSIGN(opened.subject.domid, finder_.domid_now(subject.key));
    XLSNAP_ASSIGN(opened.known, catalog_.read(subject.key));
    XLSNAP_TRY(check_domain_record(opened.known));
    return opened;
}

Result<OpenedCatalog> DomainCatalogs::open(const Subject &subject, const std::string &name,
                                           bool dry_run) {
    XLSNAP_ASSIGN(const DomainCatalog before, catalog_.read(subject.key));
    XLSNAP_TRY(find_record(before, name));
    return open(subject, dry_run);
}

Result<Domain> DomainCatalogs::domain_of(const Subject &subject, const DomainCatalog &known) {
    if (subject.domid)
        return toolstack_.inspect(*subject.domid);
    if (!subject.config_json.empty())
        return toolstack_.read_config(subject.config_json);
    for (const SnapshotRecord &record : known.snapshots)
        if (record.id == known.domain.current_id && !record.config_json.empty())
            return toolstack_.read_config(record.config_json);
    return fail(ErrorCode::Invalid,
                "the domain does not run and no current snapshot tells its configuration; give "
                "that of its xl.cfg");
}

Status DomainCatalogs::make_current(const std::string &key, DomainRecord domain,
                                    const std::string &id, const Domain &now) {
    domain.name = now.name;
    domain.active_layers = layers_of(now);
    return make_current(key, std::move(domain), id);
}

Status DomainCatalogs::make_current(const std::string &key, DomainRecord domain,
                                    const std::string &id) {
    domain.uuid = key;
    domain.current_id = id;
    return catalog_.write_domain(domain);
}

Status DomainCatalogs::forget_if_empty(const std::string &key) {
    XLSNAP_ASSIGN(const DomainCatalog left, catalog_.read(key));
    if (!left.snapshots.empty() || !left.broken.empty())
        return {};
    return catalog_.forget(key);
}

} // namespace xlsnap
