// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "ports/process_runner.hpp"
#include "ports/watcher_launcher.hpp"

namespace xlsnap {

// Runs `PROGRAM monitor DOMID`, which leaves a process behind that belongs to nobody.
class ProgramWatcherLauncher final : public WatcherLauncher {
  public:
    ProgramWatcherLauncher(ProcessRunner &runner, std::string program)
        : runner_(runner), program_(std::move(program)) {}

    Status launch(DomainId domid) override;

  private:
    ProcessRunner &runner_;
    std::string program_;
};

} // namespace xlsnap
