// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/fake_host.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap::test {

namespace {

Disk disk(const std::string &vdev, const std::string &path) {
    Disk made;
    made.vdev = vdev;
    made.path = path;
    made.format = DiskFormat::Qcow2;
    made.backend = DiskBackend::Qdisk;
    made.writable = true;
    return made;
}

} // namespace

FakeHost::FakeHost(GuestKind kind)
    : service(ports(), [] { return std::string("1"); }), kind_(kind) {
    images.add(kDiskA, kAtCreate);
    images.add(kDiskB, kAtCreate);
    Domain domain;
    domain.uuid = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01";
    domain.name = "g1";
    domain.type = kind.type;
    domain.disks = {disk("xvda", kDiskA), disk("xvdb", kDiskB)};
    for (Disk &one : domain.disks)
        one.frontend_connected = kind.pv_drivers;
    const DomainId domid = toolstack.add(domain, kAtCreate);
    g1().pv_drivers = kind.pv_drivers;
    toolstack.on_call = [this](const std::string &call) { toolstack_called(call); };
    toolstack.on_start = [this](const Domain &started_domain) { started(started_domain); };
    toolstack.on_destroy = [this](const Domain &gone) { destroyed(gone); };
    live_disks.on_use = [this](DomainId qemu, const std::string &path) { used(qemu, path); };
    started(toolstack.guest(domid).domain);
}

SnapshotRequest FakeHost::request(bool memory) {
    SnapshotRequest request;
    request.memory = memory;
    request.memory_path = memory ? kMemoryPath : "";
    request.disks = {DiskRequest{"xvda", "", "s1", false},
                     DiskRequest{"xvdb", kDiskB, "s1", false}};
    return request;
}

FakeGuest &FakeHost::g1() {
    return *toolstack.find("g1");
}

void FakeHost::guest_writes(const std::string &content) {
    FakeGuest &guest = g1();
    guest.memory = content;
    for (const Disk &one : guest.domain.disks) {
        const bool emulated = kind_.type == GuestType::Hvm && !kind_.pv_drivers;
        live_disks.guest_writes(guest.domain.domid,
                                emulated ? "#block-" + one.vdev : one.vdev + "-qcow2", content);
    }
}

void FakeHost::pause_g1() {
    g1().paused = true;
}

void FakeHost::fail_call(std::size_t index) {
    auto hook = [this, index](const std::string &method) -> Status {
        if (calls_made_++ != index)
            return {};
        failed_call_ = method;
        return fail(ErrorCode::Fail, "injected");
    };
    toolstack.before = hook;
    live_disks.before = hook;
    disk_images.before = hook;
    image_chains.before = hook;
    image_users.before = hook;
    kept_images.before = hook;
    memory_store.before = hook;
    watcher_launcher.before = hook;
}

std::string FakeHost::leftovers(bool paused) {
    std::string wrong;
    FakeGuest *guest = toolstack.find("g1");
    if (guest == nullptr)
        return "the domain is gone";
    if (guest->execution != FakeGuest::Execution::Going || guest->emulator_stopped)
        wrong += "the guest or its QEMU is stopped; ";
    if (guest->paused != paused)
        wrong += fmt::format("paused is {}; ", guest->paused);
    const FakeLiveDisks::Qemu &qemu = live_disks.qemus.at(guest->domain.domid);
    if (!qemu.active || !qemu.running || qemu.session)
        wrong += "QEMU is stopped, its nodes are inactive or its socket is held; ";
    for (const char *path : {kDiskA, kDiskB}) {
        if (images.at(path).corrupt)
            wrong += fmt::format("{} is corrupt; ", path);
        if (!images.at(path).tags.empty())
            wrong +=
                fmt::format("{} has tags {}; ", path, fmt::join(images.at(path).tag_names(), ", "));
    }
    if (!memory_store.images.empty() || !memory_store.temporary_files.empty())
        wrong += "a memory image is left; ";
    return wrong;
}

std::string FakeHost::differs_from(const std::string &content) {
    std::string wrong;
    if (g1().memory != content)
        wrong += fmt::format("memory holds '{}'; ", g1().memory);
    for (const char *path : {kDiskA, kDiskB})
        if (images.at(path).content != content)
            wrong += fmt::format("{} holds '{}'; ", path, images.at(path).content);
    return wrong;
}

// An HVM domain's QEMU opens each image twice; a guest with PV drivers unplugs the emulated disks
// as soon as it runs.
void FakeHost::started(const Domain &domain) {
    for (const Disk &one : domain.disks) {
        if (kind_.type == GuestType::Hvm && !kind_.pv_drivers)
            live_disks.attach(domain.domid, "#block-" + one.vdev, one.path);
        live_disks.attach(domain.domid, fmt::format("{}-{}", one.vdev, to_string(one.format)),
                          one.path);
    }
}

void FakeHost::destroyed(const Domain &domain) {
    live_disks.remove_domain(domain.domid);
}

void FakeHost::destroyed_slowly(const Domain &domain) {
    destroyed(domain);
    const int pid = emulator_pid(domain.domid);
    for (const Disk &one : domain.disks)
        image_users.users[one.path].push_back({pid, "qemu-system-i386", one.writable});
    image_users.leaving.insert(pid);
}

// What the open-image guard finds of a domain's QEMU follows from the nodes.
void FakeHost::used(DomainId domid, const std::string &path) {
    const int pid = emulator_pid(domid);
    std::vector<ImageUser> &users = image_users.users[path];
    std::erase_if(users, [&](const ImageUser &user) { return user.pid == pid; });
    const std::vector<FakeLiveDisks::Node> &nodes = live_disks.qemus.at(domid).nodes;
    if (std::ranges::count(nodes, path, &FakeLiveDisks::Node::path) != 0)
        users.push_back({pid, "qemu-system-i386", std::ranges::any_of(nodes, [&](const auto &node) {
                             return node.path == path && node.writable;
                         })});
    if (users.empty())
        image_users.users.erase(path);
}

// What libxl does to QEMU on the way.
void FakeHost::toolstack_called(const std::string &call) {
    if (kind_.type != GuestType::Hvm)
        return;
    const FakeGuest *guest = toolstack.find("g1");
    if (guest == nullptr)
        return;
    const DomainId domid = guest->domain.domid;
    if (call.rfind("suspend", 0) == 0)
        live_disks.suspended(domid, call.rfind("suspend_live ", 0) == 0);
    if (call.rfind("resume ", 0) == 0 || call.rfind("let_run ", 0) == 0)
        live_disks.resumed(domid);
}

} // namespace xlsnap::test
