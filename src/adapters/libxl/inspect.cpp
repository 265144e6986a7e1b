// SPDX-License-Identifier: LGPL-2.1-only
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_failure.hpp"
#include "adapters/libxl/toolstack.hpp"

extern "C" {
#include <xen/io/xenbus.h>
}

namespace xlsnap {

namespace {

// The pid in decimal; 0 for anything else.
int pid_of(const std::optional<std::string> &text) {
    int pid = 0;
    if (!text)
        return 0;
    const char *end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, pid);
    return parsed.ec == std::errc() && parsed.ptr == end && pid > 0 ? pid : 0;
}

std::string emulator_advice(DomainId domid, int pid) {
    const std::string process =
        pid > 0 ? fmt::format("process {0} alive and not stopped (kill -CONT {0})", pid)
                : "its process alive and not stopped";
    return fmt::format("libxl needs an answer of the domain's QEMU within 10 s: is {}, or does "
                       "another program hold its monitor socket qmp-libxl-{}?",
                       process, domid);
}

constexpr const char *kConfigAdvice =
    "only a domain that was started through libxl has a configuration to go back to";

} // namespace

Result<Domain> LibxlToolstack::inspect(DomainId domid) {
    XLSNAP_ASSIGN(const Execution now, execution(domid));
    XLSNAP_ASSIGN(const Xenstore xenstore, Xenstore::open());
    const int emulator = pid_of(xenstore.read(guest_path(domid, "image/device-model-pid")));
    LibxlDomainConfig config;
    const int rc = libxl_retrieve_domain_configuration(ctx_, domid, config.get(), nullptr);
    if (rc != 0) {
        XLSNAP_TRY(execution(domid)); // it may have gone away meanwhile
        return fail(libxl_failure(rc, "read the configuration of " + describe(domid),
                                  is_hvm(xenstore, domid) ? emulator_advice(domid, emulator)
                                                          : kConfigAdvice));
    }
    XLSNAP_ASSIGN(Domain domain, domain_of_config(*config.get()).with_context(describe(domid)));
    domain.domid = domid;
    domain.state = now.state;
    domain.blocked = now.blocked;
    domain.memory_bytes = now.memory_bytes;
    for (Disk &disk : domain.disks) {
        if (disk.backend == DiskBackend::Unknown)
            disk.backend = chosen_backend(domid, disk.vdev);
        disk.frontend_connected = disk_frontend(domid, disk.vdev).value_or(false);
    }
    domain.hindrances.no_dirty_log = domain.type == GuestType::Pv && !has_shadow_paging();
    domain.device_model_pid = emulator;
    domain.managed_by_libvirt = has_userdata(domid, "libvirt-xml");
    domain.updated_by_xl = has_userdata(domid, "xl");
    XLSNAP_ASSIGN(domain.config_json,
                  config_to_json(ctx_, *config.get()).with_context(describe(domid)));
    return domain;
}

// Without it the log-dirty mode of a PV guest fails with EOPNOTSUPP: _toggle_log_dirty() in
// xen/arch/x86/mm/shadow/none.c of xen.git.
bool LibxlToolstack::has_shadow_paging() {
    LibxlPhysinfo info;
    return libxl_get_physinfo(ctx_, info.get()) != 0 || info->cap_shadow; // else Xen will tell
}

Result<Domain> LibxlToolstack::read_config(const std::string &config_json) {
    XLSNAP_ASSIGN(LibxlDomainConfig config, config_from_json(ctx_, config_json));
    XLSNAP_ASSIGN(Domain domain, domain_of_config(*config.get()));
    XLSNAP_ASSIGN(domain.config_json, config_to_json(ctx_, *config.get()));
    return domain;
}

// libvirt's driver for libxl keeps its own description of each domain that it starts under
// "libvirt-xml" (src/libxl/libxl_domain.c in libvirt.git).
bool LibxlToolstack::has_userdata(DomainId domid, const char *user) {
    std::uint8_t *data = nullptr;
    int length = 0;
    const int rc = libxl_userdata_retrieve(ctx_, domid, user, &data, &length);
    const std::unique_ptr<std::uint8_t, FreeMalloced> owner(data);
    return rc == 0 && data != nullptr && length > 0;
}

// A configuration that leaves the back end to libxl is kept as it was given; what libxl chose
// stands in xenstore only (libxl__disk_from_xenstore in tools/libs/light/libxl_disk.c).
DiskBackend LibxlToolstack::chosen_backend(DomainId domid, const std::string &vdev) {
    LibxlDeviceDisk disk;
    if (libxl_vdev_to_device_disk(ctx_, domid, vdev.c_str(), disk.get()) != 0)
        return DiskBackend::Unknown;
    return disk_backend(disk->backend);
}

// libxl knows the device number that belongs to a vdev. It has no answer for a disk that is no
// vbd (virtio, or detached meanwhile): such a disk has no PV front end.
std::optional<bool> LibxlToolstack::disk_frontend(DomainId domid, const std::string &vdev) {
    LibxlDeviceDisk disk;
    LibxlDiskinfo info;
    disk->vdev = ::strdup(vdev.c_str());
    if (libxl_device_disk_getinfo(ctx_, domid, disk.get(), info.get()) != 0)
        return std::nullopt;
    return info->state == XenbusStateConnected;
}

Result<bool> LibxlToolstack::frontend_connected(DomainId domid, const std::string &vdev) {
    XLSNAP_TRY(execution(domid));
    const std::optional<bool> connected = disk_frontend(domid, vdev);
    if (!connected)
        return fail(ErrorCode::NotFound, fmt::format("{} has no disk {}", describe(domid), vdev));
    return *connected;
}

} // namespace xlsnap
