// SPDX-License-Identifier: LGPL-2.1-only
// Random steps on real images, compared with a model after each.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integration/model/random_steps.hpp"

namespace xlsnap::test {

namespace {

constexpr std::uint64_t kSeed = 20'141'007;
constexpr std::uint64_t kSteps = 600;
constexpr int kOfEachKind = 40;
constexpr std::size_t kToldLines = 60;

std::uint64_t number_from_environment(const char *name, std::uint64_t otherwise) {
    const char *text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string last_lines(const std::vector<std::string> &story) {
    std::string text;
    for (std::size_t i = story.size() - std::min(story.size(), kToldLines); i < story.size(); ++i)
        text += fmt::format("  {}\n", story[i]);
    return text;
}

// XLSNAP_MODEL_SEED and XLSNAP_MODEL_STEPS in the environment ask for others. A failure comes again
// with the seed that it prints.
TEST(RandomStepsOnRealImages, LeaveEveryStateAsTheModelHasIt) {
    const std::uint64_t seed = number_from_environment("XLSNAP_MODEL_SEED", kSeed);
    const std::uint64_t steps = number_from_environment("XLSNAP_MODEL_STEPS", kSteps);
    const int of_each_kind = steps < kSteps ? 0 : kOfEachKind;
    RandomSteps random(seed);
    const auto begin = std::chrono::steady_clock::now();
    try {
        const auto taken = [&] { return static_cast<std::uint64_t>(random.taken()); };
        while (taken() < steps || (random.of_rarest() < of_each_kind && taken() < 4 * steps))
            random.take();
    } catch (const std::exception &error) {
        FAIL() << fmt::format("seed {}, step {}: {}\nThe steps up to there:\n{}", seed,
                              random.taken(), error.what(), last_lines(random.domain().story()));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << fmt::format("# model: seed {}, {} steps, {:.0f} s\n{}", seed, random.taken(),
                             took.count(), random.domain().counts().to_text());
    EXPECT_GE(random.of_rarest(), of_each_kind);
}

} // namespace

} // namespace xlsnap::test
