// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "core/domain.hpp"

struct xs_handle;

namespace xlsnap {

// A connection to xenstore, for the few facts that libxl has no function for.
class Xenstore {
  public:
    static Result<Xenstore> open();

    // Nothing when the node does not exist or cannot be read.
    [[nodiscard]] std::optional<std::string> read(const std::string &path) const;

  private:
    friend class XenstoreTransaction;

    struct Close {
        void operator()(xs_handle *handle) const;
    };

    explicit Xenstore(xs_handle *handle) : handle_(handle) {}

    std::unique_ptr<xs_handle, Close> handle_;
};

// Writes that happen all at once or not at all. One that is not committed has not happened.
class XenstoreTransaction {
  public:
    static Result<XenstoreTransaction> start(const Xenstore &xenstore);

    XenstoreTransaction(const XenstoreTransaction &) = delete;
    XenstoreTransaction &operator=(const XenstoreTransaction &) = delete;
    XenstoreTransaction(XenstoreTransaction &&other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)), id_(other.id_) {}
    XenstoreTransaction &operator=(XenstoreTransaction &&) = delete;
    ~XenstoreTransaction();

    // Nothing when the node does not exist or cannot be read.
    [[nodiscard]] std::optional<std::string> read(const std::string &path) const;

    [[nodiscard]] Status write(const std::string &path, const std::string &value) const;

    // False when somebody else has changed what was read or written here: then nothing has
    // happened, and it may be tried again from the start. Nothing may be asked of it afterwards.
    [[nodiscard]] Result<bool> commit();

  private:
    XenstoreTransaction(xs_handle *handle, std::uint32_t id) : handle_(handle), id_(id) {}

    xs_handle *handle_; // nullptr when it has ended
    std::uint32_t id_;
};

// Paths of a domain, relative to its home /local/domain/<domid>.
[[nodiscard]] std::string guest_path(DomainId domid, const char *relative);

// Whether libxl built the domain as HVM: only then does libxl talk to its QEMU (a PVH domain is
// "hvm" in libxl_dominfo, but not here).
[[nodiscard]] bool is_hvm(const Xenstore &xenstore, DomainId domid);

} // namespace xlsnap
