// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/libxl/libxl_types.hpp"

namespace xlsnap::test {

// What the fake hypervisor and the fake libxl know of one domain.
struct FakeXenDomain {
    std::string config_json; // libxl's record of the configuration
    std::string name;
    libxl_domain_type type = LIBXL_DOMAIN_TYPE_PV;
    libxl_uuid uuid{};
    std::string memory;

    int pauses = 0;
    bool dying = false;
    bool shutdown = false;
    libxl_shutdown_reason shutdown_reason = LIBXL_SHUTDOWN_REASON_UNKNOWN;

    // Without Xen drivers the hypervisor suspends the guest, without the guest's help.
    bool pv_drivers = true;
    bool ignores_suspend = false;
    // Paused within an access to a device: the hypervisor suspends it when it has run on.
    bool in_device_access = false;
    // Suspends by itself when libxl has given up and looked at it so many times; 0: never.
    int suspends_after_looks = 0;
    bool emulator_hangs = false;   // QEMU answers nothing
    bool emulator_stopped = false; // QEMU's "VM status: paused"
    int looks_before_gone = 0;     // how often a destroyed domain is still seen
};

// libxl, libxenstore and libxenctrl replaced at link time: a program that is linked with this
// object library has its own libxl_domain_suspend() and so on, which work on the one FakeLibxl that
// lives at the time; everything else of libxl (contexts, types, JSON, what reads xenstore only) is
// the real library. Nothing of Xen is needed. Calls may come from several threads.
class FakeLibxl {
  public:
    FakeLibxl();
    FakeLibxl(const FakeLibxl &) = delete;
    FakeLibxl &operator=(const FakeLibxl &) = delete;
    ~FakeLibxl();

    // A real libxl_ctx, made by libxl_ctx_alloc() on top of the fakes.
    [[nodiscard]] libxl_ctx *ctx() { return ctx_; }

    // Puts a running domain on the host, from libxl_domain_config in libxl's JSON; the front ends
    // of its disks are connected when it has Xen drivers. Returns its domid.
    std::uint32_t add(const std::string &config_json, std::string memory = "");
    [[nodiscard]] FakeXenDomain &domain(std::uint32_t domid) { return domains.at(domid); }
    [[nodiscard]] bool has(std::uint32_t domid) const { return domains.count(domid) != 0; }

    // The next call of this libxl function returns rc (0 as well) and does nothing, or does all it
    // should before it returns rc. Repeated, it holds for as many calls. Of the functions of
    // libxenstore that write, rc is what errno will be.
    void fail_next(const std::string &function, int rc) {
        failures_[function].push_back({rc, false});
    }
    void fail_after_next(const std::string &function, int rc) {
        failures_[function].push_back({rc, true});
    }

    std::map<std::uint32_t, FakeXenDomain> domains;
    std::map<std::string, std::string> xenstore;
    bool xenstore_refuses = false; // xs_open() fails
    int xenstore_writes = 0;       // that have happened: those of a transaction when it ends
    int open_transactions = 0;
    // A domain needs the max_memkb of its configuration. dom0 gives up what it is asked for, down
    // to the least that libxl leaves it.
    std::uint64_t free_kib = 1U << 20U;
    std::uint64_t dom0_can_give_kib = 0;
    // By default xl leaves dom0's memory alone, and so does not need its lock.
    std::string xen_command_line = "dom0_mem=512M";
    bool shadow_paging = true;                                            // Xen was built with it
    std::map<std::uint32_t, std::map<std::string, std::string>> userdata; // by domid and user
    // Answers of QEMU's human monitor that differ from what the model says.
    std::map<std::string, std::string> monitor_answers;
    std::vector<std::string> calls; // "libxl_domain_suspend 1" and so on; looks are not logged

    // What libxl_event_wait() tells, in this order.
    struct Event {
        std::uint32_t domid = 0;
        libxl_event_type type = LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN;
        libxl_shutdown_reason reason = LIBXL_SHUTDOWN_REASON_POWEROFF;
    };
    std::deque<Event> events;
    int generators = 0; // how many are enabled

    // Called when a domain was built or has disappeared (its QEMU opens or closes the images), with
    // its configuration.
    std::function<void(std::uint32_t domid, const std::string &config_json)> on_start;
    std::function<void(std::uint32_t domid, const std::string &config_json)> on_destroy;
    // Called when a write to xenstore fails as ordered.
    std::function<void()> on_xenstore_failure;

    // The rest is for the C functions of fake_libxl.cpp.
    static FakeLibxl &current();

    int info(std::uint32_t domid, libxl_dominfo *info_out);
    libxl_dominfo *list(int *count_out);
    int retrieve(std::uint32_t domid, libxl_domain_config *config_out);
    int suspend(std::uint32_t domid, int fd, int flags);
    int resume(std::uint32_t domid, int suspend_cancel);
    int pause(std::uint32_t domid);
    int unpause(std::uint32_t domid);
    int destroy(std::uint32_t domid);
    int build(const char *function, libxl_domain_config *config, const std::string &pages,
              std::uint32_t *domid_out);
    int restore(libxl_domain_config *config, std::uint32_t *domid_out, int fd,
                const libxl_domain_restore_params *params);
    int monitor_command(std::uint32_t domid, const std::string &command, char **output_out);
    int dump_core(std::uint32_t domid, const std::string &path);
    int preserve(std::uint32_t domid, const std::string &name);
    int enable_events(std::uint32_t domid);
    int wait_for_event(libxl_event **event_out);
    int need_memory(const libxl_domain_config &config, std::uint64_t *need_out);
    int free_memory(std::uint64_t *free_out);
    int dom0_target(std::uint64_t *target_out);
    int shrink_dom0(std::int64_t change_kib);
    const libxl_version_info *version_info();
    int retrieve_userdata(std::uint32_t domid, const std::string &user, std::uint8_t **data_out,
                          int *length_out);
    char *read_xenstore(std::uint32_t transaction, const char *path, unsigned int *length_out);
    bool write_xenstore(std::uint32_t transaction, const std::string &path,
                        const std::string &value);
    std::uint32_t begin_transaction();
    bool end_transaction(std::uint32_t transaction, bool abort);

  private:
    struct Failure {
        int rc;
        bool after_effect;
    };

    // Logs a call. What it must return at once, if anything.
    std::optional<int> begin(const std::string &function, std::uint32_t domid);
    // What a call that has done all must return.
    int end(const std::string &function);
    FakeXenDomain *find(std::uint32_t domid);
    std::uint32_t insert(libxl_domain_config *config, std::string memory);
    void describe_in_xenstore(std::uint32_t domid, const libxl_domain_config &config);
    void connect_frontends(std::uint32_t domid);
    void remove(std::uint32_t domid);
    int wait_for_guest(std::uint32_t domid, std::unique_lock<std::mutex> &lock);
    void suspend_guest(FakeXenDomain &domain);

    std::mutex mutex_;
    std::condition_variable unpaused_;
    bool unpause_failed_ = false;
    std::map<std::string, std::deque<Failure>> failures_;
    std::map<std::uint32_t, std::map<std::string, std::string>> transactions_; // what they write
    std::uint32_t next_transaction_ = 1;
    std::uint32_t next_domid_ = 1;
    libxl_version_info version_info_{};
    xentoollog_logger *logger_ = nullptr;
    libxl_ctx *ctx_ = nullptr;
};

} // namespace xlsnap::test
