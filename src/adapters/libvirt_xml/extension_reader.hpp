// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>

#include "adapters/libvirt_xml/element.hpp"
#include "base/result.hpp"
#include "core/snapshot_xml.hpp"

namespace xlsnap {

// Our element in <metadata>, see extension_writer.hpp; nothing when there is none.
[[nodiscard]] Result<std::optional<XmlExtension>> read_extension(const XmlElement &metadata);

} // namespace xlsnap
