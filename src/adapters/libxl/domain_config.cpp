// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/domain_config.hpp"

#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

Result<GuestType> guest_type(libxl_domain_type type) {
    switch (type) {
    case LIBXL_DOMAIN_TYPE_PV:
        return GuestType::Pv;
    case LIBXL_DOMAIN_TYPE_PVH:
        return GuestType::Pvh;
    case LIBXL_DOMAIN_TYPE_HVM:
        return GuestType::Hvm;
    case LIBXL_DOMAIN_TYPE_INVALID:
        break;
    }
    return fail(ErrorCode::Invalid, fmt::format("the configuration has the unknown guest type {}; "
                                                "is libxl newer than xlsnap?",
                                                static_cast<int>(type)));
}

} // namespace

std::string uuid_text(const libxl_uuid &uuid) {
    const uint8_t *bytes = libxl_uuid_bytearray_const(&uuid);
    std::string text;
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += fmt::format("{:02x}", bytes[i]);
    }
    return text;
}

DiskFormat disk_format(libxl_disk_format format) {
    switch (format) {
    case LIBXL_DISK_FORMAT_QCOW:
        return DiskFormat::Qcow;
    case LIBXL_DISK_FORMAT_QCOW2:
        return DiskFormat::Qcow2;
    case LIBXL_DISK_FORMAT_VHD:
        return DiskFormat::Vhd;
    case LIBXL_DISK_FORMAT_RAW:
        return DiskFormat::Raw;
    case LIBXL_DISK_FORMAT_EMPTY:
        return DiskFormat::Empty;
    case LIBXL_DISK_FORMAT_QED:
        return DiskFormat::Qed;
    case LIBXL_DISK_FORMAT_UNKNOWN:
        break;
    }
    return DiskFormat::Unknown;
}

DiskBackend disk_backend(libxl_disk_backend backend) {
    switch (backend) {
    case LIBXL_DISK_BACKEND_PHY:
        return DiskBackend::Phy;
    case LIBXL_DISK_BACKEND_TAP:
        return DiskBackend::Tap;
    case LIBXL_DISK_BACKEND_QDISK:
        return DiskBackend::Qdisk;
    case LIBXL_DISK_BACKEND_STANDALONE:
        return DiskBackend::Standalone;
    case LIBXL_DISK_BACKEND_UNKNOWN:
        break;
    }
    return DiskBackend::Unknown;
}

