// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/image_watch.hpp"

#include <exception>
#include <utility>

#include "cli/outcome.hpp"
#include "cli/present_images.hpp"
#include "cli/stale_config.hpp"

namespace xlsnap::cli {

ImageWatch::ImageWatch(const Session &session, const libxl_snapshot_domain &domain,
                       std::string xl_config)
    : session_(session), name_(called(domain)), uuid_(domain.uuid == nullptr ? "" : domain.uuid),
      xl_config_(std::move(xl_config)) {
    try {
        if (!uuid_.empty())
            before_ = present_images(session.xen(), domain);
    } catch (const std::exception &) {
        before_.clear(); // one that is not known yet, say
    }
}

ImageWatch::~ImageWatch() {
    try {
        if (!before_.empty())
            tell();
    } catch (const std::exception &) {
        before_.clear(); // the operation has told what is wrong with the domain
    }
}

// The domain has another domid, or none.
void ImageWatch::tell() const {
    SnapshotDomain domain = find_domain(session_.xen(), uuid_);
    for (const std::string &note :
         stale_config_notes(differing_images(before_, present_images(session_.xen(), *domain)),
                            domain->domid >= 0, xl_config_))
        warn(name_ + ": " + note);
}

} // namespace xlsnap::cli
