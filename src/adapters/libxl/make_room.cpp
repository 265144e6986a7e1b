// SPDX-License-Identifier: LGPL-2.1-only
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_failure.hpp"
#include "adapters/libxl/toolstack.hpp"
#include "adapters/libxl/xl_config.hpp"
#include "adapters/libxl/xl_lock.hpp"

namespace xlsnap {

namespace {

constexpr DomainId kDom0 = 0;
constexpr const char *kAdvice = "libxl's log says why";

Result<std::uint64_t> needed_kib(libxl_ctx *ctx, const std::string &config_json) {
    XLSNAP_ASSIGN(LibxlDomainConfig config, config_from_json(ctx, config_json));
    std::uint64_t need = 0;
    const int rc = libxl_domain_need_memory(ctx, config.get(),
                                            static_cast<std::uint32_t>(INVALID_DOMID), &need);
    if (rc != 0)
        return fail(libxl_failure(rc, "find out how much memory the domain needs", kAdvice));
    return need;
}

Result<std::uint64_t> free_kib(libxl_ctx *ctx) {
    std::uint64_t free = 0;
    const int rc = libxl_get_free_memory(ctx, &free);
    if (rc != 0)
        return fail(libxl_failure(rc, "find out how much memory is free", kAdvice));
    return free;
}

// What libxl lets dom0 be asked for: it refuses a target below LIBXL_MIN_DOM0_MEM
// (tools/libs/light/libxl_internal.h). Everything, when nobody knows.
std::uint64_t dom0_can_give_kib(libxl_ctx *ctx) {
    constexpr std::uint64_t least_kib = 128U << 10U;
    std::uint64_t target = 0;
    if (libxl_get_memory_target(ctx, kDom0, &target) != 0)
        return std::numeric_limits<std::uint64_t>::max();
    return target > least_kib ? target - least_kib : 0;
}

constexpr std::uint64_t mib(std::uint64_t kib) {
    return kib >> 10U;
}

Error too_little(std::uint64_t wanted_kib, std::uint64_t free_kib) {
    return Error{ErrorCode::NoMemory,
                 fmt::format("the domain to be built needs {} MiB more, but only {} MiB of the "
                             "host's memory are free; shut something down or shrink dom0 "
                             "(xl mem-set 0)",
                             mib(wanted_kib) + 1, mib(free_kib))};
}

Error too_little_with_dom0(std::uint64_t wanted_kib, std::uint64_t free_kib,
                           std::uint64_t dom0_kib) {
    return Error{ErrorCode::NoMemory,
                 fmt::format("the domain to be built needs {} MiB more, but only {} MiB of the "
                             "host's memory are free and dom0 can give up {} MiB at most; shut "
                             "something down",
                             mib(wanted_kib) + 1, mib(free_kib), mib(dom0_kib))};
}

// What the domain to be built needs beyond what the one that goes leaves behind, if there is one.
Result<std::uint64_t> additional_kib(libxl_ctx *ctx, const std::string &config_json,
                                     const std::string &gone_json) {
    XLSNAP_ASSIGN(const std::uint64_t need, needed_kib(ctx, config_json));
    std::uint64_t gone = 0;
    if (!gone_json.empty()) {
        XLSNAP_ASSIGN(gone, needed_kib(ctx, gone_json));
    }
    return need > gone ? need - gone : 0;
}

} // namespace

// What cannot be read may say "off".
XlConfig LibxlToolstack::xl_config() {
    Result<XlConfig> config = read_xl_config(files_.config);
    if (config)
        return std::move(*config);
    log_.warn(fmt::format("dom0 gives up no memory, since xl's configuration is not understood: "
                          "{}; mend it, xl does not work with it either",
                          config.error().message));
    return XlConfig{XlConfig::Autoballoon::Off, {}};
}

Status LibxlToolstack::check_room(const std::string &config_json, const std::string &gone_json) {
    XLSNAP_ASSIGN(const std::uint64_t wanted, additional_kib(ctx_, config_json, gone_json));
    if (wanted == 0)
        return {};
    XLSNAP_ASSIGN(const std::uint64_t free, free_kib(ctx_));
    if (wanted <= free)
        return {};
    if (!dom0_may_shrink(ctx_, xl_config()))
        return fail(too_little(wanted, free));
    const std::uint64_t dom0 = dom0_can_give_kib(ctx_);
    if (wanted - free <= dom0)
        return {};
    return fail(too_little_with_dom0(wanted, free, dom0));
}

// xl takes its lock only where dom0 may shrink, and never starts a domain when it cannot open it: a
// lock that cannot be opened keeps nobody out, so it is no reason not to build the domain.
Result<std::unique_ptr<Room>> LibxlToolstack::keep_room_from_xl(const XlConfig &config) {
    if (!dom0_may_shrink(ctx_, config))
        return std::make_unique<Room>();
    auto lock = XlLock::take(config.lock_file.empty() ? files_.lock : config.lock_file,
                             deadlines_.other_start, deadlines_.poll_interval);
    if (lock)
        return std::unique_ptr<Room>(std::move(*lock));
    if (lock.error().code == ErrorCode::NotReady)
        return fail(std::move(lock.error()));
    log_.warn(fmt::format("a domain that is started at the same time may take the memory: {}",
                          lock.error().message));
    return std::make_unique<Room>();
}

// The counterpart of freemem() in tools/xl/xl_vmcontrol.c.
Status LibxlToolstack::free_memory(std::uint64_t wanted_kib, bool from_dom0) {
    const auto deadline = std::chrono::steady_clock::now() + deadlines_.ballooning;
    for (;;) {
        XLSNAP_ASSIGN(const std::uint64_t free, free_kib(ctx_));
        if (free >= wanted_kib)
            return {};
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
        if (!from_dom0 || left.count() <= 0)
            return fail(too_little(wanted_kib, free));
        const std::int64_t change = -static_cast<std::int64_t>(wanted_kib - free);
        if (libxl_set_memory_target(ctx_, kDom0, change, 1, 0) != 0 ||
            libxl_wait_for_memory_target(ctx_, kDom0, static_cast<int>(left.count())) != 0)
            return fail(too_little(wanted_kib, free));
    }
}

// The lock first, also when the domain that goes leaves enough: another start would take it.
Result<std::unique_ptr<Room>> LibxlToolstack::make_room(const std::string &config_json,
                                                        const std::string &gone_json) {
    XLSNAP_ASSIGN(const std::uint64_t wanted, additional_kib(ctx_, config_json, gone_json));
    const XlConfig config = xl_config();
    XLSNAP_ASSIGN(std::unique_ptr<Room> room, keep_room_from_xl(config));
    if (wanted > 0)
        XLSNAP_TRY(free_memory(wanted, dom0_may_shrink(ctx_, config)));
    return room;
}

} // namespace xlsnap
