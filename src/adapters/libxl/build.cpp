// SPDX-License-Identifier: LGPL-2.1-only
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_failure.hpp"
#include "adapters/libxl/toolstack.hpp"

namespace xlsnap {

namespace {

constexpr auto kNoDomain = static_cast<std::uint32_t>(INVALID_DOMID);
constexpr std::uint32_t kStreamVersion = 2;
constexpr int kNoBackChannel = -1;

constexpr const char *kBuildAdvice =
    "libxl's log says why; often there is too little free memory (xl info), or a domain of this "
    "name still exists (xl list)";

} // namespace

// libxl destroys what it began, but not when it was interrupted.
Error LibxlToolstack::build_failure(int rc, const std::string &name, std::uint32_t domid,
                                    const char *attempt) {
    Error error = libxl_failure(rc, fmt::format("{} domain {}", attempt, name), kBuildAdvice);
    if (domid == kNoDomain)
        return error;
    if (const Status removed = destroy(domid); !removed)
        error.message += "; and what was built of it is left: " + removed.error().message;
    return error;
}

// A part of a core would only fill the disk that the next domain needs.
Status LibxlToolstack::dump_core(const Domain &domain) {
    // libxl takes names with a slash.
    std::string file = domain.name;
    std::ranges::replace(file, '/', '_');
    const std::string path = fmt::format("{}/{}", files_.dumps, file);
    const int rc = libxl_domain_core_dump(ctx_, domain.domid, path.c_str(), nullptr);
    if (rc == 0)
        return {};
    ::unlink(path.c_str());
    return fail(
        libxl_failure(rc, fmt::format("dump the core of {} to {}", describe(domain.domid), path),
                      "is there room?"));
}

// The new name is the old one with the time behind it, as xl has it.
Status LibxlToolstack::preserve(const Domain &domain) {
    XLSNAP_ASSIGN(LibxlDomainConfig config, config_from_json(ctx_, domain.config_json));
    const std::string suffix = fmt::format("-{:%Y%m%dT%H%MZ}", fmt::gmtime(std::time(nullptr)));
    libxl_uuid uuid;
    libxl_uuid_generate(&uuid);
    const int rc = libxl_domain_preserve(ctx_, domain.domid, &config->c_info, suffix.c_str(), uuid);
    if (rc != 0)
        return fail(libxl_failure(rc, "rename " + describe(domain.domid), "libxl's log says why"));
    return {};
}

Status LibxlToolstack::check_config(const std::string &config_json) {
    XLSNAP_TRY(config_from_json(ctx_, config_json));
    return {};
}

Result<DomainId> LibxlToolstack::restore(const std::string &config_json, int fd) {
    XLSNAP_ASSIGN(LibxlDomainConfig config, config_from_json(ctx_, config_json));
    LibxlRestoreParams params;
    params->stream_version = kStreamVersion;
    std::uint32_t domid = kNoDomain;
    const int rc = libxl_domain_create_restore(ctx_, config.get(), &domid, fd, kNoBackChannel,
                                               params.get(), nullptr, nullptr);
    if (rc != 0)
        return fail(build_failure(rc, config->c_info.name, domid, "restore"));
    return domid;
}

Result<DomainId> LibxlToolstack::start(const std::string &config_json) {
    XLSNAP_ASSIGN(LibxlDomainConfig config, config_from_json(ctx_, config_json));
    std::uint32_t domid = kNoDomain;
    const int rc = libxl_domain_create_new(ctx_, config.get(), &domid, nullptr, nullptr);
    if (rc != 0)
        return fail(build_failure(rc, config->c_info.name, domid, "start"));
    return domid;
}

} // namespace xlsnap
