// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xenstore.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "adapters/libxl/libxl_types.hpp"

extern "C" {
#include <xenstore.h>
}

namespace xlsnap {

namespace {

std::optional<std::string> read_node(xs_handle *handle, xs_transaction_t transaction,
                                     const std::string &path) {
    unsigned int length = 0;
    const MallocedText text(
        static_cast<char *>(xs_read(handle, transaction, path.c_str(), &length)));
    if (text == nullptr)
        return std::nullopt;
    return std::string(text.get(), length);
}

} // namespace

void Xenstore::Close::operator()(xs_handle *handle) const {
    xs_close(handle);
}

Result<Xenstore> Xenstore::open() {
    xs_handle *handle = xs_open(0);
    if (handle == nullptr)
        return fail(errno_error(
            errno, "cannot connect to xenstore (is this dom0, and does xenstored run?)"));
    return Xenstore(handle);
}

std::optional<std::string> Xenstore::read(const std::string &path) const {
    return read_node(handle_.get(), XBT_NULL, path);
}

Result<XenstoreTransaction> XenstoreTransaction::start(const Xenstore &xenstore) {
    const xs_transaction_t id = xs_transaction_start(xenstore.handle_.get());
    if (id == XBT_NULL)
        return fail(errno_error(errno, "cannot begin a transaction of xenstore"));
    return XenstoreTransaction(xenstore.handle_.get(), id);
}

XenstoreTransaction::~XenstoreTransaction() {
    if (handle_ != nullptr)
        xs_transaction_end(handle_, id_, true);
}

std::optional<std::string> XenstoreTransaction::read(const std::string &path) const {
    return read_node(handle_, id_, path);
}

Status XenstoreTransaction::write(const std::string &path, const std::string &value) const {
    if (!xs_write(handle_, id_, path.c_str(), value.data(),
                  static_cast<unsigned int>(value.size())))
        return fail(errno_error(errno, "cannot write xenstore's " + path));
    return {};
}

Result<bool> XenstoreTransaction::commit() {
    if (xs_transaction_end(std::exchange(handle_, nullptr), id_, false))
        return true;
    if (errno == EAGAIN)
        return false;
    return fail(errno_error(errno, "cannot end a transaction of xenstore"));
}

std::string guest_path(DomainId domid, const char *relative) {
    return fmt::format("/local/domain/{}/{}", domid, relative);
}

bool is_hvm(const Xenstore &xenstore, DomainId domid) {
    return xenstore.read(fmt::format("/libxl/{}/type", domid)) == "hvm";
}

} // namespace xlsnap
