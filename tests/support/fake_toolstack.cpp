// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_toolstack.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "support/fake_stream.hpp"

namespace xlsnap::test {

namespace {

using Execution = FakeGuest::Execution;

constexpr int kFirstEmulatorPid = 1000;

RunState run_state(const FakeGuest &guest) {
    switch (guest.execution) {
    case Execution::Dying:
        return RunState::Dying;
    case Execution::ShutDown:
        return RunState::Shutdown;
    case Execution::Suspended:
        return RunState::Suspended;
    case Execution::Going:
        break;
    }
    return guest.paused ? RunState::Paused : RunState::Running;
}

void set_state(FakeGuest &guest, RunState state) {
    guest.paused = state == RunState::Paused;
    guest.execution = state == RunState::Suspended  ? Execution::Suspended
                      : state == RunState::Shutdown ? Execution::ShutDown
                      : state == RunState::Dying    ? Execution::Dying
                                                    : Execution::Going;
    guest.emulator_stopped = state == RunState::Suspended && guest.domain.type == GuestType::Hvm;
}

// Connected front ends are the guest's doing: it has to have run since it was built.
void connect_frontends(FakeGuest &guest) {
    if (run_state(guest) != RunState::Running)
        return;
    for (Disk &disk : guest.domain.disks)
        disk.frontend_connected = guest.pv_drivers;
}

class CountedRoom final : public Room {
  public:
    explicit CountedRoom(int &count) : count_(count) { ++count_; }
    CountedRoom(const CountedRoom &) = delete;
    CountedRoom &operator=(const CountedRoom &) = delete;
    CountedRoom(CountedRoom &&) = delete;
    CountedRoom &operator=(CountedRoom &&) = delete;
    ~CountedRoom() override { --count_; }

