// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>

#include "adapters/store/record_fields.hpp"
#include "base/json.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

[[nodiscard]] Json disk_to_json(const DiskRecord &disk);

// What is wrong with it stands in fields.status().
[[nodiscard]] DiskRecord read_disk(RecordFields &fields);

// What the records of disks and of images have alike.
void add_mark(const ImageMark &mark, Json::Object &object);
[[nodiscard]] ImageMark read_mark(RecordFields &fields);
[[nodiscard]] std::string_view format_word(DiskFormat format);
[[nodiscard]] DiskFormat read_format(RecordFields &fields, std::string_view key);

} // namespace xlsnap
