// SPDX-License-Identifier: LGPL-2.1-only
#include "api/last_plan.hpp"

namespace xlsnap::api {

namespace {

thread_local std::string plan_text;

} // namespace

void clear_last_plan() noexcept {
    plan_text.clear();
}

void set_last_plan(const std::vector<std::string> &lines) {
    std::string text;
    for (const std::string &line : lines)
        text += line + '\n';
    plan_text = std::move(text);
}

const char *last_plan() noexcept {
    return plan_text.c_str();
}

} // namespace xlsnap::api
