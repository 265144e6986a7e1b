// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "engine/image_protection.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// What follows an operation that has changed which images are needed: those become immutable that
// nobody may write to any more. The operation is complete without it.
class LayerAftermath {
  public:
    LayerAftermath(const Ports &ports, Catalog &catalog)
        : ports_(ports), catalog_(catalog), protection_(ports, catalog) {}

    // `now` nothing: nobody knows what disks the domain has, and nothing is done.
    Status settle(const std::string &key, const std::optional<Domain> &now);

  private:
    Ports ports_;
    Catalog &catalog_;
    ImageProtection protection_;
};

} // namespace xlsnap
