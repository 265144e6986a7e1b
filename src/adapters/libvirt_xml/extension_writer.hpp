// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/libvirt_xml/writer.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// One element in a namespace of ours: the whole libxl configuration, and of the record what libvirt
// has no word for. libvirt keeps one element of each namespace.
void write_extension(XmlWriter &xml, const SnapshotRecord &record);

} // namespace xlsnap
