// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/domain_config.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace xlsnap::cli {

DomainConfig::DomainConfig(libxl_ctx *ctx, const std::string &json) {
    libxl_domain_config_init(&config_);
    if (libxl_domain_config_from_json(ctx, &config_, json.c_str()) != 0 ||
        config_.c_info.name == nullptr) {
        libxl_domain_config_dispose(&config_);
        throw std::runtime_error("libxl cannot read the configuration that xl made");
    }
}

std::string DomainConfig::name() const {
    return config_.c_info.name;
}

std::string DomainConfig::uuid() const {
    std::array<char, 37> text{};
    (void)std::snprintf(text.data(), text.size(), LIBXL_UUID_FMT,
                        LIBXL_UUID_BYTES(config_.c_info.uuid));
    return text.data();
}

} // namespace xlsnap::cli