namespace {

std::string text_of(const char *text) {
    return text == nullptr ? "" : text;
}

ShutdownAction shutdown_action(libxl_action_on_shutdown action) {
    switch (action) {
    case LIBXL_ACTION_ON_SHUTDOWN_DESTROY:
        return ShutdownAction::Destroy;
    case LIBXL_ACTION_ON_SHUTDOWN_RESTART:
        return ShutdownAction::Restart;
    case LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME:
        return ShutdownAction::RestartRename;
    case LIBXL_ACTION_ON_SHUTDOWN_PRESERVE:
        return ShutdownAction::Preserve;
    case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_DESTROY:
        return ShutdownAction::CoredumpDestroy;
    case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_RESTART:
        return ShutdownAction::CoredumpRestart;
    case LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET:
        return ShutdownAction::SoftReset;
    }
    return ShutdownAction::Destroy;
}

bool is_set(libxl_defbool value) {
    return !libxl_defbool_is_default(value) && libxl_defbool_val(value);
}

// The domain that serves a device; empty for this one.
std::string domain_text(libxl_domid domid, const char *name) {
    if (name != nullptr)
        return name;
    return domid == 0 ? std::string() : fmt::format("{}", domid);
}

Disk disk_of(const libxl_device_disk &from) {
    Disk disk;
    disk.vdev = text_of(from.vdev);
    disk.path = text_of(from.pdev_path);
    disk.format = disk_format(from.format);
    disk.backend = disk_backend(from.backend);
    disk.writable = from.readwrite != 0;
    disk.cdrom = from.is_cdrom != 0;
    disk.script = text_of(from.script);
    disk.backend_domain = domain_text(from.backend_domid, from.backend_domname);
    disk.colo = is_set(from.colo_enable);
    return disk;
}

template <typename Device>
void add_driver_domains(Hindrances &has, std::string_view kind, const Device *devices, int count) {
    for (int i = 0; i < count; ++i) {
        const std::string domain =
            domain_text(devices[i].backend_domid, devices[i].backend_domname);
        if (!domain.empty())
            has.driver_domain_devices.push_back(
                fmt::format("{} {} is served by driver domain {}", kind, i, domain));
    }
}

Hindrances hindrances_of(const libxl_domain_config &config) {
    Hindrances has;
    has.nomigrate = is_set(config.b_info.disable_migrate);
    has.stubdomain = is_set(config.b_info.device_model_stubdomain);
    has.restricted_qemu = is_set(config.b_info.dm_restrict);
    has.qemu_user = text_of(config.b_info.device_model_user);
    has.vnuma = config.b_info.num_vnuma_nodes > 0;
    for (int i = 0; i < config.num_vtpms; ++i)
        has.vtpms.push_back({config.vtpms[i].devid, uuid_text(config.vtpms[i].uuid)});
    for (int i = 0; i < config.num_pcidevs; ++i) {
        const libxl_device_pci &pci = config.pcidevs[i];
        has.pci_devices.push_back(
            fmt::format("{:04x}:{:02x}:{:02x}.{:x}", pci.domain, pci.bus, pci.dev, pci.func));
    }
    add_driver_domains(has, "network interface", config.nics, config.num_nics);
    add_driver_domains(has, "virtual framebuffer", config.vfbs, config.num_vfbs);
    add_driver_domains(has, "virtual keyboard", config.vkbs, config.num_vkbs);
    add_driver_domains(has, "9pfs share", config.p9s, config.num_p9s);
    add_driver_domains(has, "pvcalls interface", config.pvcallsifs, config.num_pvcallsifs);
    add_driver_domains(has, "virtual display", config.vdispls, config.num_vdispls);
    add_driver_domains(has, "virtual sound card", config.vsnds, config.num_vsnds);
    add_driver_domains(has, "channel", config.channels, config.num_channels);
    add_driver_domains(has, "USB controller", config.usbctrls, config.num_usbctrls);
    return has;
}

} // namespace

Result<std::string> config_to_json(libxl_ctx *ctx, libxl_domain_config &config) {
    config.c_info.domid = 0;
    const MallocedText json(libxl_domain_config_to_json(ctx, &config));
    if (json == nullptr)
        return fail(ErrorCode::Fail, "libxl cannot write the domain's configuration as JSON");
    return std::string(json.get());
}

Result<LibxlDomainConfig> config_from_json(libxl_ctx *ctx, const std::string &json) {
    LibxlDomainConfig config;
    // libxl takes any JSON value for a configuration, an empty one if need be: a guest has a name.
    if (libxl_domain_config_from_json(ctx, config.get(), json.c_str()) != 0 ||
        config->c_info.name == nullptr)
        return fail(ErrorCode::Invalid,
                    "this is no domain configuration in libxl's JSON; was the memory image written "
                    "by another version of Xen?");
    config->c_info.domid = static_cast<libxl_domid>(INVALID_DOMID);
    return config;
}

Result<Domain> domain_of_config(const libxl_domain_config &config) {
    Domain domain;
    XLSNAP_ASSIGN(domain.type, guest_type(config.c_info.type));
    domain.name = text_of(config.c_info.name);
    domain.uuid = uuid_text(config.c_info.uuid);
    for (int i = 0; i < config.num_disks; ++i)
        domain.disks.push_back(disk_of(config.disks[i]));
    domain.hindrances = hindrances_of(config);
    domain.on_shutdown = {shutdown_action(config.on_poweroff), shutdown_action(config.on_reboot),
                          shutdown_action(config.on_crash), shutdown_action(config.on_watchdog),
                          shutdown_action(config.on_soft_reset)};
    return domain;
}

} // namespace xlsnap
