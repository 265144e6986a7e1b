// SPDX-License-Identifier: LGPL-2.1-only
#include "core/blockers.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace xlsnap {

namespace {

constexpr std::string_view kDisksAlone = "or snapshot its disks alone";

// A snapshot needs a domain that can go on afterwards.
Status check_can_snapshot(RunState state) {
    if (state == RunState::Running || state == RunState::Paused)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("it is {}, and only a running or paused domain can be snapshotted; "
                            "try again when it runs; if it stays so, take it to a snapshot "
                            "(xlsnap revert) or start it anew (xl destroy, xl create)",
                            to_string(state)));
}

Status check_can_revert(RunState state) {
    if (state != RunState::Dying)
        return {};
    return fail(ErrorCode::Invalid,
                "it is being destroyed; when it is gone, start it (xl create) and try again");
}

// The QEMU of the next one is about to open the images.
Status check_not_ending(RunState state) {
    if (state != RunState::Shutdown && state != RunState::Dying)
        return {};
    return fail(ErrorCode::NotReady,
                fmt::format("it is {} and may be about to start again; try again when it runs, or "
                            "when it is gone",
                            to_string(state)));
}

} // namespace

Status check_state(RunState state, Operation operation) {
    switch (operation) {
    case Operation::Create:
        return check_can_snapshot(state);
    case Operation::Revert:
        return check_can_revert(state);
    case Operation::Delete:
        break;
    }
    return check_not_ending(state);
}

Refusals snapshot_blockers(const Domain &domain) {
    Refusals blockers;
    if (domain.hindrances.stubdomain)
        blockers.add(ErrorCode::Invalid, "its QEMU runs in a stub domain, out of reach: start it "
                                         "with device_model_stubdomain_override=0");
    if (domain.hindrances.restricted_qemu)
        blockers.add(ErrorCode::Invalid,
                     "its QEMU is restricted (dm_restrict=1) and can neither open an image nor "
                     "write beyond the first 256 KiB of a file: shut it down first (xl shutdown), "
                     "or start it without dm_restrict");
    return blockers;
}

Refusals memory_blockers(const Domain &domain) {
    Refusals blockers;
    const auto add = [&](std::string_view what) {
        blockers.add(ErrorCode::Invalid, fmt::format("{}, {}", what, kDisksAlone));
    };
    const Hindrances &has = domain.hindrances;
    if (has.nomigrate)
        add("nomigrate=1 forbids Xen to save the memory: start the domain without it");
    for (const std::string &device : has.pci_devices)
        add(fmt::format("the state of PCI device {0}, which is passed through, cannot be saved: "
                        "detach it (xl pci-detach {1} {0})",
                        device, domain.name));
    if (has.vnuma)
        add("virtual NUMA nodes (vnuma) are not kept in a memory image: start the domain without "
            "them");
    for (const VirtualTpm &vtpm : has.vtpms)
        add(fmt::format("the state of virtual TPM {0} (uuid {1}) cannot be saved: detach it (xl "
                        "vtpm-detach {2} {0})",
                        vtpm.devid, vtpm.uuid, domain.name));
    for (const std::string &device : has.driver_domain_devices)
        add(fmt::format("{}: let this domain serve it", device));
    return blockers;
}

Refusals live_blockers(const Domain &domain) {
    Refusals blockers;
    if (domain.hindrances.no_dirty_log)
        blockers.add(ErrorCode::NotImplemented,
                     "this Xen was built without shadow paging and cannot tell which of its pages "
                     "a PV guest writes: make the snapshot without --live");
    return blockers;
}

} // namespace xlsnap
