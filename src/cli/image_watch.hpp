// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "cli/disk_spec.hpp"
#include "cli/session.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::cli {

// Looks which images a domain has, and again at its end, when the operation between the two is over
// or has failed: which configurations are stale since, goes to standard error. What cannot be
// learnt is not told.
class ImageWatch {
  public:
    // `xl_config`: the domain's file, empty when it is not known.
    ImageWatch(const Session &session, const libxl_snapshot_domain &domain, std::string xl_config);
    ImageWatch(const ImageWatch &) = delete;
    ImageWatch &operator=(const ImageWatch &) = delete;
    ImageWatch(ImageWatch &&) = delete;
    ImageWatch &operator=(ImageWatch &&) = delete;
    ~ImageWatch();

  private:
    void tell() const;

    const Session &session_;
    std::string name_;
    std::string uuid_;
    std::string xl_config_;
    std::vector<DiskImage> before_;
};

} // namespace xlsnap::cli
