// SPDX-License-Identifier: LGPL-2.1-only
//
// Runs the built xlsnap with fake_xlsnap_preload.so in front of its libraries and looks at what it
// prints, how it exits, and which calls of the C API it makes.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kUsageError = 2;

class Cli : public testing::Test {
  protected:
    // What the fake library is told for the following runs: "FAKE_RC=-3".
    void let_fake(std::string setting) { settings_.push_back(std::move(setting)); }

    ProcessOutcome run(const Words &arguments) {
        Words argv = {"env", "LD_PRELOAD=" FAKE_XLSNAP_PRELOAD, "FAKE_CALLS=" + calls_};
        argv.insert(argv.end(), settings_.begin(), settings_.end());
        argv.emplace_back(XLSNAP_PROGRAM);
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        PosixProcessRunner runner;
        auto outcome = runner.run(argv, std::chrono::seconds(60));
        if (!outcome) {
            ADD_FAILURE() << outcome.error().message;
            return {};
        }
        return *outcome;
    }

    // The calls of the snapshot functions so far, a line each.
    [[nodiscard]] std::string calls() const {
        std::ifstream file(calls_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    template <typename Condition> static bool wait_for(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return condition();
    }

    test::TemporaryDirectory directory_;

  private:
    std::string calls_ = directory_ / "calls";
    Words settings_;
};

// The calls that change something, which share their options.
class CliCommand : public Cli, public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Every, CliCommand, testing::Values("create", "revert", "delete"),
                         [](const auto &test) { return test.param; });

TEST_P(CliCommand, HandsOverNameMemoryAndDisks) {
    const auto outcome = run({GetParam(), "--memory-path", "/save/guest", "--disk", "xvda",
                              "--disk", "xvdb", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=/save/guest xvda:before xvdb:before\n");
}

TEST_P(CliCommand, LeavesTheMemoryOutWithDiskOnly) {
    const auto outcome =
        run({GetParam(), "--disk-only", "--disk", "xvda", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before\n");
}

TEST_P(CliCommand, TakesEveryWritableDiskWhenNoneIsNamed) {
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before xvdb:before\n");
}

TEST_P(CliCommand, TakesOnlyTheNamedDisk) {
    run({GetParam(), "--disk-only", "--disk", "xvdb", "-n", "before", "guest"});
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvdb:before\n");
}

TEST_P(CliCommand, FindsTheDomainByNumberAndTheNameByItsLongOption) {
    const auto outcome = run({GetParam(), "--disk-only", "--disk", "xvda", "--name=before", "7"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before\n");
}

TEST_P(CliCommand, SaysWhatItDid) {
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "guest"});
    EXPECT_THAT(outcome.output, HasSubstr("guest"));
    EXPECT_THAT(outcome.output, HasSubstr("before"));
    EXPECT_THAT(outcome.output, EndsWith("\n"));
    EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_P(CliCommand, FailsWithTheReasonOfTheLibrary) {
    let_fake("FAKE_RC=-9");
    let_fake("FAKE_ERROR=disk xvda: the image is on fire; use water");
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: disk xvda: the image is on fire; use water\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

TEST_P(CliCommand, ShowsTheWarningsOfTheLibrary) {
    let_fake("FAKE_WARNING=disk xvdb is left out");
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_THAT(outcome.errors, HasSubstr("disk xvdb is left out"));
}

TEST_P(CliCommand, FailsWhenThereIsNoSuchDomain) {
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "nobody"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("nobody"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_P(CliCommand, FailsWhenXenIsOutOfReach) {
    let_fake("FAKE_NO_XEN=1");
    const auto outcome = run({GetParam(), "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("Xen"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_P(CliCommand, ExplainsItsOptions) {
    const auto outcome = run({GetParam(), "--help"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    for (const char *option : {"--memory-path", "--disk-only", "--disk", "-n", "DOMAIN"})
        EXPECT_THAT(outcome.output, HasSubstr(option));
}

TEST_F(Cli, CallsASnapshotOfTheDisksAloneWhatItIs) {
    EXPECT_EQ(run({"create", "--disk-only", "-n", "before", "guest"}).output,
              "guest: crash-consistent snapshot before created\n");
    EXPECT_EQ(run({"create", "--memory-path", "/save/guest", "-n", "before", "guest"}).output,
              "guest: snapshot before created\n");
}

TEST_F(Cli, EndsWhatItHasBegunWhateverSignalComes) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        let_fake("FAKE_SIGNAL=" + std::to_string(signal));
        const ProcessOutcome ran = run({"create", "-n", "s1", "--disk-only", "guest"});
        EXPECT_EQ(ran.exit_status, kSuccess);
        EXPECT_THAT(ran.output, HasSubstr("created"));
    }
}

TEST_F(Cli, RevertSaysTheNewDomid) {
    const auto outcome = run({"revert", "--disk-only", "-n", "before", "guest"});
    EXPECT_THAT(outcome.output, HasSubstr("8"));
}

TEST_F(Cli, MonitorStaysInTheForegroundWhenAsked) {
    const auto outcome = run({"monitor", "--foreground", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(outcome.output, "the fake watches\n");
    EXPECT_THAT(calls(), StartsWith("monitor domid=7 "));
    let_fake("FAKE_RC=-9");
    let_fake("FAKE_ERROR=domain guest: its image is on fire");
    const auto failed = run({"monitor", "--foreground", "7"});
    EXPECT_EQ(failed.exit_status, kFailure);
    EXPECT_EQ(failed.errors, "xlsnap: domain guest: its image is on fire\n");
}

TEST_F(Cli, MonitorLeavesAProcessBehindThatBelongsToNobody) {
    const auto outcome = run({"monitor", "--log", directory_ / "log", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(outcome.output + outcome.errors, "");
    ASSERT_TRUE(wait_for([this] { return calls().ends_with('\n'); }));
    EXPECT_THAT(calls(), StartsWith("monitor domid=7 "));
    EXPECT_THAT(calls(), EndsWith(" leader=0 open=0 folder=/\n"));
    EXPECT_THAT(calls(), Not(HasSubstr(" session=" + std::to_string(::getsid(0)) + " ")));
    std::ifstream log(directory_ / "log");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(log), {}), "the fake watches\n");
}

TEST_F(Cli, MonitorSaysAtOnceWhatKeepsItFromStarting) {
    const auto nobody = run({"monitor", "--log", directory_ / "log", "nobody"});
    EXPECT_EQ(nobody.exit_status, kFailure);
    EXPECT_THAT(nobody.errors, HasSubstr("nobody"));
    const auto host = run({"monitor", "--log", directory_ / "log", "0"});
    EXPECT_EQ(host.exit_status, kFailure);
    EXPECT_THAT(host.errors, HasSubstr("nobody watches domain 0"));
    const auto nowhere = run({"monitor", "--log", directory_ / "no/log", "guest"});
    EXPECT_EQ(nowhere.exit_status, kFailure);
    EXPECT_THAT(nowhere.errors, HasSubstr("no/log: No such file"));
    let_fake("FAKE_NO_XEN=1");
    EXPECT_EQ(run({"monitor", "--log", directory_ / "log", "guest"}).exit_status, kFailure);
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Cli, MonitorGoesOnWithoutALogThatCannotBeWritten) {
    let_fake("FAKE_NAME=" + std::string(300, 'n')); // longer than the name of any file
    const auto outcome = run({"monitor", "guest"});
    ASSERT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr("is not logged"));
    ASSERT_TRUE(wait_for([this] { return calls().ends_with('\n'); }));
    EXPECT_THAT(calls(), StartsWith("monitor domid=7 "));
}

TEST_F(Cli, PrintsItsVersion) {
    const auto outcome = run({"--version"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_EQ(outcome.output, "xlsnap " XLSNAP_VERSION "\n");
}

TEST_F(Cli, HelpNamesEveryCommand) {
    const auto outcome = run({"--help"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    for (const char *command : {"create", "revert", "delete", "monitor"})
        EXPECT_THAT(outcome.output, HasSubstr(command));
}

struct WrongUsage {
    std::string name;
    Words arguments;
    std::string told; // what the message names
};

class CliWrongUsage : public Cli, public testing::WithParamInterface<WrongUsage> {};

TEST_P(CliWrongUsage, ExitsWithTwoAndTouchesNothing) {
    const auto outcome = run(GetParam().arguments);
    EXPECT_EQ(outcome.exit_status, kUsageError);
    EXPECT_THAT(outcome.errors, HasSubstr(GetParam().told));
    EXPECT_THAT(outcome.output, IsEmpty());
    EXPECT_THAT(calls(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    With, CliWrongUsage,
    testing::Values(
        WrongUsage{"NoCommand", {}, "subcommand"},
        WrongUsage{"AnUnknownCommand", {"explode", "guest"}, "subcommand"},
        WrongUsage{"NoDomain", {"create", "--disk-only", "-n", "before"}, "DOMAIN"},
        WrongUsage{
            "TwoDomains", {"create", "--disk-only", "-n", "before", "guest", "other"}, "other"},
        WrongUsage{"NoName", {"create", "--disk-only", "guest"}, "--name"},
        WrongUsage{"NothingAfterName", {"create", "--disk-only", "guest", "-n"}, "--name"},
        WrongUsage{
            "NeitherMemoryNorDiskOnly", {"create", "-n", "before", "guest"}, "--memory-path"},
        WrongUsage{"BothMemoryAndDiskOnly",
                   {"create", "--memory-path", "/m", "--disk-only", "-n", "before", "guest"},
                   "--disk-only"},
        WrongUsage{
            "AnUnknownOption", {"delete", "--disk-only", "--fast", "-n", "b", "guest"}, "--fast"},
        WrongUsage{"NoDomainToMonitor", {"monitor"}, "DOMAIN"},
        WrongUsage{"AMonitorOfASnapshot", {"monitor", "-n", "before", "guest"}, "-n"},
        WrongUsage{
            "TwoPlacesForTheLog", {"monitor", "--foreground", "--log", "/l", "guest"}, "--log"},
        WrongUsage{"AnEmptyMemoryPath",
                   {"create", "--memory-path", "", "-n", "b", "guest"},
                   "--memory-path"}),
    [](const auto &test) { return test.param.name; });

} // namespace
} // namespace xlsnap
