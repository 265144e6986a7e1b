// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace xlsnap::test {

// What every fake does in the same way: it writes its calls down and fails where the test says so.
class FakeCalls {
  public:
    // "method" or "method argument" per call, in order, failed calls included.
    std::vector<std::string> calls;

    // The next call of the method fails with this error and changes nothing. Said twice for one
    // method, the two next calls fail.
    void fail_next(const std::string &method, Error error) {
        failures_[method].push(std::move(error));
    }

    // Asked before each call, after `calls` has it; an error makes the call fail and change
    // nothing.
    std::function<Status(const std::string &method)> before;

  protected:
    // To be called first in each method of the fake.
    Status enter(const std::string &method, std::string_view argument = {}) {
        calls.push_back(argument.empty() ? method : method + " " + std::string(argument));
        if (before)
            XLSNAP_TRY(before(method));
        auto planned = failures_.find(method);
        if (planned == failures_.end() || planned->second.empty())
            return {};
        Error error = std::move(planned->second.front());
        planned->second.pop();
        return fail(std::move(error));
    }

  private:
    std::map<std::string, std::queue<Error>> failures_;
};

} // namespace xlsnap::test
