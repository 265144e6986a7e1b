// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "adapters/libxl/libxl_types.hpp"
#include "adapters/libxl/xenstore.hpp"
#include "adapters/libxl/xl_config.hpp"
#include "ports/log.hpp"
#include "ports/toolstack.hpp"

namespace xlsnap {

struct LibxlDeadlines {
    // How long libxl waits for the guest to take the suspend request
    // (tools/libs/light/libxl_domain.c in xen.git).
    std::chrono::milliseconds guest_answer{60'000};
    // How long let_run() watches a guest that may have taken the request just before libxl gave up.
    std::chrono::milliseconds late_suspend{5'000};
    // How long a destroyed domain may stay: it lives until nobody maps its memory any more.
    std::chrono::milliseconds disappearance{60'000};
    std::chrono::milliseconds poll_interval{20};
    // How long dom0 may take to give up memory; xl's value.
    std::chrono::milliseconds ballooning{30'000};
    // How long another process may take to start a domain. xl waits for it without end.
    std::chrono::milliseconds other_start{60'000};
    // How long a paused guest that is not asked to suspend may take for it. Xen stops a vCPU only
    // between two accesses to an emulated device, so one that was paused within an access must run
    // until that is answered (vcpu_start_shutdown_deferral in xen/common/domain.c).
    std::chrono::milliseconds device_access{1'000};
    // How long another process may hold libxl's lock on what it keeps of a domain. libxl holds it
    // for the reading or writing of a file and waits for it without end.
    std::chrono::milliseconds userdata_lock{10'000};
};

// Where xl and libxl have what we share with them.
struct XlFiles {
    std::string dumps = "/var/lib/xen/dump"; // XEN_DUMP_DIR, of tools/config.h in xen.git
    std::string config = "/etc/xen/xl.conf"; // XL_GLOBAL_CONFIG, of tools/xl/xl.h
    std::string lock = "/var/lock/xl";       // XL_LOCK_FILE, of tools/xl/xl.h
    std::string userdata = "/var/lib/xen";   // XEN_LIB_DIR, of tools/config.h
};

// The Toolstack on stock libxl. Domains of an HVM type need a QEMU that answers libxl; every other
// call works without.
//
// `ctx` belongs to the caller and outlives this object. libxl runs children during these calls
// (libxl-save-helper, QEMU, hotplug scripts); how the process reaps children is a property of the
// ctx (libxl_childproc_setmode) and stays the caller's. The suspend of a paused domain uses a
// second thread on the same ctx, which libxl allows. One object serves one thread at a time.
class LibxlToolstack final : public Toolstack {
  public:
    LibxlToolstack(libxl_ctx *ctx, Log &log, LibxlDeadlines deadlines = {}, XlFiles files = {})
        : ctx_(ctx), log_(log), deadlines_(deadlines), files_(std::move(files)) {}

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

  private:
    // A domain can be paused in any state; RunState says so only of one that could run otherwise.
    struct Execution {
        RunState state;
        bool paused;
        bool blocked;
        std::uint64_t memory_bytes;
        std::string uuid;
    };

    Result<Execution> execution(DomainId domid);
    Result<bool> exists(DomainId domid);
    // "domain NAME (domid)", for messages.
    std::string describe(DomainId domid);

    Result<int> suspend_paused(DomainId domid, int fd);
    bool still_paused(DomainId domid);
    Error suspend_failure(int rc, DomainId domid, std::chrono::milliseconds elapsed, bool live);
    Status let_emulator_go(DomainId domid);
    Result<std::string> monitor_command(DomainId domid, const char *command);
    Result<Execution> wait_for_late_suspend(DomainId domid);

    XlConfig xl_config();
    Result<std::unique_ptr<Room>> keep_room_from_xl(const XlConfig &config);
    Status free_memory(std::uint64_t wanted_kib, bool from_dom0);

    // That it is still there, and not about to go.
    Status check_living(const Domain &domain);

    bool has_shadow_paging();
    bool has_userdata(DomainId domid, const char *user);
    DiskBackend chosen_backend(DomainId domid, const std::string &vdev);
    // Nothing when the domain has no such vbd.
    std::optional<bool> disk_frontend(DomainId domid, const std::string &vdev);
    Error build_failure(int rc, const std::string &name, std::uint32_t domid, const char *attempt);

    libxl_ctx *ctx_;
    Log &log_;
    LibxlDeadlines deadlines_;
    XlFiles files_;
    std::set<DomainId> may_suspend_late_;
};

} // namespace xlsnap
