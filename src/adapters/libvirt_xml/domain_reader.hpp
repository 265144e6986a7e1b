// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/libvirt_xml/element.hpp"
#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

// <domain> of a <domainsnapshot> and our extension in its <metadata>, into `xml`. Of the domain
// only what a record needs: the rest of a Xen domain is in the extension's configuration.
[[nodiscard]] Status read_domain(const XmlElement &root, SnapshotXml &xml);

} // namespace xlsnap
