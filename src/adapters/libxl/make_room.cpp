// SPDX-License-Identifier: LGPL-2.1-only
#include <string_view>

#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_failure.hpp"
#include "adapters/libxl/toolstack.hpp"

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

// xl's rule for autoballoon="auto", which is the default (auto_autoballoon in tools/xl/xl.c).
bool dom0_has_a_fixed_size(libxl_ctx *ctx) {
    const libxl_version_info *info = libxl_get_version_info(ctx);
    if (info == nullptr || info->commandline == nullptr)
        return false;
    const std::string words = fmt::format(" {}", info->commandline);
    return words.find(" dom0_mem=") != std::string::npos;
}

Error too_little(std::uint64_t wanted_kib, std::uint64_t free_kib) {
    constexpr std::uint64_t kib_in_mib = 1024;
    return Error{ErrorCode::NoMemory,
                 fmt::format("the domain to be built needs {} MiB more, but only {} MiB of the "
                             "host's memory are free; shut something down or shrink dom0 "
                             "(xl mem-set 0)",
                             wanted_kib / kib_in_mib + 1, free_kib / kib_in_mib)};
}

} // namespace

// The counterpart of freemem() in tools/xl/xl_vmcontrol.c.
Status LibxlToolstack::make_room(const std::string &config_json, const std::string &gone_json) {
    XLSNAP_ASSIGN(const std::uint64_t need, needed_kib(ctx_, config_json));
    std::uint64_t gone = 0;
    if (!gone_json.empty()) {
        XLSNAP_ASSIGN(gone, needed_kib(ctx_, gone_json));
    }
    if (need <= gone)
        return {};
    const std::uint64_t wanted = need - gone;
    const auto deadline = std::chrono::steady_clock::now() + deadlines_.ballooning;
    for (;;) {
        XLSNAP_ASSIGN(const std::uint64_t free, free_kib(ctx_));
        if (free >= wanted)
            return {};
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
        if (dom0_has_a_fixed_size(ctx_) || left.count() <= 0)
            return fail(too_little(wanted, free));
        const std::int64_t change = -static_cast<std::int64_t>(wanted - free);
        if (libxl_set_memory_target(ctx_, kDom0, change, 1, 0) != 0 ||
            libxl_wait_for_memory_target(ctx_, kDom0, static_cast<int>(left.count())) != 0)
            return fail(too_little(wanted, free));
    }
}

} // namespace xlsnap
