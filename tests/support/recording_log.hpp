// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "ports/log.hpp"

namespace xlsnap::test {

class RecordingLog final : public Log {
  public:
    void detail(const std::string &message) override { details.push_back(message); }
    void info(const std::string &message) override { infos.push_back(message); }
    void warn(const std::string &message) override { warnings.push_back(message); }
    void left_to_do(const std::string &message) override { tasks.push_back(message); }

    std::vector<std::string> details;
    std::vector<std::string> infos;
    std::vector<std::string> warnings;
    std::vector<std::string> tasks;
};

} // namespace xlsnap::test
