// SPDX-License-Identifier: LGPL-2.1-only
#include <csignal>

#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
        run({GetParam(), "--no-catalog", "--disk-only", "--disk", "xvda", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before\n");
}

TEST_P(CliCommand, TakesEveryWritableDiskWhenNoneIsNamed) {
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before xvdb:before\n");
}

TEST_P(CliCommand, TakesOnlyTheNamedDisk) {
    run({GetParam(), "--no-catalog", "--disk-only", "--disk", "xvdb", "-n", "before", "guest"});
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvdb:before\n");
}

TEST_P(CliCommand, FindsTheDomainByNumberAndTheNameByItsLongOption) {
    const auto outcome =
        run({GetParam(), "--no-catalog", "--disk-only", "--disk", "xvda", "--name=before", "7"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(calls(), GetParam() + " domid=7 memory=- xvda:before\n");
}

TEST_P(CliCommand, SaysWhatItDid) {
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_THAT(outcome.output, HasSubstr("guest"));
    EXPECT_THAT(outcome.output, HasSubstr("before"));
    EXPECT_THAT(outcome.output, EndsWith("\n"));
    EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_P(CliCommand, FailsWithTheReasonOfTheLibrary) {
    let_fake("FAKE_RC=-9");
    let_fake("FAKE_ERROR=disk xvda: the image is on fire; use water");
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: disk xvda: the image is on fire; use water\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

TEST_P(CliCommand, ShowsTheWarningsOfTheLibrary) {
    let_fake("FAKE_WARNING=disk xvdb is left out");
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_THAT(outcome.errors, HasSubstr("disk xvdb is left out"));
}

TEST_P(CliCommand, FailsWhenThereIsNoSuchDomain) {
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "nobody"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("nobody"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_P(CliCommand, FailsWhenXenIsOutOfReach) {
    let_fake("FAKE_NO_XEN=1");
    const auto outcome = run({GetParam(), "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("Xen"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_P(CliCommand, ExplainsItsOptions) {
    const auto outcome = run({GetParam(), "--help"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    for (const char *option :
         {"--memory-path", "--no-catalog", "--disk-only", "--disk", "-n", "DOMAIN"})
        EXPECT_THAT(outcome.output, HasSubstr(option));
}

TEST_F(Cli, CallsASnapshotOfTheDisksAloneWhatItIs) {
    EXPECT_EQ(run({"create", "--no-catalog", "--disk-only", "-n", "before", "guest"}).output,
              "guest: crash-consistent snapshot before created\n");
    EXPECT_EQ(run({"create", "--memory-path", "/save/guest", "-n", "before", "guest"}).output,
              "guest: snapshot before created\n");
}

TEST_F(Cli, EndsWhatItHasBegunWhateverSignalComes) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        let_fake("FAKE_SIGNAL=" + std::to_string(signal));
        const ProcessOutcome ran =
            run({"create", "-n", "s1", "--no-catalog", "--disk-only", "guest"});
        EXPECT_EQ(ran.exit_status, kSuccess);
        EXPECT_THAT(ran.output, HasSubstr("created"));
    }
}

TEST_F(Cli, RevertSaysTheNewDomid) {
    const auto outcome = run({"revert", "--no-catalog", "--disk-only", "-n", "before", "guest"});
    EXPECT_THAT(outcome.output, HasSubstr("8"));
}

} // namespace
} // namespace xlsnap
