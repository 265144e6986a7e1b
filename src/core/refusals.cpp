// SPDX-License-Identifier: LGPL-2.1-only
#include "core/refusals.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xlsnap {

void Refusals::add(ErrorCode code, Reason reason) {
    if (reasons_.empty())
        code_ = code;
    const auto known = std::ranges::find_if(reasons_, [&](const Reason &other) {
        return other.text == reason.text && other.who.empty() == reason.who.empty();
    });
    if (known == reasons_.end()) {
        reasons_.push_back(std::move(reason));
        return;
    }
    for (std::string &who : reason.who)
        if (std::ranges::count(known->who, who) == 0)
            known->who.push_back(std::move(who));
}

void Refusals::add(ErrorCode code, std::string reason) {
    add(code, Reason{std::move(reason), {}});
}

void Refusals::add(const Status &status, const std::string &who) {
    if (status)
        return;
    Reason reason{status.error().message, {}};
    if (!who.empty())
        reason.who.push_back(who);
    add(status.error().code, std::move(reason));
}

void Refusals::add(const Refusals &others) {
    for (const Reason &reason : others.reasons_)
        add(others.code_, reason);
}

Status Refusals::status() const {
    if (reasons_.empty())
        return {};
    std::vector<std::string> told;
    for (const auto &[text, who] : reasons_)
        told.push_back(fmt::format("{}{}{}", fmt::join(who, ", "), who.empty() ? "" : ": ", text));
    return fail(code_, fmt::format("{}", fmt::join(told, "; ")));
}

} // namespace xlsnap
