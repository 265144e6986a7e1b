// SPDX-License-Identifier: LGPL-2.1-only
#include "core/domain_end.hpp"

#include <gtest/gtest.h>

namespace xlsnap {

namespace {

TEST(Aftermath, FollowsTheConfigurationForEachReason) {
    const ShutdownActions actions{.poweroff = ShutdownAction::Preserve,
                                  .reboot = ShutdownAction::Restart,
                                  .crash = ShutdownAction::CoredumpRestart,
                                  .watchdog = ShutdownAction::RestartRename,
                                  .soft_reset = ShutdownAction::Destroy};
    const Aftermath poweroff = aftermath(ShutdownReason::Poweroff, actions);
    EXPECT_FALSE(poweroff.destroy || poweroff.start || poweroff.rename || poweroff.dump_core);
    EXPECT_FALSE(poweroff.keep_watching);
    const Aftermath reboot = aftermath(ShutdownReason::Reboot, actions);
    EXPECT_TRUE(reboot.destroy && reboot.start);
    EXPECT_FALSE(reboot.dump_core || reboot.rename);
    const Aftermath crash = aftermath(ShutdownReason::Crash, actions);
    EXPECT_TRUE(crash.dump_core && crash.destroy && crash.start);
    const Aftermath watchdog = aftermath(ShutdownReason::Watchdog, actions);
    EXPECT_TRUE(watchdog.rename && watchdog.start);
    EXPECT_FALSE(watchdog.destroy);
    const Aftermath reset = aftermath(ShutdownReason::SoftReset, actions);
    EXPECT_TRUE(reset.destroy);
    EXPECT_FALSE(reset.start);
}

TEST(Aftermath, DumpsTheCoreOfADomainThatIsNotStartedAgain) {
    const Aftermath crash =
        aftermath(ShutdownReason::Crash, {.crash = ShutdownAction::CoredumpDestroy});
    EXPECT_TRUE(crash.dump_core && crash.destroy);
    EXPECT_FALSE(crash.start);
}

TEST(Aftermath, WatchesASuspendedDomainOn) {
    const Aftermath suspended = aftermath(ShutdownReason::Suspend, {});
    EXPECT_TRUE(suspended.keep_watching);
    EXPECT_FALSE(suspended.destroy || suspended.start || suspended.rename || suspended.dump_core);
}

TEST(Aftermath, CleansUpAfterAReasonThatNobodyKnows) {
    EXPECT_TRUE(aftermath(ShutdownReason::Unknown, {}).destroy);
    EXPECT_FALSE(aftermath(ShutdownReason::Unknown, {}).start);
}

} // namespace

} // namespace xlsnap
