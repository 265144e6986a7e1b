// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/libvirt_xml/writer.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// A disk of the domain: of its configuration, of the record, or, as a rule, of both.
struct DomainDisk {
    std::string vdev;
    const Json *config = nullptr;       // libxl_device_disk
    const DiskRecord *record = nullptr; // without: a drive that is empty

    [[nodiscard]] DiskSnapshotKind kind() const {
        return record == nullptr ? DiskSnapshotKind::None : record->kind;
    }
    [[nodiscard]] std::string path() const;
};

// How libvirt says where an image is: <disk type='file'> has <source file='…'/>.
struct SourceWords {
    std::string_view type;
    const char *attribute;
};
[[nodiscard]] SourceWords source_words(std::string_view path, const ImageMark &mark);

// The record's configuration; empty JSON when that is not known.
[[nodiscard]] Result<Json> config_of(const SnapshotRecord &record);

// Both arguments must outlive the result.
[[nodiscard]] std::vector<DomainDisk> domain_disks(const SnapshotRecord &record,
                                                   const Json &config);

[[nodiscard]] Status check_for_libvirt(const std::vector<DomainDisk> &disks);

// <domain type='xen'>, with what we have to say besides in its <metadata>.
void write_domain(XmlWriter &xml, const SnapshotRecord &record, const Json &config,
                  const std::vector<DomainDisk> &disks);

} // namespace xlsnap
