// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdio>
#include <span>
#include <string_view>

#include "cli/measured_usage.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::cli {

// Snapshots as one JSON array, a line each, written as they come. The members are the fields of
// libxl_domain_snapshot by their names: texts that are not known are null, enumerations the words
// of the C names in lower case, creation_time is ISO 8601 in UTC, sizes are numbers. `config` is a
// text that is JSON itself. What is no UTF-8 becomes U+FFFD. A usage that is given adds the numbers
// held and freed, null when they are not known. A broken record does not tell whose it is: a domain
// that is given does.
class SnapshotArray {
  public:
    explicit SnapshotArray(std::FILE *out) : out_(out) {}

    void add(const libxl_domain_snapshot &snapshot, const MeasuredUsage *usage = nullptr,
             const libxl_snapshot_domain *domain = nullptr);

    // Ends the array. Throws std::runtime_error when not all was written.
    void finish();

  private:
    std::FILE *out_;
    bool empty_ = true;
};

// The snapshots of one list, and one snapshot alone, which is an object.
void write_json(std::FILE *out, std::span<const libxl_domain_snapshot> snapshots);
void write_json(std::FILE *out, const libxl_domain_snapshot &snapshot,
                const MeasuredUsage *usage = nullptr);

// What a dry run tells: an object whose `plan` is an array of the text's lines.
void write_plan_json(std::FILE *out, std::string_view plan);

} // namespace xlsnap::cli
