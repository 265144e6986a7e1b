// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/domain.hpp"
#include "core/image_chain.hpp"
#include "core/image_layers.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

struct NamedImage {
    std::string path;
    DiskFormat format = DiskFormat::Unknown;

    friend bool operator==(const NamedImage &, const NamedImage &) = default;
};

// What was found of a domain's images on the host.
struct FoundImages {
    std::vector<ChainLayer> layers;    // each once
    std::vector<std::string> in_use;   // paths that some process has open
    std::vector<std::string> stood_on; // paths that images outside of `layers` stand on
};

// The images whose chains tell what the domain's snapshots and its disks stand on: those that its
// disks have, that the records name and that its own record lists, each once.
[[nodiscard]] std::vector<NamedImage> images_of(const std::vector<SnapshotRecord> &records,
                                                const DomainRecord &domain,
                                                const std::vector<NamedImage> &active);

// Of those that were found: what they stand on and who needs them. What else they stand on, such as
// a template, is nobody's here to change: it is left out, and whatever stands on it stays on it.
// Formats of a chain that is read as another one's are those of the chain.
[[nodiscard]] ImageLayers domain_layers(const std::vector<SnapshotRecord> &records,
                                        const DomainRecord &domain,
                                        const std::vector<NamedImage> &active,
                                        const FoundImages &found);

// The images that the domain writes to.
[[nodiscard]] std::vector<NamedImage> active_images(const Domain &domain);

} // namespace xlsnap
