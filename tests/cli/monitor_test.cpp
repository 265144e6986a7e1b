// SPDX-License-Identifier: LGPL-2.1-only
#include <unistd.h>

#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

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

TEST_F(Cli, MonitorStartsNothingInTheBackgroundWhereTheSettingsSaySo) {
    const std::string settings = file("settings", "monitor = 0\n");
    EXPECT_EQ(run({"--conf", settings, "monitor", "guest"}).exit_status, kSuccess);
    EXPECT_THAT(calls(), IsEmpty());
    EXPECT_EQ(run({"--conf", settings, "monitor", "--foreground", "guest"}).exit_status, kSuccess);
    EXPECT_THAT(calls(), StartsWith("monitor domid=7 "));
}

} // namespace
} // namespace xlsnap
