// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// A block node as hw/block/xen-block.c in qemu.git opens it: locking is off, so a second node, or
// anybody else, can open the same image; what the guest discards is given back.
struct QemuDisk {
    std::string node;
    std::string path;
    std::string driver = "qcow2";
    bool writable = true;
};

// The machine's own QEMU with block nodes and without a machine, stopped. It is killed at the end
// of its scope. Whatever cannot be set up throws.
class QemuProcess {
  public:
    explicit QemuProcess(const std::vector<QemuDisk> &disks);
    QemuProcess(const QemuProcess &) = delete;
    QemuProcess &operator=(const QemuProcess &) = delete;
    QemuProcess(QemuProcess &&) = delete;
    QemuProcess &operator=(QemuProcess &&) = delete;
    ~QemuProcess();

    [[nodiscard]] pid_t pid() const { return pid_; }

    // The monitor for the code under test; nobody else uses it.
    [[nodiscard]] std::string monitor() const { return directory_ / "qmp"; }

    // A QMP command over another monitor; its return value.
    Json command(const std::string &name, Json::Object arguments = {});

    // A command of QEMU's own language (help in its monitor). One that QEMU refuses throws.
    void monitor_command(const std::string &line);

    // The guest has the disk open: a parent for the node, and for whatever takes its place. The
    // name of the node becomes that of the disk.
    void export_disk(const std::string &node);

    // Writes the byte over one MiB as a guest does: through the node, by NBD.
    void write_as_guest(const std::string &node, char byte, int offset_in_mib = 0);

    // Withdraws what write_as_guest() uses. QEMU does not inactivate a node while it is exported.
    void close_exports();

    // Ends it in good order: what it has in memory is written.
    void quit();

    // As if QEMU hung: it neither reads nor answers until the end.
    void freeze();

  private:
    [[nodiscard]] std::vector<std::string> argv(const std::vector<QemuDisk> &disks,
                                                int control_fd) const;
    std::string read_line();
    void stop();

    TemporaryDirectory directory_;
    pid_t pid_ = -1;
    UniqueFd control_;
    std::string received_;
    std::vector<std::string> exported_; // nodes
    bool nbd_server_ = false;
};

} // namespace xlsnap::test
