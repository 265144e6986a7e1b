// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_live_disks.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/qmp_client.hpp"
#include "adapters/qemu/qmp_session.hpp"

namespace xlsnap {

std::string libxenstat_monitor(DomainId domid) {
    return fmt::format("{}/qmp-libxenstat-{}", XLSNAP_XEN_RUN_DIR, domid);
}

Result<std::unique_ptr<LiveDisksSession>> QmpLiveDisks::open(DomainId domid) {
    std::string subject = fmt::format("QEMU of domain {}", domid);
    Result<QmpClient> client = QmpClient::connect(socket_path_(domid), deadlines_.greeting);
    if (!client)
        return fail(with_qmp_advice(with_context(subject, std::move(client.error()))));
    return std::make_unique<QmpSession>(std::move(subject), std::move(*client), deadlines_);
}

} // namespace xlsnap
