// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "ports/log.hpp"

extern "C" {
#include <xentoollog.h>
}

namespace xlsnap::api {

// The caller's logger, for all threads; nullptr: nowhere.
void set_logger(xentoollog_logger *logger) noexcept;

// Log into the caller's logger.
class LoggerLog final : public Log {
  public:
    void detail(const std::string &message) override;
    void info(const std::string &message) override;
    void warn(const std::string &message) override;
    // A warning, and what libxl_snapshot_last_error() says when the call succeeds.
    void left_to_do(const std::string &message) override;
};

} // namespace xlsnap::api
