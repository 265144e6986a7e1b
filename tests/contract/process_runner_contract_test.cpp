// SPDX-License-Identifier: LGPL-2.1-only
// What ports/process_runner.hpp promises. There is no second implementation: FakeProcessRunner
// plays back what a test tells it.
#include <chrono>
#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr std::chrono::seconds kLong{60};
constexpr std::chrono::milliseconds kShort{50};

class ProcessRunnerContract : public ::testing::Test {
  protected:
    Result<ProcessOutcome> run(const std::vector<std::string> &argv) {
        return runner_.run(argv, kLong);
    }
    Result<ProcessOutcome> shell(const std::string &script) { return run({"sh", "-c", script}); }

    PosixProcessRunner runner_;
};

TEST_F(ProcessRunnerContract, KeepsBothStreamsApart) {
    const auto outcome = shell("echo out; echo err >&2; echo more");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 0);
    EXPECT_EQ(outcome->output, "out\nmore\n");
    EXPECT_EQ(outcome->errors, "err\n");
}

TEST_F(ProcessRunnerContract, AFailingProgramIsAValue) {
    const auto outcome = shell("echo why >&2; exit 3");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 3);
    EXPECT_EQ(outcome->errors, "why\n");
}

TEST_F(ProcessRunnerContract, ADeadlySignalIsAValue) {
    const auto outcome = shell("kill -SEGV $$");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 128 + SIGSEGV);
}

TEST_F(ProcessRunnerContract, ArgumentsArriveAsTheyAre) {
    const auto outcome = run({"printf", "%s|", "a b", "$HOME", "*", "", "-x", ";", "\n", "'\""});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->output, "a b|$HOME|*||-x|;|\n|'\"|");
}

TEST_F(ProcessRunnerContract, TheEnvironmentIsClean) {
    ASSERT_EQ(::setenv("XLSNAP_TEST", "leaks", 1), 0);
    const auto outcome = run({"env"});
    ::unsetenv("XLSNAP_TEST");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < outcome->output.size();) {
        const std::size_t end = outcome->output.find('\n', begin);
        lines.push_back(outcome->output.substr(begin, end - begin));
        begin = end + 1;
    }
    EXPECT_THAT(lines, UnorderedElementsAre("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"));
}

TEST_F(ProcessRunnerContract, StandardInputIsEmpty) {
    const auto outcome = run({"cat"});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 0);
    EXPECT_EQ(outcome->output, "");
}

TEST_F(ProcessRunnerContract, ProgramsAreFoundInTheSystemsPathOnly) {
    const TemporaryDirectory directory;
    std::filesystem::create_symlink("/bin/true", directory / "xlsnap-test-program");
    const std::string path = ::getenv("PATH");
    ASSERT_EQ(::setenv("PATH", directory.path().c_str(), 1), 0);
    const auto elsewhere = run({"xlsnap-test-program"});
    const auto standard = run({"true"});
    ASSERT_EQ(::setenv("PATH", path.c_str(), 1), 0);
    ASSERT_FALSE(elsewhere.has_value());
    EXPECT_EQ(elsewhere.error().code, ErrorCode::NotFound);
    EXPECT_THAT(elsewhere.error().message, HasSubstr("xlsnap-test-program"));
    EXPECT_TRUE(standard.has_value()) << standard.error().message;
    EXPECT_TRUE(run({directory / "xlsnap-test-program"}).has_value());
}

TEST_F(ProcessRunnerContract, AProgramThatCannotBeStartedIsAnError) {
    const auto missing = run({"/no/such/program"});
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_THAT(missing.error().message, HasSubstr("/no/such/program"));
    const auto no_program = run({"/etc/passwd"});
    ASSERT_FALSE(no_program.has_value());
    EXPECT_THAT(no_program.error().message,
                AllOf(HasSubstr("/etc/passwd"), HasSubstr("Permission denied")));
    EXPECT_EQ(run({}).error().code, ErrorCode::Invalid);
}

TEST_F(ProcessRunnerContract, AProgramThatDoesNotEndIsKilledAtTheDeadline) {
    const auto outcome = runner_.run({"sleep", "1000"}, kShort);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, ErrorCode::TimedOut);
    EXPECT_EQ(outcome.error().message, "sleep: killed, since it did not end in time");
}

TEST_F(ProcessRunnerContract, ADeadlineInThePastIsOneToo) {
    const auto outcome = runner_.run({"sleep", "1000"}, std::chrono::milliseconds(-5));
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, ErrorCode::TimedOut);
}

TEST_F(ProcessRunnerContract, MoreOutputThanIsKeptIsAnError) {
    for (const char *script : {"exec yes", "exec yes >&2", "exec head -c 1048577 /dev/zero"}) {
        const auto outcome = shell(script);
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code, ErrorCode::Fail);
        EXPECT_EQ(outcome.error().message, "sh: killed, since it printed more than 1048576 bytes");
    }
}

TEST_F(ProcessRunnerContract, AllOutputThatMayBeKeptIsKept) {
    // Larger than a pipe, on both streams in turn: neither may block the other.
    const auto outcome = shell("head -c 1048576 /dev/zero; head -c 1048576 /dev/zero >&2");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->output.size(), 1048576U);
    EXPECT_EQ(outcome->errors.size(), 1048576U);
}

} // namespace
} // namespace xlsnap::test
