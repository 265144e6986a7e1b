// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>

namespace xlsnap::test {

// Of disks, in units: small, so that a step is quick and writes often meet.
constexpr std::size_t kUnitsOfCluster = 16;
constexpr std::size_t kUnitsAtFirst = 16 * kUnitsOfCluster;
constexpr std::size_t kFewestUnits = 8 * kUnitsOfCluster;
constexpr std::size_t kMostUnits = 48 * kUnitsOfCluster;
constexpr std::size_t kLongestWrite = 4 * kUnitsOfCluster;

constexpr std::size_t kMostSnapshots = 7;
constexpr std::size_t kFewSnapshots = 3;

// In steps.
constexpr int kCloselyEach = 20;         // looked at
constexpr std::size_t kLongestRest = 5;  // between a start and an end of the domain
constexpr std::size_t kEmptiedEach = 80; // about

} // namespace xlsnap::test
