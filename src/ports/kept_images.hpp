// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"

namespace xlsnap {

// Images that snapshots need are made immutable, so that nobody, a domain that is started from an
// old configuration above all, can write or remove them by mistake. The mark is the file's, not the
// path's, and outlives a crash.
//
// Before keep() the caller has recorded durably that it is going to keep this file: a crash behind
// it must not leave an image immutable of which nobody knows why. And the domain's QEMU, if it had
// the image open for writing, must have reopened it read-only: on ext4 the mark stops writes
// through descriptors that are open already, and the guest's would fail.
class KeptImages {
  public:
    virtual ~KeptImages() = default;

    // False when the file was immutable already. It is somebody else's then, and not for the caller
    // to release, but only where the caller had recorded no intent to keep it before this try: a
    // recorded one may be that of a keep() that had its effect before a crash. NotFound when there
    // is none; NotImplemented for a block device, and where the file system has no such mark: then
    // nothing protects the image.
    virtual Result<bool> keep(const std::string &path) = 0;

    // The file can be changed again; also when it could be all along. Only the caller's
    // record tells whether it was the caller that had made it immutable.
    virtual Status release(const std::string &path) = 0;

    // Errors as those of keep().
    virtual Result<bool> is_kept(const std::string &path) = 0;
};

} // namespace xlsnap
