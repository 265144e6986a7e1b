// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"
#include "support/fake_domain_events.hpp"
#include "support/fake_watchers.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Monitor : public ::testing::Test {
  protected:
    void shuts_down(ShutdownReason reason) {
        events_.shutdowns.push_back(reason);
        host_.g1().execution = FakeGuest::Execution::ShutDown;
    }

    FakeHost host_;
    FakeDomainEvents events_;
    FakeWatchers watchers_;
    DomainMonitor monitor_{host_.toolstack, events_, host_.image_users, watchers_, host_.log};
};

TEST_F(Monitor, LeavesWhenTheDomainIsGone) {
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls, ElementsAre("next_shutdown 1"));
    EXPECT_EQ(host_.toolstack.state(1).value(), RunState::Running);
}

TEST_F(Monitor, StartsADomainThatReboots) {
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls, ElementsAre("next_shutdown 1", "next_shutdown 2"));
    EXPECT_EQ(host_.g1().domain.domid, 2U);
    EXPECT_EQ(host_.g1().domain.uuid, "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01");
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

TEST_F(Monitor, FollowsADomainThroughManyReboots) {
    events_.shutdowns = {ShutdownReason::Reboot, ShutdownReason::Reboot, ShutdownReason::Poweroff};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls,
                ElementsAre("next_shutdown 1", "next_shutdown 2", "next_shutdown 3"));
    EXPECT_EQ(host_.toolstack.find("g1"), nullptr);
}

TEST_F(Monitor, CleansUpAfterADomainThatPowersOff) {
    shuts_down(ShutdownReason::Poweroff);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(host_.toolstack.find("g1"), nullptr);
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("start")));
}

TEST_F(Monitor, WatchesADomainOnThatIsSuspendedAndResumed) {
    events_.shutdowns = {ShutdownReason::Suspend, ShutdownReason::Suspend};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(events_.calls.size(), 3U);
    EXPECT_EQ(host_.toolstack.state(1).value(), RunState::Running);
}

TEST_F(Monitor, LeavesADomainThatIsToBePreserved) {
    host_.g1().domain.on_shutdown.crash = ShutdownAction::Preserve;
    shuts_down(ShutdownReason::Crash);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(host_.toolstack.state(1).value(), RunState::Shutdown);
}

TEST_F(Monitor, KeepsTheCrashedDomainUnderAnotherNameAndStartsItAnew) {
    host_.g1().domain.on_shutdown.crash = ShutdownAction::RestartRename;
    for (Disk &disk : host_.g1().domain.disks)
        disk.format = DiskFormat::Raw;
    shuts_down(ShutdownReason::Crash);
    const Status status = monitor_.watch(1);
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_EQ(host_.toolstack.state(1).value(), RunState::Shutdown);
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

// Its QEMU will write what it remembers of the image's tables when it ends.
TEST_F(Monitor, StartsNoSecondDomainOnTheImagesOfAPreservedOne) {
    host_.g1().domain.on_shutdown.crash = ShutdownAction::RestartRename;
    shuts_down(ShutdownReason::Crash);
    const Status status = monitor_.watch(1);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message,
                HasSubstr("two QEMUs would write /images/a.qcow2: destroy"));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains(HasSubstr("preserve"))));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("start")));
}

TEST_F(Monitor, WatchesADomainThatItCannotUnpause) {
    events_.shutdowns = {ShutdownReason::Reboot, ShutdownReason::Poweroff};
    host_.toolstack.fail_next("unpause", Error{ErrorCode::Fail, "injected"});
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls, ElementsAre("next_shutdown 1", "next_shutdown 2"));
    EXPECT_THAT(host_.log.warnings,
                ElementsAre(HasSubstr("stays paused, try xl unpause: injected")));
}

TEST_F(Monitor, RestartsWithoutACoreThatCannotBeDumped) {
    host_.g1().domain.on_shutdown.crash = ShutdownAction::CoredumpRestart;
    shuts_down(ShutdownReason::Crash);
    host_.toolstack.fail_next("dump_core 1", Error{ErrorCode::Fail, "no room"});
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.log.warnings, ElementsAre(HasSubstr("no room")));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

