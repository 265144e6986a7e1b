// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

class TagUsages;

// Compares records with the data that they tell of. Changes nothing.
class CataloguedCheck {
  public:
    CataloguedCheck(const Ports &ports, Catalog &catalog) : ports_(ports), catalog_(catalog) {}

    // Whether the memory image and the tags are what the record says; everything that is wrong.
    Status verify(const Subject &subject, const std::string &name);

    // What the memory image and the tags of each of these snapshots take of the storage, in one
    // pass over each image. Every one that cannot be measured is named. As many results as names,
    // in their order.
    std::vector<Result<StorageUsage>> usage(const Subject &subject,
                                            const std::vector<std::string> &names);

  private:
    Status check_kept_image(const DiskRecord &disk);
    Status check_below(const DiskRecord &disk, const DomainCatalog &known);
    Result<StorageUsage> usage_of(const SnapshotRecord &record, const TagUsages &tags);

    Ports ports_;
    Catalog &catalog_;
};

} // namespace xlsnap
