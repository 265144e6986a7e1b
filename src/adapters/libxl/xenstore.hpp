// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/domain.hpp"

struct xs_handle;

namespace xlsnap {

// A connection to xenstore that only reads: for the few facts that libxl has no function for.
class Xenstore {
  public:
    static Result<Xenstore> open();

    // Nothing when the node does not exist or cannot be read.
    [[nodiscard]] std::optional<std::string> read(const std::string &path) const;

  private:
    struct Close {
        void operator()(xs_handle *handle) const;
    };

    explicit Xenstore(xs_handle *handle) : handle_(handle) {}

    std::unique_ptr<xs_handle, Close> handle_;
};

// Paths of a domain, relative to its home /local/domain/<domid>.
[[nodiscard]] std::string guest_path(DomainId domid, const char *relative);

// Whether libxl built the domain as HVM: only then does libxl talk to its QEMU (a PVH domain is
// "hvm" in libxl_dominfo, but not here).
[[nodiscard]] bool is_hvm(const Xenstore &xenstore, DomainId domid);

} // namespace xlsnap
