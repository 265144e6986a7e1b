// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xenstore.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "adapters/libxl/libxl_types.hpp"

extern "C" {
#include <xenstore.h>
}

namespace xlsnap {

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
    unsigned int length = 0;
    const MallocedText text(
        static_cast<char *>(xs_read(handle_.get(), XBT_NULL, path.c_str(), &length)));
    if (text == nullptr)
        return std::nullopt;
    return std::string(text.get(), length);
}

std::string guest_path(DomainId domid, const char *relative) {
    return fmt::format("/local/domain/{}/{}", domid, relative);
}

bool is_hvm(const Xenstore &xenstore, DomainId domid) {
    return xenstore.read(fmt::format("/libxl/{}/type", domid)) == "hvm";
}

} // namespace xlsnap
