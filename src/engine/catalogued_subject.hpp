// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/domain.hpp"
#include "engine/waiting.hpp"

namespace xlsnap {

// What a call would do, a line for each step; empty unless that was asked.
using PlanLines = std::vector<std::string>;

// The domain of an operation, as DomainFinder found it. Whether it runs is looked up anew when the
// catalog is locked: another process may have reverted or started it meanwhile.
struct Subject {
    std::optional<DomainId> domid; // nothing: it does not run
    std::string key;               // in the catalog
    std::string config_json;       // to be used for one that does not run; empty: the snapshot's
};

// What the records take from the world around.
struct Circumstances {
    std::function<std::uint64_t()> now;  // seconds since the epoch
    std::function<std::string()> id;     // 16 hexadecimal digits, never the same
    std::function<std::string()> unique; // as in SnapshotService
    std::string program_version;
    Waiting wait = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
};

} // namespace xlsnap