TEST_F(Monitor, LeavesADomainThatIsDestroyedWhileItsCoreIsDumped) {
    host_.g1().domain.on_shutdown.crash = ShutdownAction::CoredumpRestart;
    shuts_down(ShutdownReason::Crash);
    host_.toolstack.on_call = [this](const std::string &call) {
        if (call.starts_with("dump_core"))
            host_.toolstack.fail_next("state", Error{ErrorCode::DomainNotFound, "gone"});
    };
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("destroy 1")));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("start")));
}

// Something of it is still in use by a back end.
TEST_F(Monitor, StartsTheNextDomainThoughTheDestroyedOneDoesNotGo) {
    shuts_down(ShutdownReason::Reboot);
    host_.toolstack.fail_after_next("destroy", Error{ErrorCode::TimedOut, "it is dying for ever"});
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.toolstack.calls, Contains("start"));
    EXPECT_THAT(host_.log.warnings, Contains(HasSubstr("dying for ever")));
}

TEST_F(Monitor, WaitsOnlyForImagesThatItCanSee) {
    Disk remote = host_.g1().domain.disks.front();
    remote.vdev = "xvdr";
    remote.path = "rbd:pool/image";
    Disk elsewhere = remote;
    elsewhere.path = "/images/not-here.qcow2";
    elsewhere.backend_domain = "storage";
    host_.g1().domain.disks.push_back(remote);
    host_.g1().domain.disks.push_back(elsewhere);
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.image_users.calls, Not(Contains(HasSubstr("rbd:"))));
    EXPECT_THAT(host_.image_users.calls, Not(Contains(HasSubstr("not-here"))));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

TEST_F(Monitor, NeverStartsADomainOnImagesThatAreInUse) {
    shuts_down(ShutdownReason::Reboot);
    host_.toolstack.on_destroy = nullptr; // its QEMU stays
    const Status status = monitor_.watch(1);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("domain g1: /images/a.qcow2 is open in"));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("start")));
}

// Backups read images while their domains run.
TEST_F(Monitor, StartsADomainWhoseImagesSomebodyReads) {
    host_.toolstack.on_destroy = [this, closed = host_.toolstack.on_destroy](const Domain &domain) {
        closed(domain);
        host_.image_users.users[FakeHost::kDiskA].push_back(ImageUser{4711, "qemu-img", false});
    };
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

// QEMU opens emulated disks with locks.
TEST_F(Monitor, GivesReadersTimeBeforeItStartsAnHvmGuest) {
    host_.g1().domain.type = GuestType::Hvm;
    shuts_down(ShutdownReason::Reboot);
    host_.image_users.fail_next("wait_until_unused", Error{ErrorCode::TimedOut, "qemu-img reads"});
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.image_users.calls, Contains(HasSubstr("wait_until_unused")));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

TEST_F(Monitor, WaitsForNoImageWhenNothingIsToBeStarted) {
    shuts_down(ShutdownReason::Poweroff);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.image_users.calls, IsEmpty());
}

TEST_F(Monitor, MakesRoomForADomainThatReboots) {
    shuts_down(ShutdownReason::Reboot);
    host_.toolstack.fail_next("make_room", Error{ErrorCode::NoMemory, "shrink dom0"});
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.log.warnings, ElementsAre("shrink dom0"));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
}

TEST_F(Monitor, KeepsThatRoomUntilTheDomainIsBuilt) {
    shuts_down(ShutdownReason::Reboot);
    std::vector<int> rooms;
    host_.toolstack.before = [&](const std::string &method) -> Status {
        if (method == "start" || method == "unpause")
            rooms.push_back(host_.toolstack.rooms);
        return {};
    };
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(rooms, ElementsAre(1, 0));
}

TEST_F(Monitor, LeavesWhenXlWatchesTheDomainAndStays) {
    watchers_.xl[1] = 4711;
    events_.shutdowns = {ShutdownReason::Reboot};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls, IsEmpty());
    EXPECT_THAT(host_.log.infos, ElementsAre(HasSubstr("4711")));
    EXPECT_THAT(watchers_.ours, IsEmpty());
}

