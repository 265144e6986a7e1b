// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_libxl.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "support/fake_stream.hpp"

namespace xlsnap::test {

namespace {

FakeLibxl *g_current = nullptr;

constexpr int kFirstEmulatorPid = 4000;
constexpr std::uint64_t kMemoryKib = 128 << 10;

// The device number of a vdev, as docs/man/xen-vbd-interface.7.pandoc in xen.git has it, for the
// first disks of each kind.
int device_number(const std::string &vdev) {
    const int index = vdev.back() - 'a';
    if (vdev.rfind("hd", 0) == 0)
        return (index < 2 ? 3 : 22) << 8 | (index % 2) << 6;
    return (vdev.rfind("sd", 0) == 0 ? 8 : 202) << 8 | index << 4;
}

GuestType guest_type(libxl_domain_type type) {
    return type == LIBXL_DOMAIN_TYPE_PV    ? GuestType::Pv
           : type == LIBXL_DOMAIN_TYPE_PVH ? GuestType::Pvh
                                           : GuestType::Hvm;
}

} // namespace

FakeLibxl::FakeLibxl() {
    if (g_current != nullptr)
        std::abort();
    g_current = this;
    logger_ = reinterpret_cast<xentoollog_logger *>(
        xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0));
    if (libxl_ctx_alloc(&ctx_, LIBXL_VERSION, 0, logger_) != 0)
        std::abort();
}

FakeLibxl::~FakeLibxl() {
    libxl_ctx_free(ctx_);
    xtl_logger_destroy(logger_);
    g_current = nullptr;
}

FakeLibxl &FakeLibxl::current() {
    if (g_current == nullptr)
        std::abort();
    return *g_current;
}

std::optional<int> FakeLibxl::begin(const std::string &function, std::uint32_t domid) {
    calls.push_back(fmt::format("{} {}", function, domid));
    std::deque<Failure> &planned = failures_[function];
    if (planned.empty() || planned.front().after_effect)
        return std::nullopt;
    const int rc = planned.front().rc;
    planned.pop_front();
    return rc;
}

int FakeLibxl::end(const std::string &function) {
    std::deque<Failure> &planned = failures_[function];
    if (planned.empty() || !planned.front().after_effect)
        return 0;
    const int rc = planned.front().rc;
    planned.pop_front();
    return rc;
}

FakeXenDomain *FakeLibxl::find(std::uint32_t domid) {
    auto found = domains.find(domid);
    return found == domains.end() ? nullptr : &found->second;
}

std::uint32_t FakeLibxl::add(const std::string &config_json, std::string memory) {
    LibxlDomainConfig config;
    if (libxl_domain_config_from_json(ctx_, config.get(), config_json.c_str()) != 0)
        std::abort();
    const std::uint32_t domid = insert(config.get(), std::move(memory));
    domain(domid).pauses = 0;
    connect_frontends(domid);
    return domid;
}

std::uint32_t FakeLibxl::insert(libxl_domain_config *config, std::string memory) {
    const std::uint32_t domid = next_domid_++;
    FakeXenDomain domain;
    config->c_info.domid = domid;
    const MallocedText json(libxl_domain_config_to_json(ctx_, config));
    domain.config_json = json.get();
    domain.name = config->c_info.name;
    domain.type = config->c_info.type;
    domain.uuid = config->c_info.uuid;
    domain.memory = std::move(memory);
    domain.pauses = 1;
    domains.emplace(domid, std::move(domain));
    describe_in_xenstore(domid, *config);
    return domid;
}

void FakeLibxl::describe_in_xenstore(std::uint32_t domid, const libxl_domain_config &config) {
    const std::string home = fmt::format("/local/domain/{}", domid);
    xenstore[home + "/name"] = config.c_info.name;
    xenstore[fmt::format("/libxl/{}/type", domid)] =
        libxl_domain_type_to_string(config.c_info.type);
    // Made by libxl, for the guest to write a port into it if it has one.
    xenstore[home + "/device/suspend/event-channel"] = "";
    xenstore[home + "/image/device-model-pid"] =
        std::to_string(kFirstEmulatorPid + static_cast<int>(domid));
    for (int i = 0; i < config.num_disks; ++i) {
        const libxl_device_disk &disk = config.disks[i];
        const std::string device = fmt::format("device/vbd/{}", device_number(disk.vdev));
        const std::string frontend = home + "/" + device;
        const std::string backend = fmt::format("/local/domain/0/backend/qdisk/{}/{}", domid, i);
        const std::string record = fmt::format("/libxl/{}/{}/", domid, device);
        xenstore[record + "frontend"] = frontend;
        xenstore[record + "backend"] = backend;
        xenstore[record + "dev"] = disk.vdev;
        const std::string path = disk.pdev_path == nullptr ? "" : disk.pdev_path;
        const std::string format = libxl_disk_format_to_string(disk.format);
        xenstore[record + "params"] = (format == "raw" ? "aio" : format) + ":" + path;
        xenstore[backend + "/params"] = xenstore[record + "params"];
        xenstore[record + "type"] = disk.backend == LIBXL_DISK_BACKEND_UNKNOWN
                                        ? "qdisk"
                                        : libxl_disk_backend_to_string(disk.backend);
        xenstore[record + "removable"] = std::to_string(disk.removable);
        xenstore[record + "mode"] = disk.readwrite != 0 ? "w" : "r";
        xenstore[record + "device-type"] = disk.is_cdrom != 0 ? "cdrom" : "disk";
        xenstore[frontend + "/state"] = "1";
    }
}

