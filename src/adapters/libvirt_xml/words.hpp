// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string_view>

#include "core/snapshot_xml.hpp"

namespace xlsnap {

// libvirt's words for our values, and ours for libvirt's: nothing when there is no such word.

inline constexpr std::string_view kExtensionNamespace = "urn:xlsnap:domainsnapshot:1";

[[nodiscard]] std::string_view xml_word(DiskSnapshotKind kind);
[[nodiscard]] std::optional<DiskSnapshotKind> disk_kind_of(std::string_view word);

[[nodiscard]] std::string_view xml_word(XmlState state);
[[nodiscard]] std::optional<XmlState> xml_state_of(std::string_view word);

[[nodiscard]] std::optional<XmlMemory> xml_memory_of(std::string_view word);

[[nodiscard]] std::string_view xml_word(MemoryCompression compression);
[[nodiscard]] std::optional<MemoryCompression> compression_of(std::string_view word);

// Of the namespace of ours.
[[nodiscard]] std::string_view xml_word(SnapshotState state);
[[nodiscard]] std::optional<SnapshotState> snapshot_state_of(std::string_view word);

// An image without a format has no word: it is empty.
[[nodiscard]] std::string_view xml_word(DiskFormat format);
[[nodiscard]] std::optional<DiskFormat> disk_format_of(std::string_view word);

// Whether libvirt knows disks by such names: "xvda", "hda1", but not Xen's "d0p1".
[[nodiscard]] bool is_libvirt_target(std::string_view vdev);

} // namespace xlsnap