TEST_F(Monitor, LeavesWhenAnotherOfItsKindWatchesTheDomain) {
    watchers_.ours[host_.g1().domain.uuid] = 1;
    events_.shutdowns = {ShutdownReason::Reboot};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(events_.calls, IsEmpty());
    EXPECT_THAT(host_.log.infos, ElementsAre(HasSubstr("another process of xlsnap")));
    // It is not in the way of who waits for xl's process now.
    EXPECT_THAT(watchers_.calls, ElementsAre("claim 1"));
}

TEST_F(Monitor, TellsOthersWhichDomainItFollows) {
    events_.shutdowns = {ShutdownReason::Reboot, ShutdownReason::Reboot};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(watchers_.calls, ElementsAre("claim 1", "wait_for_xl 1", "follow 2", "follow 3"));
    EXPECT_THAT(watchers_.ours, IsEmpty());
}

TEST_F(Monitor, WatchesOnWhenItCannotTellWhichDomainItFollows) {
    watchers_.fail_next("follow", Error{ErrorCode::Fail, "disk full"});
    events_.shutdowns = {ShutdownReason::Reboot, ShutdownReason::Poweroff};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(host_.toolstack.find("g1"), nullptr);
    EXPECT_THAT(host_.log.warnings, ElementsAre(HasSubstr("disk full")));
}

TEST_F(Monitor, RefusesADomainOfLibvirt) {
    host_.g1().domain.managed_by_libvirt = true;
    const Status status = monitor_.watch(1);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Invalid);
    EXPECT_THAT(status.error().message, HasSubstr("libvirt"));
    EXPECT_THAT(watchers_.calls, IsEmpty());
}

TEST_F(Monitor, RefusesADomainThatIsNotThere) {
    const Status status = monitor_.watch(4711);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::DomainNotFound);
}

// Whoever suspended it (xl save, a migration) holds what a look would wait for.
TEST_F(Monitor, AsksNothingOfASuspendedDomain) {
    events_.shutdowns = {ShutdownReason::Suspend};
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.toolstack.calls, ElementsAre("inspect 1"));
}

TEST_F(Monitor, UsesWhatItKnewWhenADeadQemuKeepsLibxlFromLooking) {
    events_.on_next = [this] {
        host_.toolstack.fail_next("inspect", Error{ErrorCode::Fail, "QEMU does not answer"});
    };
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_EQ(host_.toolstack.state(2).value(), RunState::Running);
    EXPECT_THAT(host_.log.warnings, ElementsAre(HasSubstr("QEMU does not answer")));
}

TEST_F(Monitor, LeavesWhenTheDomainIsGoneBeforeItLooks) {
    events_.on_next = [this] {
        host_.toolstack.fail_next("inspect", Error{ErrorCode::DomainNotFound, "gone"});
    };
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.toolstack.calls, Not(Contains("start")));
    EXPECT_THAT(host_.log.warnings, IsEmpty());
}

TEST_F(Monitor, WarnsThatAnUpdateByXlIsLost) {
    host_.g1().domain.updated_by_xl = true;
    shuts_down(ShutdownReason::Reboot);
    EXPECT_TRUE(monitor_.watch(1));
    EXPECT_THAT(host_.log.warnings, ElementsAre(HasSubstr("xl config-update")));
}

TEST_F(Monitor, SaysWhatItCouldNotDo) {
    for (const char *method : {"destroy", "start"}) {
        FakeHost host;
        FakeDomainEvents events;
        FakeWatchers watchers;
        DomainMonitor monitor(host.toolstack, events, host.image_users, watchers, host.log);
        events.shutdowns = {ShutdownReason::Reboot};
        host.toolstack.fail_next(method, Error{ErrorCode::Fail, "injected"});
        const Status status = monitor.watch(1);
        ASSERT_FALSE(status) << method;
        EXPECT_EQ(status.error().message, "domain g1: injected");
    }
    events_.fail_next("next_shutdown", Error{ErrorCode::Fail, "injected"});
    EXPECT_FALSE(monitor_.watch(1));
}

} // namespace

} // namespace xlsnap::test
