// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>

#include "core/snapshot_record.hpp"

namespace xlsnap::test {

inline constexpr const char *kSampleUuid = "12345678-9abc-4def-8123-456789abcdef";

// A record id made of a number.
[[nodiscard]] std::string record_id(std::uint64_t number);

// A snapshot of disks alone, with one qcow2 disk that has a tag. Nothing of it is on this machine.
[[nodiscard]] SnapshotRecord sample_record(std::uint64_t number, const std::string &name);

// Every field has a value of its own: memory, disks of each kind, odd texts.
[[nodiscard]] SnapshotRecord full_record();

[[nodiscard]] DomainRecord sample_domain();

} // namespace xlsnap::test
