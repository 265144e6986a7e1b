// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/store/record_fields.hpp"
#include "base/json.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

[[nodiscard]] Json image_to_json(const DomainImage &image);

// What is wrong with it stands in fields.status().
[[nodiscard]] DomainImage read_image(RecordFields &fields);

} // namespace xlsnap