  private:
    int &count_;
};

// What the fake guest's memory pages hold: whether it has Xen drivers, and what it remembers.
std::string guest_pages(const FakeGuest &guest) {
    return (guest.pv_drivers ? "1" : "0") + guest.memory;
}

} // namespace

int emulator_pid(DomainId domid) {
    return kFirstEmulatorPid + static_cast<int>(domid);
}

DomainId FakeToolstack::add(Domain domain, std::string memory) {
    const DomainId domid = next_domid_++;
    FakeGuest guest;
    guest.domain = std::move(domain);
    guest.domain.domid = domid;
    if (guest.domain.device_model_pid == 0)
        guest.domain.device_model_pid = emulator_pid(domid);
    if (guest.domain.config_json.empty())
        guest.domain.config_json = fake_config_json(guest.domain);
    guest.memory = std::move(memory);
    set_state(guest, guest.domain.state);
    guests.emplace(domid, std::move(guest));
    return domid;
}

void FakeToolstack::fail_after_next(const std::string &method, Error error) {
    late_failures_[method].push(std::move(error));
}

FakeGuest *FakeToolstack::find(std::string_view name) {
    for (auto &[domid, guest] : guests)
        if (guest.domain.name == name)
            return &guest;
    return nullptr;
}

Status FakeToolstack::begin(const std::string &method) {
    if (on_call)
        on_call(method);
    return enter(method);
}

Status FakeToolstack::begin(const std::string &method, DomainId domid) {
    const std::string argument = std::to_string(domid);
    if (on_call)
        on_call(method + " " + argument);
    return enter(method, argument);
}

Status FakeToolstack::end(const std::string &method) {
    auto planned = late_failures_.find(method);
    if (planned == late_failures_.end() || planned->second.empty())
        return {};
    Error error = std::move(planned->second.front());
    planned->second.pop();
    return fail(std::move(error));
}

Result<FakeGuest *> FakeToolstack::find_guest(DomainId domid) {
    auto found = guests.find(domid);
    if (found == guests.end())
        return fail(ErrorCode::DomainNotFound, fmt::format("there is no domain {}", domid));
    return &found->second;
}

Result<Domain> FakeToolstack::inspect(DomainId domid) {
    XLSNAP_TRY(begin("inspect", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    guest->domain.state = run_state(*guest);
    return guest->domain;
}

Result<std::vector<KnownDomain>> FakeToolstack::list() {
    XLSNAP_TRY(begin("list"));
    std::vector<KnownDomain> domains;
    for (const auto &[domid, guest] : guests)
        domains.push_back({domid, guest.domain.uuid, guest.domain.name});
    return domains;
}

Result<Domain> FakeToolstack::read_config(const std::string &config_json) {
    XLSNAP_TRY(begin("read_config"));
    XLSNAP_ASSIGN(Domain domain, domain_of_config(config_json));
    domain.config_json = config_json;
    return domain;
}

Result<RunState> FakeToolstack::state(DomainId domid) {
    XLSNAP_TRY(begin("state", domid));
    XLSNAP_ASSIGN(const FakeGuest *guest, find_guest(domid));
    return run_state(*guest);
}

Result<bool> FakeToolstack::frontend_connected(DomainId domid, const std::string &vdev) {
    XLSNAP_TRY(begin("frontend_connected", domid));
    XLSNAP_ASSIGN(const FakeGuest *guest, find_guest(domid));
    const Disk *disk = find_disk(guest->domain, vdev);
    if (disk == nullptr)
        return fail(ErrorCode::NotFound, fmt::format("domain {} has no disk {}", domid, vdev));
    return disk->frontend_connected;
}

Status FakeToolstack::suspend(DomainId domid, int fd, bool live) {
    XLSNAP_TRY(begin(live ? "suspend_live" : "suspend", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    if (guest->execution != Execution::Going)
        return fail(ErrorCode::Invalid, fmt::format("domain {} is {}: it cannot be suspended",
                                                    domid, to_string(run_state(*guest))));
    if (guest->pv_drivers) {
        guest->paused = false;
        if (guest->ignores_suspend)
            return fail(ErrorCode::GuestTimedOut,
                        fmt::format("domain {} did not answer the suspend request", domid));
    }
    guest->execution = Execution::Suspended;
    guest->emulator_stopped = guest->domain.type == GuestType::Hvm;
    XLSNAP_TRY(write_text(fd, make_stream(guest->domain.type, guest_pages(*guest))));
    return end("suspend");
}

Status FakeToolstack::resume(DomainId domid) {
    XLSNAP_TRY(begin("resume", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    if (guest->execution != Execution::Suspended)
        return fail(ErrorCode::Fail, fmt::format("domain {} is not suspended", domid));
    guest->execution = Execution::Going;
    guest->emulator_stopped = false;
    return end("resume");
}

Status FakeToolstack::let_run(DomainId domid, bool paused) {
    XLSNAP_TRY(begin("let_run", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    if (guest->execution == Execution::ShutDown)
        return fail(ErrorCode::Fail, fmt::format("domain {} has shut down by itself", domid));
    if (guest->execution == Execution::Dying)
        return fail(ErrorCode::DomainDestroyed, fmt::format("domain {} is being destroyed", domid));
    if (paused)
        guest->paused = true;
    guest->emulator_stopped = false;
    if (guest->execution == Execution::Suspended)
        guest->execution = Execution::Going;
    return end("let_run");
}

Status FakeToolstack::pause(DomainId domid) {
    XLSNAP_TRY(begin("pause", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    guest->paused = true;
    return end("pause");
}

Status FakeToolstack::unpause(DomainId domid) {
    XLSNAP_TRY(begin("unpause", domid));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domid));
    guest->paused = false;
    connect_frontends(*guest);
    return end("unpause");
}

Status FakeToolstack::destroy(DomainId domid) {
    XLSNAP_TRY(begin("destroy", domid));
    remove(domid);
    return end("destroy");
}

void FakeToolstack::remove(DomainId domid) {
    auto found = guests.find(domid);
    if (found == guests.end())
        return;
    const Domain domain = std::move(found->second.domain);
    guests.erase(found);
    if (on_destroy)
        on_destroy(domain);
}

Result<DomainId> FakeToolstack::build(const std::string &config_json, std::string memory) {
    XLSNAP_ASSIGN(Domain domain, domain_of_config(config_json));
    if (find(domain.name) != nullptr)
        return fail(ErrorCode::Fail,
                    fmt::format("a domain with the name {} exists already", domain.name));
    domain.state = RunState::Paused;
    const DomainId domid = add(std::move(domain), std::move(memory));
    if (on_start)
        on_start(guest(domid).domain);
    return domid;
}

Status FakeToolstack::dump_core(const Domain &domain) {
    return begin(fmt::format("dump_core {}", domain.domid));
}

Status FakeToolstack::preserve(const Domain &domain) {
    XLSNAP_TRY(begin(fmt::format("preserve {}", domain.domid)));
    guest(domain.domid).domain.name += "-preserved";
    return {};
}

Status FakeToolstack::check_config(const std::string &config_json) {
    XLSNAP_TRY(begin("check_config"));
    XLSNAP_TRY(domain_of_config(config_json));
    return {};
}

Status FakeToolstack::check_room(const std::string &config_json, const std::string &gone_json) {
    XLSNAP_TRY(begin("check_room"));
    XLSNAP_TRY(domain_of_config(config_json));
    if (!gone_json.empty())
        XLSNAP_TRY(domain_of_config(gone_json));
    return {};
}

Result<std::unique_ptr<Room>> FakeToolstack::make_room(const std::string &config_json,
                                                       const std::string &gone_json) {
    XLSNAP_TRY(begin("make_room"));
    XLSNAP_TRY(domain_of_config(config_json));
    if (!gone_json.empty())
        XLSNAP_TRY(domain_of_config(gone_json));
    return std::make_unique<CountedRoom>(rooms);
}

Result<DomainId> FakeToolstack::restore(const std::string &config_json, int fd) {
    XLSNAP_TRY(begin("restore"));
    XLSNAP_TRY(domain_of_config(config_json));
    XLSNAP_ASSIGN(const std::string pages, read_stream(fd));
    if (pages.empty())
        return fail(ErrorCode::Fail, "the stream is not one of the fake toolstack");
    XLSNAP_ASSIGN(const DomainId domid, build(config_json, pages.substr(1)));
    guest(domid).pv_drivers = pages.front() == '1';
    const Status ended = end("restore");
    if (ended)
        return domid;
    remove(domid);
    return fail(ended.error());
}

Result<DomainId> FakeToolstack::start(const std::string &config_json) {
    XLSNAP_TRY(begin("start"));
    XLSNAP_ASSIGN(const DomainId domid, build(config_json, ""));
    FakeGuest &started = guest(domid);
    started.pv_drivers = started.domain.type != GuestType::Hvm;
    const Status ended = end("start");
    if (ended)
        return domid;
    remove(domid);
    return fail(ended.error());
}

Status FakeToolstack::change_disks(const Domain &domain, const std::vector<DiskChange> &changes) {
    XLSNAP_TRY(begin("change_disks", domain.domid));
    XLSNAP_TRY(check_changes(changes));
    XLSNAP_ASSIGN(FakeGuest * guest, find_guest(domain.domid));
    Domain changed = guest->domain;
    if (changed.uuid != domain.uuid)
        return fail(ErrorCode::DomainNotFound, "the domain is another one now");
    for (const DiskChange &change : changes) {
        const auto disk = std::ranges::find(changed.disks, change.vdev, &Disk::vdev);
        if (disk == changed.disks.end())
            return fail(ErrorCode::NotFound, fmt::format("there is no disk {}", change.vdev));
        if (disk->backend != DiskBackend::Qdisk)
            return fail(ErrorCode::Invalid, fmt::format("QEMU does not serve {}", change.vdev));
        disk->path = change.path;
        disk->format = change.format;
    }
    XLSNAP_ASSIGN(changed.config_json, with_disks(changed.config_json, changes));
    guest->domain = std::move(changed);
    return end("change_disks");
}

} // namespace xlsnap::test
