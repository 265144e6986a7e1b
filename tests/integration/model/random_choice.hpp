// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace xlsnap::test {

// The same choices for the same seed, with every standard library.
class RandomChoice {
  public:
    explicit RandomChoice(std::uint64_t seed) : engine_(seed) {}

    // Below the bound, which is not 0.
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <typename T> const T &of(const std::vector<T> &values) {
        return values[below(values.size())];
    }

  private:
    std::mt19937_64 engine_;
};

} // namespace xlsnap::test
