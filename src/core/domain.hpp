// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain_end.hpp"

namespace xlsnap {

using DomainId = std::uint32_t;

enum class GuestType { Pv, Pvh, Hvm };

// What a domain is doing, as far as a snapshot cares.
enum class RunState {
    Running,   // vCPUs may run (libxl's "running" or "blocked")
    Paused,    // paused by the toolstack
    Suspended, // shut down with reason SUSPEND: it goes on when the toolstack resumes it
    Shutdown,  // shut down for any other reason
    Dying,     // being destroyed
};

enum class DiskFormat { Unknown, Qcow, Qcow2, Vhd, Raw, Empty, Qed };
enum class DiskBackend { Unknown, Phy, Tap, Qdisk, Standalone };

// One disk of a domain, as its configuration in force says.
struct Disk {
    std::string vdev;
    std::string path;
    DiskFormat format = DiskFormat::Unknown;
    DiskBackend backend = DiskBackend::Unknown;
    bool writable = false;
    bool cdrom = false;
    std::string script;         // a block script of its own makes the device; empty: none
    std::string backend_domain; // the domain that serves it; empty: this one
    bool colo = false;          // replicated to another host
    // The guest's PV front end is connected: then the PV node is the one that the guest writes to.
    bool frontend_connected = false;
};

struct VirtualTpm {
    int devid = 0;
    std::string uuid;
};

// What a configuration may have that a snapshot with memory cannot hold.
struct Hindrances {
    bool nomigrate = false;
    bool vnuma = false;
    bool stubdomain = false;      // QEMU runs in a domain of its own
    bool restricted_qemu = false; // dm_restrict=1
    std::string qemu_user = {};   // device_model_user; empty: root
    bool no_dirty_log = false;    // Xen cannot tell which of its pages the guest writes
    std::vector<std::string> pci_devices = {}; // passed through: 0000:03:00.0
    std::vector<VirtualTpm> vtpms = {};
    std::vector<std::string> driver_domain_devices = {}; // disks aside: "network interface 0"
};

struct Domain {
    DomainId domid = 0;
    std::string uuid; // lower case, with dashes
    std::string name;
    GuestType type = GuestType::Pv;
    RunState state = RunState::Running;
    bool blocked = false;           // of one that is Running: all its vCPUs wait
    std::uint64_t memory_bytes = 0; // what the guest has now
    std::vector<Disk> disks;
    Hindrances hindrances;
    ShutdownActions on_shutdown;
    // libvirt started it and keeps records of it.
    bool managed_by_libvirt = false;
    // `xl config-update` has left a configuration that xl starts it from at its next reboot.
    bool updated_by_xl = false;
    // libxl_domain_config in libxl's JSON: what the domain can be built from again.
    std::string config_json;
    // The QEMU that serves this domain's disks; 0 when it has none.
    int device_model_pid = 0;
};

[[nodiscard]] std::string_view to_string(DiskFormat format);
[[nodiscard]] std::string_view to_string(DiskBackend backend);
[[nodiscard]] std::string_view to_string(RunState state);

// There is something in the drive.
[[nodiscard]] bool has_image(const Disk &disk);

// The guest can write to it: what it holds differs from one instant to the next.
[[nodiscard]] bool is_changeable(const Disk &disk);

// Internal disk snapshots can be made in an image of this format.
[[nodiscard]] bool holds_tags(DiskFormat format);

// An overlay can lie on an image of this format. QEMU could do it with others too, but only what
// people use under Xen is tried.
[[nodiscard]] bool carries_overlay(DiskFormat format);

// The disk with this vdev; nullptr when the domain has none.
[[nodiscard]] const Disk *find_disk(const Domain &domain, std::string_view vdev);

} // namespace xlsnap
