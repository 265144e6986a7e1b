// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"

namespace xlsnap {

// Images that snapshots need are made immutable, so that nobody, a domain that is started from an
// old configuration above all, can write or remove them by mistake. The mark is the file's, not the
// path's, and outlives a crash.
class KeptImages {
  public:
    virtual ~KeptImages() = default;

    // False when the file was immutable already: then somebody else may have made it so, and it is
    // not for the caller to release. NotFound when there is none; NotImplemented for a block
    // device, and where the file system has no such mark: then nothing protects the image.
    virtual Result<bool> keep(const std::string &path) = 0;

    // The file can be changed again; also when it could be all along. Only the caller knows whether
    // keep() had made it immutable.
    virtual Status release(const std::string &path) = 0;

    // Errors as those of keep().
    virtual Result<bool> is_kept(const std::string &path) = 0;
};

} // namespace xlsnap
