// SPDX-License-Identifier: LGPL-2.1-only
#include "api/logger.hpp"

#include <atomic>

#include "api/last_error.hpp"

namespace xlsnap::api {

namespace {

std::atomic<xentoollog_logger *> current_logger{nullptr};

void log(xentoollog_level level, const std::string &message) {
    if (xentoollog_logger *logger = current_logger.load())
        xtl_log(logger, level, -1, "xlsnap", "%s", message.c_str());
}

} // namespace

void set_logger(xentoollog_logger *logger) noexcept {
    current_logger.store(logger);
}

void LoggerLog::detail(const std::string &message) {
    log(XTL_INFO, message);
}

void LoggerLog::info(const std::string &message) {
    log(XTL_NOTICE, message);
}

void LoggerLog::warn(const std::string &message) {
    log(XTL_WARN, message);
}

void LoggerLog::left_to_do(const std::string &message) {
    warn(message);
    keep_text(message.c_str());
}

} // namespace xlsnap::api
