// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

enum class XmlUse {
    // A snapshot that is to be made: name, description, memory, disks and compression are read, the
    // rest is ignored, whatever it says.
    Create,
    // One whose data are there: name, state and creationTime are required.
    Redefine,
};

// Reads a <domainsnapshot> and checks by libvirt's rules what can be known without the domain.
// Elements that are not known are ignored, as libvirt does without --validate. Invalid names the
// line and the element.
[[nodiscard]] Result<SnapshotXml> read_snapshot_xml(std::string_view text, XmlUse use);

} // namespace xlsnap
