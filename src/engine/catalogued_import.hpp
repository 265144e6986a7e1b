// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "core/snapshot_xml.hpp"
#include "core/xml_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/layer_tidying.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What libvirt's XML of a snapshot means to the catalog.
class CataloguedImport {
  public:
    CataloguedImport(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalog_(catalog), catalogs_(ports, catalog),
          tidying_(ports, catalog, circumstances.wait), id_(circumstances.id) {}

    // A record of a snapshot whose data are there already, or a new one in its place. The images
    // that it means are kept from being written as after a create; those that the replaced one
    // meant alone are pinned.
    Result<PlanLines> import(const Subject &subject, const SnapshotXml &xml, bool dry_run);

    // XML for a new snapshot, its disks named by vdev; Invalid when the domain can have none such.
    Result<SnapshotXml> fit_to_domain(const Subject &subject, SnapshotXml xml);

  private:
    Result<RedefinitionFacts> facts_for(const Subject &subject, const DomainCatalog &known);
    Status check_memory(MemoryRecord &memory);
    Status check_data(SnapshotRecord &record);
    Result<PlanLines> import_locked(const OpenedCatalog &opened, const SnapshotXml &xml,
                                    bool dry_run);
    DomainRecord domain_with(const OpenedCatalog &opened, const SnapshotRecord &record,
                             const SnapshotRecord *replaced);
    Status protect(const Subject &subject);

    Ports ports_;
    Catalog &catalog_;
    DomainCatalogs catalogs_;
    LayerTidying tidying_;
    std::function<std::string()> id_;
};

} // namespace xlsnap
