// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "ports/log.hpp"
#include "ports/process_runner.hpp"
#include "ports/watcher_launcher.hpp"

namespace xlsnap {

// Runs `PROGRAM monitor DOMID`, which leaves a process behind that belongs to nobody. What it
// complains of, though it starts that process, is a warning.
class ProgramWatcherLauncher final : public WatcherLauncher {
  public:
    ProgramWatcherLauncher(ProcessRunner &runner, std::string program, Log &log)
        : runner_(runner), program_(std::move(program)), log_(log) {}

    Status launch(DomainId domid) override;

  private:
    ProcessRunner &runner_;
    std::string program_;
    Log &log_;
};

} // namespace xlsnap
