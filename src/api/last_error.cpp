// SPDX-License-Identifier: LGPL-2.1-only
#include "api/last_error.hpp"

#include <new>
#include <string>

namespace xlsnap::api {

namespace {

thread_local std::string error_text;

} // namespace

void clear_last_error() noexcept {
    error_text.clear();
}

void keep_text(const char *message) noexcept {
    try {
        error_text = message;
    } catch (const std::bad_alloc &) {
        error_text.clear();
    }
}

int set_last_error(const Error &error) noexcept {
    return set_last_error(error.code, error.message.c_str());
}

int set_last_error(ErrorCode code, const char *message) noexcept {
    keep_text(message);
    return static_cast<int>(code);
}

const char *last_error() noexcept {
    return error_text.c_str();
}

} // namespace xlsnap::api
