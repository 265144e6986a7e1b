// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/store/record_fields.hpp"
#include "base/json.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

[[nodiscard]] Json disk_to_json(const DiskRecord &disk);

// What is wrong stands in fields.status().
[[nodiscard]] DiskRecord read_disk(RecordFields &fields);

[[nodiscard]] Json image_to_json(const DomainImage &image);
[[nodiscard]] DomainImage read_image(RecordFields &fields);

} // namespace xlsnap
