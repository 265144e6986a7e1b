// SPDX-License-Identifier: LGPL-2.1-only
#include "core/refusals.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

void Refusals::add(ErrorCode code, std::string reason) {
    if (reasons_.empty())
        code_ = code;
    reasons_.push_back(std::move(reason));
}

void Refusals::add(const Status &status, const std::string &who) {
    if (!status)
        add(status.error().code,
            fmt::format("{}{}{}", who, who.empty() ? "" : ": ", status.error().message));
}

void Refusals::add(const Refusals &others) {
    for (const std::string &reason : others.reasons_)
        add(others.code_, reason);
}

Status Refusals::status() const {
    if (reasons_.empty())
        return {};
    return fail(code_, fmt::format("{}", fmt::join(reasons_, "; ")));
}

} // namespace xlsnap
