// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

namespace xlsnap {

// Where an operation says what its result cannot: what it does, and what the user should know
// though it succeeded.
class Log {
  public:
    virtual ~Log() = default;
    // For whoever follows closely, such as how long a step took.
    virtual void detail(const std::string &message) = 0;
    virtual void info(const std::string &message) = 0;
    virtual void warn(const std::string &message) = 0;
    // Something that the user must do now, though the operation succeeded.
    virtual void left_to_do(const std::string &message) = 0;
};

} // namespace xlsnap
