// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "ports/live_disks.hpp"

namespace xlsnap {

struct QmpDeadlines {
    std::chrono::milliseconds greeting =
        std::chrono::seconds(10); // from connect to the first command
    std::chrono::milliseconds query = std::chrono::seconds(10);
    std::chrono::milliseconds change = std::chrono::minutes(10); // QEMU flushes the image for it
};

// The monitor that libxl opens beside its own for libxenstat (libxl__build_device_model_args_new in
// tools/libs/light/libxl_dm.c of xen.git). libxl never connects to it, so holding it stalls
// nothing.
[[nodiscard]] std::string libxenstat_monitor(DomainId domid);

// LiveDisks over QMP.
class QmpLiveDisks final : public LiveDisks {
  public:
    using SocketPath = std::function<std::string(DomainId)>;

    explicit QmpLiveDisks(SocketPath socket_path = libxenstat_monitor, QmpDeadlines deadlines = {})
        : socket_path_(std::move(socket_path)), deadlines_(deadlines) {}

    Result<std::unique_ptr<LiveDisksSession>> open(DomainId domid) override;

  private:
    SocketPath socket_path_;
    QmpDeadlines deadlines_;
};

} // namespace xlsnap
