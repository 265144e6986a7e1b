// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>

#include "core/domain.hpp"
#include "ports/toolstack.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// What the fake host knows of one domain. `domain.state` and `frontend_connected` of its disks
// follow from the other fields whenever the fake is asked.
struct FakeGuest {
    enum class Execution { Going, Suspended, ShutDown, Dying };

    Domain domain;
    std::string memory; // what the guest remembers: saved by suspend, brought back by restore
    Execution execution = Execution::Going;
    bool paused = false;
    // The guest has Xen drivers: it must run to suspend, and its front ends connect. An HVM guest
    // without them is suspended by the hypervisor, paused or not.
    bool pv_drivers = true;
    bool ignores_suspend = false;
    bool emulator_stopped = false; // the guest's QEMU was stopped; HVM only
};

// A Toolstack over domains in memory. Configurations are JSON of libxl's shape with the fields that
// Domain has; streams are those of make_stream(). Methods for fail_next() and fail_after_next():
// those of Toolstack.
class FakeToolstack final : public Toolstack, public FakeCalls {
  public:
    Result<Domain> inspect(DomainId domid) override;
    Result<std::vector<KnownDomain>> list() override;
    Result<Domain> read_config(const std::string &config_json) override;
    Result<RunState> state(DomainId domid) override;
    Result<bool> frontend_connected(DomainId domid, const std::string &vdev) override;
    Status suspend(DomainId domid, int fd, bool live) override;
    Status resume(DomainId domid) override;
    Status let_run(DomainId domid, bool paused) override;
    Status pause(DomainId domid) override;
    Status unpause(DomainId domid) override;
    Status destroy(DomainId domid) override;
    Status dump_core(const Domain &domain) override;
    Status preserve(const Domain &domain) override;
    Status check_config(const std::string &config_json) override;
    Status check_room(const std::string &config_json, const std::string &gone_json) override;
    Result<std::unique_ptr<Room>> make_room(const std::string &config_json,
                                            const std::string &gone_json) override;
    Result<DomainId> restore(const std::string &config_json, int fd) override;
    Result<DomainId> start(const std::string &config_json) override;
    Status change_disks(const Domain &domain, const std::vector<DiskChange> &changes) override;

    // Puts a domain on the host, in the state that it says, under a new domid. An empty config_json
    // is made from the rest.
    DomainId add(Domain domain, std::string memory = "");

    // The next call of the method does what it should and reports this error all the same. (A
    // restore or start then leaves no domain, as its contract says.)
    void fail_after_next(const std::string &method, Error error);

    // The guest of this domid; the test must know that it exists.
    FakeGuest &guest(DomainId domid) { return guests.at(domid); }
    // The only guest of this name; nullptr when there is none.
    FakeGuest *find(std::string_view name);

    std::map<DomainId, FakeGuest> guests;
    int rooms = 0; // how many of make_room() live

    // Called first in each call with what `calls` gets; may order a failure of this very call.
    std::function<void(const std::string &call)> on_call;
    // Called when a domain has been built (restore, start) or destroyed: its QEMU opens or closes
    // the images of its disks.
    std::function<void(const Domain &domain)> on_start;
    std::function<void(const Domain &domain)> on_destroy;

  private:
    Status begin(const std::string &method);
    Status begin(const std::string &method, DomainId domid);
    // To be returned by a method whose effect has happened.
    Status end(const std::string &method);

    Result<FakeGuest *> find_guest(DomainId domid);
    void remove(DomainId domid);
    Result<DomainId> build(const std::string &config_json, std::string memory);

    DomainId next_domid_ = 1;
    std::map<std::string, std::queue<Error>> late_failures_;
};

// The QEMU of a domain that add() was not told of another one.
[[nodiscard]] int emulator_pid(DomainId domid);

// libxl_domain_config in JSON, as libxl writes it, with the fields that Domain has.
[[nodiscard]] std::string fake_config_json(const Domain &domain);

// The inverse; Invalid when the text is no such configuration.
[[nodiscard]] Result<Domain> domain_of_config(const std::string &config_json);

} // namespace xlsnap::test
