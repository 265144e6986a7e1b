// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace xlsnap {

// Reasons against a request, gathered so that the caller learns all of them at once. One that holds
// for several is told once, with all whom it concerns.
class Refusals {
  public:
    void add(ErrorCode code, std::string reason);
    // The reason of a failure, behind `who: ` if that is given; nothing when it is a success.
    void add(const Status &status, const std::string &who = {});

    void add(const Refusals &others);

    [[nodiscard]] bool empty() const { return reasons_.empty(); }

    // Success without a reason; else the code of the first and all reasons in one line.
    [[nodiscard]] Status status() const;

  private:
    struct Reason {
        std::string text;
        std::vector<std::string> who; // empty: what the request as a whole is about
    };

    void add(ErrorCode code, Reason reason);

    ErrorCode code_ = ErrorCode::Invalid;
    std::vector<Reason> reasons_;
};

} // namespace xlsnap
