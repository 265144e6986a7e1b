// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/domain_config.hpp"

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

} // namespace xlsnap::cli
