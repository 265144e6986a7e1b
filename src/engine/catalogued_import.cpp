// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/catalogued_import.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/layer_records.hpp"
#include "core/memory_file.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_name.hpp"
#include "core/xml_record.hpp"
#include "core/xml_rules.hpp"
#include "engine/memory_files.hpp"
#include "engine/snapshot_data.hpp"

namespace xlsnap {

// A domain that nobody knows yet is what the XML says of it.
Result<RedefinitionFacts> CataloguedImport::facts_for(const Subject &subject,
                                                      const DomainCatalog &known) {
    RedefinitionFacts facts{{subject.key}, known.domain.name, {}, known.snapshots, {}};
    const Result<Domain> domain = catalogs_.domain_of(subject, known);
    if (!domain && subject.domid)
        return fail(domain.error());
    if (domain) {
        facts.uuids.push_back(domain->uuid);
        facts.name = domain->name;
        facts.disks = domain->disks;
    }
    return facts;
}

// Size and digest that the XML does not say are those of the file; how it is compressed the file
// tells alone.
Status CataloguedImport::check_memory(MemoryRecord &memory) {
    XLSNAP_ASSIGN(MemoryRecord now, memory_as_it_is(ports_.memory_store, memory.path));
    if (!memory.sha256.empty())
        XLSNAP_TRY(check_same(memory, now));
    memory = std::move(now);
    return {};
}

// What the record tells of must be there.
Status CataloguedImport::check_data(SnapshotRecord &record) {
    Refusals refusals;
    if (record.memory)
        refusals.add(check_memory(*record.memory));
    for (const DiskRecord &disk : record.disks)
        if (disk.kind == DiskSnapshotKind::Internal)
            refusals.add(check_tag(ports_.disk_images, disk), fmt::format("disk {}", disk.vdev));
    return refusals.status();
}

Result<SnapshotXml> CataloguedImport::fit_to_domain(const Subject &subject, SnapshotXml xml) {
    XLSNAP_ASSIGN(const DomainCatalog known, catalog_.read(subject.key));
    XLSNAP_ASSIGN(const Domain domain, catalogs_.domain_of(subject, known));
    const bool disk_only = xml.memory == XmlMemory::None;
    XLSNAP_TRY(check_new_snapshot(xml, domain.disks, subject.domid.has_value(), disk_only));
    XLSNAP_ASSIGN(xml.disks, aligned_disks(xml.disks, domain.disks));
    return xml;
}

namespace {

// Two records of the same data would take them from each other when one is deleted.
Status check_own_data(const SnapshotRecord &record, const std::vector<SnapshotRecord> &others) {
    Refusals refusals;
    for (const SnapshotRecord &other : others) {
        if (other.id == record.id)
            continue;
        if (record.memory && other.memory && record.memory->path == other.memory->path)
            refusals.add(
                ErrorCode::Invalid,
                fmt::format("the memory image {} is that of snapshot '{}'; rename that one "
                            "instead",
                            record.memory->path, other.name));
        for (const DiskRecord &disk : record.disks)
            for (const DiskRecord &taken : other.disks)
                if (!disk.tag.empty() && disk.tag == taken.tag && disk.path == taken.path)
                    refusals.add(ErrorCode::Invalid,
                                 fmt::format("the tag {} of disk {} is that of snapshot '{}'; "
                                             "rename that one instead",
                                             disk.tag, disk.vdev, other.name));
    }
    return refusals.status();
}

} // namespace

Result<PlanLines> CataloguedImport::import(const Subject &subject, const SnapshotXml &xml,
                                           bool dry_run) {
    XLSNAP_TRY(check_snapshot_name(xml.name));
    XLSNAP_ASSIGN(const OpenedCatalog opened, catalogs_.open(subject, dry_run));
    Result<PlanLines> imported = import_locked(opened, xml, dry_run);
    if (!imported && !dry_run)
        static_cast<void>(catalogs_.forget_if_empty(subject.key));
    if (imported && !dry_run)
        XLSNAP_TRY(protect(opened.subject)
                       .with_context("the record is written, but not all of its images are kept "
                                     "from being written; import it again"));
    return imported;
}

Status CataloguedImport::protect(const Subject &subject) {
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(subject.key));
    return tidying_.let_go(subject, known);
}

// What the images of a replaced record hold stays: the new one may mean others.
DomainRecord CataloguedImport::domain_with(const OpenedCatalog &opened,
                                           const SnapshotRecord &record,
                                           const SnapshotRecord *replaced) {
    DomainRecord domain = opened.known.domain;
    if (domain.name.empty())
        domain.name = record.domain_name;
    if (replaced != nullptr)
        pin_images(*replaced, domain);
    const Result<Domain> present = catalogs_.domain_of(opened.subject, opened.known);
    list_recorded_images(domain, {record}, present ? *present : Domain{});
    return domain;
}

Result<PlanLines> CataloguedImport::import_locked(const OpenedCatalog &opened,
                                                  const SnapshotXml &xml, bool dry_run) {
    const std::string &key = opened.subject.key;
    XLSNAP_ASSIGN(RedefinitionFacts facts, facts_for(opened.subject, opened.known));
    const SnapshotRecord *replaced = find_snapshot(opened.known.snapshots, xml.name);
    const std::string id = replaced == nullptr ? id_() : replaced->id;
    facts.kept_memory = replaced != nullptr && replaced->memory ? replaced->memory->path
                                                                : catalog_.memory_path(key, id);
    XLSNAP_ASSIGN(SnapshotRecord record, redefined_record(xml, facts));
    record.id = id;
    record.is_protected = record.is_protected || (replaced != nullptr && replaced->is_protected);
    XLSNAP_TRY(check_own_data(record, opened.known.snapshots));
    if (record.memory) {
        XLSNAP_TRY(check_file_path(record.memory->path));
        XLSNAP_TRY(check_unclaimed(catalog_, key, id, record.memory->path));
    }
    XLSNAP_TRY(check_data(record));
    if (dry_run)
        return PlanLines{fmt::format("{} the record of snapshot '{}'",
                                     replaced == nullptr ? "write" : "replace", record.name)};
    const DomainRecord domain = domain_with(opened, record, replaced);
    if (replaced != nullptr) {
        if (domain != opened.known.domain)
            XLSNAP_TRY(catalog_.write_domain(domain));
        XLSNAP_TRY(catalog_.replace(key, record));
        return PlanLines{};
    }
    XLSNAP_TRY(catalog_.add(key, record));
    Status written = catalog_.write_domain(domain);
    if (!written) {
        if (const auto removed = catalog_.remove(key, record.name); !removed)
            written.error().message +=
                fmt::format("; and its record stays: {}", removed.error().message);
        return fail(std::move(written.error()));
    }
    return PlanLines{};
}

} // namespace xlsnap
