// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/snapshot_record.hpp"
#include "ports/log.hpp"

namespace xlsnap {

// Copies of records beside the images, in <directory of an image>/.xlsnap/<uuid>/, under the file
// names that they have in the catalog. They are there for the day when the catalog is lost:
// whatever fails here is told to the log alone.
class RecordCopies {
  public:
    explicit RecordCopies(Log &log) : log_(log) {}

    // `text` is what the record's file holds.
    void keep(const std::string &uuid, const SnapshotRecord &record, const std::string &text);

    // Removes the copies with this name of a snapshot from these directories, and what is empty
    // then.
    void drop(const std::string &uuid, const std::string &name,
              const std::vector<std::string> &image_directories);

    // See Catalog::copies().
    std::vector<SnapshotRecord> read(const std::string &uuid,
                                     const std::vector<std::string> &image_directories);

    // See Catalog::copied_domains().
    std::vector<std::string> domains(const std::vector<std::string> &image_directories);

  private:
    Log &log_;
};

} // namespace xlsnap
