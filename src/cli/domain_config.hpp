// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "libxl_snapshot.h"

namespace xlsnap::cli {

// A libxl_domain_config, read from libxl's JSON. Throws std::runtime_error.
class DomainConfig {
  public:
    DomainConfig(libxl_ctx *ctx, const std::string &json);
    DomainConfig(const DomainConfig &) = delete;
    DomainConfig &operator=(const DomainConfig &) = delete;
    DomainConfig(DomainConfig &&) = delete;
    DomainConfig &operator=(DomainConfig &&) = delete;
    ~DomainConfig() { libxl_domain_config_dispose(&config_); }

    [[nodiscard]] std::string name() const;
    [[nodiscard]] const libxl_domain_config &get() const { return config_; }

  private:
    libxl_domain_config config_{};
};

} // namespace xlsnap::cli
