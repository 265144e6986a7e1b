// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain_layers.hpp"
#include "core/image_layers.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What the images of a domain stand on now, and who needs them: by the records, the domain's disks,
// and a look at each image. An image that is not there any more is left out; one that cannot be
// read is an error, since nobody knows what it stands on. Who else stands on them is looked for in
// their directories: an image in another one is not found. Without external snapshots no image is
// looked at: none of ours stands on another.
// Where a record is broken, or find_missing_image() finds one, each image that is listed and not
// written to counts as a snapshot's.
[[nodiscard]] Result<ImageLayers> gather_layers(const Ports &ports, const DomainCatalog &known,
                                                const std::vector<NamedImage> &active);

// The first image that a disk or a snapshot needs and that is not there, as when its file system is
// not mounted: nobody knows what it stands on. Nothing: all are there.
[[nodiscard]] std::optional<std::string> find_missing_image(const Ports &ports,
                                                            const DomainCatalog &known,
                                                            const std::vector<NamedImage> &active);

} // namespace xlsnap