void FakeLibxl::connect_frontends(std::uint32_t domid) {
    if (!domain(domid).pv_drivers)
        return;
    const std::string devices = fmt::format("/local/domain/{}/device/vbd/", domid);
    for (auto &[path, value] : xenstore)
        if (path.rfind(devices, 0) == 0 && path.find("/state") != std::string::npos)
            value = "4";
}

void FakeLibxl::remove(std::uint32_t domid) {
    const std::string config_json = domain(domid).config_json;
    domains.erase(domid);
    std::erase_if(xenstore, [domid](const auto &node) {
        return node.first.rfind(fmt::format("/local/domain/{}/", domid), 0) == 0 ||
               node.first.rfind(fmt::format("/libxl/{}/", domid), 0) == 0;
    });
    if (on_destroy)
        on_destroy(domid, config_json);
}

void FakeLibxl::suspend_guest(FakeXenDomain &domain) {
    domain.shutdown = true;
    domain.shutdown_reason = LIBXL_SHUTDOWN_REASON_SUSPEND;
    domain.emulator_stopped = domain.type == LIBXL_DOMAIN_TYPE_HVM;
}

int FakeLibxl::info(std::uint32_t domid, libxl_dominfo *info_out) {
    const std::lock_guard lock(mutex_);
    if (!failures_["libxl_domain_info"].empty()) {
        const int rc = failures_["libxl_domain_info"].front().rc;
        failures_["libxl_domain_info"].pop_front();
        return rc;
    }
    FakeXenDomain *domain = find(domid);
    if (domain == nullptr)
        return ERROR_DOMAIN_NOTFOUND;
    if (domain->dying && domain->looks_before_gone-- <= 0) {
        remove(domid);
        return ERROR_DOMAIN_NOTFOUND;
    }
    if (domain->suspends_after_looks > 0 && --domain->suspends_after_looks == 0)
        suspend_guest(*domain);
    info_out->domid = domid;
    info_out->uuid = domain->uuid;
    info_out->dying = domain->dying;
    info_out->shutdown = domain->shutdown;
    info_out->shutdown_reason =
        domain->shutdown ? domain->shutdown_reason : LIBXL_SHUTDOWN_REASON_UNKNOWN;
    info_out->paused = domain->pauses > 0;
    info_out->current_memkb = kMemoryKib;
    info_out->running = !domain->dying && !domain->shutdown && domain->pauses == 0;
    // As libxl has it: a PVH domain is HVM to the hypervisor.
    info_out->domain_type =
        domain->type == LIBXL_DOMAIN_TYPE_PV ? LIBXL_DOMAIN_TYPE_PV : LIBXL_DOMAIN_TYPE_HVM;
    return 0;
}

libxl_dominfo *FakeLibxl::list(int *count_out) {
    std::vector<std::uint32_t> ids;
    {
        const std::lock_guard lock(mutex_);
        auto &failures = failures_["libxl_list_domain"];
        if (!failures.empty()) {
            failures.pop_front();
            return nullptr;
        }
        for (const auto &[domid, domain] : domains)
            ids.push_back(domid);
    }
    // Never of size 0, which might give a null pointer.
    auto *list = static_cast<libxl_dominfo *>(std::calloc(ids.size() + 1, sizeof(libxl_dominfo)));
    *count_out = 0;
    for (const std::uint32_t domid : ids)
        if (info(domid, &list[*count_out]) == 0)
            ++*count_out;
    return list;
}

int FakeLibxl::retrieve(std::uint32_t domid, libxl_domain_config *config_out) {
    const std::lock_guard lock(mutex_);
    if (const auto rc = begin("libxl_retrieve_domain_configuration", domid))
        return *rc;
    const FakeXenDomain *domain = find(domid);
    if (domain == nullptr)
        return ERROR_FAIL;
    if (domain->type == LIBXL_DOMAIN_TYPE_HVM && domain->emulator_hangs)
        return ERROR_TIMEDOUT;
    return libxl_domain_config_from_json(ctx_, config_out, domain->config_json.c_str());
}

