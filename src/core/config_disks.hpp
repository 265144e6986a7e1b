// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The image that a disk of a domain is to have.
struct DiskChange {
    std::string vdev;
    std::string path;
    DiskFormat format = DiskFormat::Qcow2;

    friend bool operator==(const DiskChange &, const DiskChange &) = default;
};

// Invalid, with every reason, when the changes make no sense whatever the domain: a vdev twice, a
// path that is not absolute or that libxl's JSON cannot hold, a format that is none.
[[nodiscard]] Status check_changes(const std::vector<DiskChange> &changes);

// The configuration (libxl_domain_config in libxl's JSON) with other images of these disks: all of
// them or none. Their path and format change, and a back end that does not go through QEMU where
// the format needs that; every other byte stays, what a newer libxl has put there too. When there
// is nothing to change the text stays as it is.
//
// Invalid, with every reason, for what check_changes() refuses, for a text that is no
// configuration, and for a disk that QEMU cannot be made to serve. NotFound for a vdev that the
// configuration does not have.
[[nodiscard]] Result<std::string> with_disks(const std::string &config_json,
                                             const std::vector<DiskChange> &changes);

} // namespace xlsnap
