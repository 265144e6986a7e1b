// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/domain.hpp"
#include "support/qemu_process.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// The QEMU of a domain that runs, on the images that its configuration names; what these stand on
// QEMU opens by their headers. The guest has each disk open, whatever node serves it.
class GuestQemu {
  public:
    explicit GuestQemu(const Domain &domain);

    [[nodiscard]] pid_t pid() const { return qemu_.pid(); }
    [[nodiscard]] std::string monitor() const { return qemu_.monitor(); }

    // A command of qemu-io, through the node that serves the disk now.
    void io(const std::string &vdev, const std::string &command);
    void resize(const std::string &vdev, std::uint64_t bytes);

    // All that QEMU has in memory is in the images.
    void flush();

    // The files that nodes have open, and how many each.
    [[nodiscard]] std::map<std::string, int> files();
    [[nodiscard]] std::size_t jobs();

    // Ends it as its domain's end does: it writes what it has in memory.
    void quit() { qemu_.quit(); }

  private:
    std::string live_node(const std::string &vdev);

    TemporaryDirectory sockets_;
    QemuProcess qemu_;
};

} // namespace xlsnap::test