// A guest with Xen drivers answers when it is not paused. The real libxl gives up after 60 s; this
// one does when the guest will never answer.
int FakeLibxl::wait_for_guest(std::uint32_t domid, std::unique_lock<std::mutex> &lock) {
    const std::string request = fmt::format("/local/domain/{}/control/shutdown", domid);
    if (xenstore[fmt::format("/local/domain/{}/device/suspend/event-channel", domid)].empty())
        xenstore[request] = "suspend";
    unpause_failed_ = false;
    unpaused_.wait(lock, [&] { return unpause_failed_ || domain(domid).pauses == 0; });
    xenstore[request] = "";
    const bool answers = !unpause_failed_ && !domain(domid).ignores_suspend &&
                         domain(domid).suspends_after_looks == 0;
    return answers ? 0 : ERROR_GUEST_TIMEDOUT;
}

int FakeLibxl::suspend(std::uint32_t domid, int fd, int flags) {
    std::unique_lock lock(mutex_);
    if (const auto rc = begin("libxl_domain_suspend", domid))
        return *rc;
    if (find(domid) == nullptr || flags != 0)
        return ERROR_INVAL;
    if (domain(domid).type == LIBXL_DOMAIN_TYPE_HVM && domain(domid).emulator_hangs)
        return ERROR_GUEST_TIMEDOUT;
    if (domain(domid).pv_drivers) {
        if (const int rc = wait_for_guest(domid, lock); rc != 0)
            return rc;
    }
    FakeXenDomain &guest = domain(domid);
    if (guest.in_device_access)
        unpaused_.wait(lock, [&] { return guest.pauses == 0; });
    suspend_guest(guest);
    const std::string pages = (guest.pv_drivers ? "1" : "0") + guest.memory;
    if (!write_text(fd, make_stream(guest_type(guest.type), pages)))
        return ERROR_FAIL;
    return end("libxl_domain_suspend");
}

int FakeLibxl::resume(std::uint32_t domid, int suspend_cancel) {
    const std::lock_guard lock(mutex_);
    if (const auto rc = begin("libxl_domain_resume", domid))
        return *rc;
    FakeXenDomain *domain = find(domid);
    if (domain == nullptr || suspend_cancel != 1)
        return ERROR_INVAL;
    if (domain->type == LIBXL_DOMAIN_TYPE_HVM && domain->emulator_hangs)
        return ERROR_TIMEDOUT;
    domain->emulator_stopped = false;
    if (!domain->shutdown || domain->shutdown_reason != LIBXL_SHUTDOWN_REASON_SUSPEND)
        return ERROR_FAIL;
    domain->shutdown = false;
    return end("libxl_domain_resume");
}

int FakeLibxl::pause(std::uint32_t domid) {
    const std::lock_guard lock(mutex_);
    if (const auto rc = begin("libxl_domain_pause", domid))
        return *rc;
    FakeXenDomain *domain = find(domid);
    if (domain == nullptr)
        return ERROR_FAIL;
    ++domain->pauses;
    return end("libxl_domain_pause");
}

int FakeLibxl::unpause(std::uint32_t domid) {
    const std::lock_guard lock(mutex_);
    unpaused_.notify_all();
    if (const auto rc = begin("libxl_domain_unpause", domid)) {
        unpause_failed_ = true;
        return *rc;
    }
    FakeXenDomain *domain = find(domid);
    if (domain == nullptr || domain->pauses == 0)
        return ERROR_FAIL;
    if (--domain->pauses == 0)
        connect_frontends(domid);
    return end("libxl_domain_unpause");
}

int FakeLibxl::destroy(std::uint32_t domid) {
    const std::lock_guard lock(mutex_);
    if (const auto rc = begin("libxl_domain_destroy", domid))
        return *rc;
    FakeXenDomain *domain = find(domid);
    if (domain == nullptr)
        return ERROR_DOMAIN_NOTFOUND;
    domain->dying = true;
    return end("libxl_domain_destroy");
}

int FakeLibxl::dump_core(std::uint32_t domid, const std::string &path) {
    if (const auto rc = begin("libxl_domain_core_dump", domid))
        return *rc;
    calls.back() += " " + path;
    return end("libxl_domain_core_dump");
}

int FakeLibxl::preserve(std::uint32_t domid, const std::string &name) {
    if (const auto rc = begin("libxl_domain_preserve", domid))
        return *rc;
    domain(domid).name = name;
    return end("libxl_domain_preserve");
}

