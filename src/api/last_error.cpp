// SPDX-License-Identifier: LGPL-2.1-only
#include "api/last_error.hpp"

#include <new>
#include <string>

namespace xlsnap::api {

namespace {

thread_local std::string text;

} // namespace

void clear_last_error() noexcept {
    text.clear();
}

void keep_text(const std::string &message) noexcept {
    try {
        text = message;
    } catch (const std::bad_alloc &) {
        text.clear();
    }
}

int set_last_error(const Error &error) noexcept {
    keep_text(error.message);
    return static_cast<int>(error.code);
}

const char *last_error() noexcept {
    return text.c_str();
}

} // namespace xlsnap::api
