// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Compares records with the data that they tell of. Changes nothing.
class CataloguedCheck {
  public:
    CataloguedCheck(const Ports &ports, Catalog &catalog) : ports_(ports), catalog_(catalog) {}

    // Whether the memory image and the tags are what the record says; everything that is wrong.
    Status verify(const Subject &subject, const std::string &name);

    // What the snapshot's memory image and tags take of the storage. Every one that cannot be
    // measured is named.
    Result<StorageUsage> usage(const Subject &subject, const std::string &name);

  private:
    Result<StorageUsage> disk_usage(const DiskRecord &disk);

    Ports ports_;
    Catalog &catalog_;
};

} // namespace xlsnap