int FakeLibxl::enable_events(std::uint32_t domid) {
    if (const auto rc = begin("libxl_evenable_domain_death", domid))
        return *rc;
    ++generators;
    return 0;
}

int FakeLibxl::wait_for_event(libxl_event **event_out) {
    if (const auto rc = begin("libxl_event_wait", 0))
        return *rc;
    if (events.empty())
        return ERROR_FAIL;
    auto *event = static_cast<libxl_event *>(std::calloc(1, sizeof(libxl_event)));
    libxl_event_init(event);
    libxl_event_init_type(event, events.front().type);
    event->domid = events.front().domid;
    if (event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN)
        event->u.domain_shutdown.shutdown_reason = static_cast<uint8_t>(events.front().reason);
    events.pop_front();
    *event_out = event;
    return 0;
}

int FakeLibxl::build(const char *function, libxl_domain_config *config, const std::string &pages,
                     std::uint32_t *domid_out) {
    const std::lock_guard lock(mutex_);
    if (const auto rc = begin(function, config->c_info.domid))
        return *rc;
    for (const auto &[domid, domain] : domains)
        if (domain.name == config->c_info.name)
            return ERROR_FAIL;
    const std::uint32_t domid = insert(config, pages.empty() ? "" : pages.substr(1));
    domain(domid).pv_drivers =
        pages.empty() ? config->c_info.type != LIBXL_DOMAIN_TYPE_HVM : pages.front() == '1';
    *domid_out = domid;
    if (on_start)
        on_start(domid, domain(domid).config_json);
    const int rc = end(function);
    // libxl destroys what it built, except when it was told to abort.
    if (rc != 0 && rc != ERROR_ABORTED) {
        remove(domid);
        *domid_out = static_cast<std::uint32_t>(INVALID_DOMID);
    }
    return rc;
}

int FakeLibxl::restore(libxl_domain_config *config, std::uint32_t *domid_out, int fd,
                       const libxl_domain_restore_params *params) {
    if (params->stream_version != 2 || params->checkpointed_stream != 0)
        return ERROR_VERSION;
    const auto pages = read_stream(fd);
    if (!pages || pages->empty())
        return ERROR_FAIL;
    return build("libxl_domain_create_restore", config, *pages, domid_out);
}

int FakeLibxl::monitor_command(std::uint32_t domid, const std::string &command, char **output_out) {
    const std::lock_guard lock(mutex_);
    calls.push_back(command);
    if (const auto rc = begin("libxl_qemu_monitor_command", domid))
        return *rc;
    FakeXenDomain *domain = find(domid);
    // The real one would wait for ever.
    if (domain == nullptr || domain->emulator_hangs)
        std::abort();
    std::string answer;
    if (monitor_answers.count(command) != 0)
        answer = monitor_answers.at(command);
    else if (command == "info status")
        answer = domain->emulator_stopped ? "VM status: paused\r\n" : "VM status: running\r\n";
    else if (command == "cont")
        domain->emulator_stopped = false;
    *output_out = ::strdup(answer.c_str());
    return end("libxl_qemu_monitor_command");
}

int FakeLibxl::need_memory(const libxl_domain_config &config, std::uint64_t *need_out) {
    *need_out = config.b_info.max_memkb;
    return begin("libxl_domain_need_memory", 0).value_or(0);
}

int FakeLibxl::free_memory(std::uint64_t *free_out) {
    *free_out = free_kib;
    return begin("libxl_get_free_memory", 0).value_or(0);
}

int FakeLibxl::dom0_target(std::uint64_t *target_out) {
    constexpr std::uint64_t least_kib = 128U << 10U;
    *target_out = least_kib + dom0_can_give_kib;
    return begin("libxl_get_memory_target", 0).value_or(0);
}

int FakeLibxl::shrink_dom0(std::int64_t change_kib) {
    if (const auto rc = begin("libxl_set_memory_target", 0))
        return *rc;
    const std::uint64_t given =
        std::min(static_cast<std::uint64_t>(-change_kib), dom0_can_give_kib);
    dom0_can_give_kib -= given;
    free_kib += given;
    return 0;
}

const libxl_version_info *FakeLibxl::version_info() {
    version_info_.commandline = xen_command_line.data();
    return &version_info_;
}

int FakeLibxl::retrieve_userdata(std::uint32_t domid, const std::string &user,
                                 std::uint8_t **data_out, int *length_out) {
    const std::string &data = userdata[domid][user];
    *data_out = nullptr;
    *length_out = static_cast<int>(data.size());
    if (data.empty())
        return 0;
    *data_out = static_cast<std::uint8_t *>(std::malloc(data.size()));
    std::memcpy(*data_out, data.data(), data.size());
    return 0;
}

} // namespace xlsnap::test
