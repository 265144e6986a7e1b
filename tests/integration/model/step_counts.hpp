// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <string>

namespace xlsnap::test {

// How often what was done or met, by its name.
class StepCounts {
  public:
    void add(const std::string &what, bool online) {
        Count &count = counts_[what];
        ++(online ? count.online : count.offline);
    }
    [[nodiscard]] int of(const std::string &what) const {
        const auto found = counts_.find(what);
        return found == counts_.end() ? 0 : found->second.online + found->second.offline;
    }
    // A line for each.
    [[nodiscard]] std::string to_text() const;

  private:
    struct Count {
        int online = 0;
        int offline = 0;
    };
    std::map<std::string, Count> counts_;
};

} // namespace xlsnap::test
