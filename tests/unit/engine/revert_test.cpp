// SPDX-License-Identifier: LGPL-2.1-only
#include <stdexcept>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Revert : public ::testing::TestWithParam<GuestKind> {
  protected:
    // A host whose guest has been snapshotted at kAtCreate and holds kLater now.
    static void snapshot_and_go_on(FakeHost &host, bool memory = true) {
        ASSERT_TRUE(host.service.create(1, FakeHost::request(memory)));
        host.guest_writes(FakeHost::kLater);
    }
};

INSTANTIATE_TEST_SUITE_P(Guests, Revert,
                         ::testing::Values(GuestKind{GuestType::Pv, true},
                                           GuestKind{GuestType::Pvh, true},
                                           GuestKind{GuestType::Hvm, true},
                                           GuestKind{GuestType::Hvm, false}));

TEST_P(Revert, BringsBackMemoryAndDisksUnderANewDomid) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    const Result<Reverted> reverted = host.service.revert(1, FakeHost::request());
    ASSERT_TRUE(reverted) << reverted.error().message;

    EXPECT_NE(reverted->domid, 1U);
    EXPECT_EQ(reverted->domid, host.g1().domain.domid);
    EXPECT_EQ(host.g1().domain.uuid, "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01");
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
    EXPECT_EQ(host.toolstack.state(reverted->domid).value(), RunState::Running);
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tag_names(), ElementsAre("s1"));
}

TEST_P(Revert, WorksAgainAndAgain) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    for (int i = 0; i < 3; ++i) {
        const DomainId domid = host.g1().domain.domid;
        ASSERT_TRUE(host.service.revert(domid, FakeHost::request()));
        EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
        host.guest_writes("count " + std::to_string(100 + i));
    }
}

TEST_P(Revert, LeavesADomainPausedThatWasPausedAtCreation) {
    FakeHost host(GetParam());
    host.pause_g1();
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    ASSERT_TRUE(host.toolstack.unpause(1));
    host.guest_writes(FakeHost::kLater);
    const Result<Reverted> reverted = host.service.revert(1, FakeHost::request());
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_EQ(host.toolstack.state(reverted->domid).value(), RunState::Paused);
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
}

// The uuid is that of the domain's earlier life, as the catalog knows.
TEST_P(Revert, TakesAMemoryImageWithTheUuidThatTheRequestKnows) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    SnapshotRequest request = FakeHost::request();
    request.known_uuid = host.g1().domain.uuid;
    host.g1().domain.uuid = "ffffffff-6f0a-4d1a-9b53-1d6e3c1f9a01";
    EXPECT_FALSE(host.service.revert(1, FakeHost::request()));
    const Result<Reverted> reverted = host.service.revert(1, request);
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_EQ(host.g1().domain.uuid, request.known_uuid);
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
}

TEST_P(Revert, LeavesTheDomainPausedWhenAsked) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    const Result<Reverted> reverted =
        host.service.revert(1, FakeHost::request(), {.after = AfterRevert::Paused});
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_EQ(host.toolstack.state(reverted->domid).value(), RunState::Paused);
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
}

TEST_P(Revert, OfDisksAloneStartsTheDomainFromItsConfiguration) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host, false);
    const Result<Reverted> reverted = host.service.revert(1, FakeHost::request(false));
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).content, FakeHost::kAtCreate);
    EXPECT_EQ(host.toolstack.state(reverted->domid).value(), RunState::Running);
    EXPECT_THAT(host.toolstack.calls, Contains("start"));
    EXPECT_THAT(host.toolstack.calls, Not(Contains("restore")));
}

TEST_P(Revert, LeavesTheNewDomainAWatcher) {
    for (const bool memory : {true, false}) {
        FakeHost host(GetParam());
        snapshot_and_go_on(host, memory);
        host.watcher_launcher.calls.clear();
        const Result<Reverted> reverted = host.service.revert(1, FakeHost::request(memory));
        ASSERT_TRUE(reverted) << reverted.error().message;
        EXPECT_THAT(host.watcher_launcher.calls,
                    ElementsAre("launch " + std::to_string(reverted->domid)));
    }
}

TEST_P(Revert, LeavesADomainAWatcherThatIsStartedAgainFromItsConfiguration) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    host.watcher_launcher.calls.clear();
    host.toolstack.fail_next("restore", Error{ErrorCode::Fail, "injected"});
    ASSERT_FALSE(host.service.revert(1, FakeHost::request()));
    EXPECT_THAT(host.watcher_launcher.calls,
                ElementsAre("launch " + std::to_string(host.g1().domain.domid)));
}

TEST_P(Revert, LaunchesNoWatcherForADomainThatItLeftAlone) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    host.watcher_launcher.calls.clear();
    host.toolstack.fail_next("pause", Error{ErrorCode::Fail, "injected"});
    ASSERT_FALSE(host.service.revert(1, FakeHost::request()));
    EXPECT_THAT(host.watcher_launcher.calls, IsEmpty());
}

TEST_P(Revert, SucceedsWithoutAWatcherAndSaysWhatToDo) {
    FakeHost host(GetParam());
    snapshot_and_go_on(host);
    host.watcher_launcher.fail_next("launch", Error{ErrorCode::NotFound, "no such program"});
    const Result<Reverted> reverted = host.service.revert(1, FakeHost::request());
    ASSERT_TRUE(reverted) << reverted.error().message;
    EXPECT_TRUE(reverted->closing);
    EXPECT_THAT(host.log.tasks, ElementsAre(HasSubstr("run xlsnap monitor g1")));
}

// What must be true after a revert that failed at any one call: the domain runs, either untouched
// or started again, and its disks hold what they held; or the revert was complete.
void expect_nothing_lost(FakeHost &host, const Result<Reverted> &result, std::size_t index) {
    SCOPED_TRACE("call " + std::to_string(index) + ": " + host.failed_call());
    FakeGuest *guest = host.toolstack.find("g1");
    ASSERT_NE(guest, nullptr);
    for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB})
        EXPECT_FALSE(host.images.at(path).corrupt);
    if (result) {
        EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
        EXPECT_EQ(result->domid, guest->domain.domid);
        if (result->closing) {
            EXPECT_FALSE(guest->paused);
        } else {
            EXPECT_THAT(result->closing.error().message, HasSubstr("is reverted"));
        }
        return;
    }
    EXPECT_THAT(result.error().message, HasSubstr("injected"));
    EXPECT_FALSE(guest->paused);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).content, FakeHost::kLater);
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tag_names(), ElementsAre("s1"));
    const bool memory_kept = guest->memory == FakeHost::kLater;
    EXPECT_EQ(memory_kept, guest->domain.domid == 1U);
    if (!memory_kept) {
        EXPECT_THAT(result.error().message, HasSubstr("in memory is lost"));
    }
}

TEST_P(Revert, LosesNothingWhicheverCallFails) {
    for (std::size_t index = 0;; ++index) {
        FakeHost host(GetParam());
        snapshot_and_go_on(host);
        host.fail_call(index);
        const Result<Reverted> result = host.service.revert(1, FakeHost::request());
        if (host.failed_call().empty()) {
            EXPECT_TRUE(result);
            EXPECT_GT(index, 15U);
            break;
        }
        expect_nothing_lost(host, result, index);
    }
}

TEST(RevertRefuses, BeforeTheDomainIsTouched) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    const auto refused = [&](const SnapshotRequest &request, ErrorCode code,
                             const std::string &text) {
        const Result<Reverted> result = host.service.revert(1, request);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_THAT(result.error().message, HasSubstr(text));
        EXPECT_THAT(host.differs_from(FakeHost::kLater), IsEmpty());
        EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    };
    SnapshotRequest request = FakeHost::request();
    request.disks.back().tag = "s2";
    refused(request, ErrorCode::NotFound, "xvdb has no snapshot 's2'");

    request = FakeHost::request();
    request.memory_path = "/images/none.save";
    refused(request, ErrorCode::NotFound, "none.save");

    host.memory_store.images.at(FakeHost::kMemoryPath).whole = false;
    refused(FakeHost::request(), ErrorCode::Invalid, FakeHost::kMemoryPath);
    host.memory_store.images.at(FakeHost::kMemoryPath).whole = true;

    host.image_users.users[FakeHost::kDiskB].push_back({4711, "qemu-nbd", true});
    refused(FakeHost::request(), ErrorCode::NotReady, "qemu-nbd (pid 4711)");
    host.image_users.users[FakeHost::kDiskB].pop_back();

    Domain other = host.g1().domain;
    other.uuid = "ffffffff-6f0a-4d1a-9b53-1d6e3c1f9a01";
    host.memory_store.images.at(FakeHost::kMemoryPath).info.config_json = fake_config_json(other);
    refused(FakeHost::request(), ErrorCode::Invalid, "belongs to domain ffffffff");

    other = host.g1().domain;
    other.disks.front().path = "/images/old.qcow2";
    host.memory_store.images.at(FakeHost::kMemoryPath).info.config_json = fake_config_json(other);
    refused(FakeHost::request(), ErrorCode::Invalid, "xvda was /images/old.qcow2");
}

void expect_refused_untouched(FakeHost &host, const std::string &text) {
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr(text));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
}

TEST(RevertRefuses, AConfigurationThatLibxlCannotRead) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.toolstack.fail_next("check_config", Error{ErrorCode::Invalid, "of a newer libxl"});
    expect_refused_untouched(host, "of a newer libxl");
}

// By another program, before one of the calls that verify what the revert needs.
TEST(RevertRefuses, ADomainThatIsDestroyedMeanwhile) {
    for (const char *at : {"inspect", "check_config", "frontend_connected", "open", "nodes",
                           "list_tags", "of", "check_room", "make_room", "pause"}) {
        FakeHost host;
        ASSERT_TRUE(host.service.create(1, FakeHost::request()));
        host.guest_writes(FakeHost::kLater);
        bool done = false;
        const auto destroy = [&](const std::string &method) -> Status {
            if (method == at && !std::exchange(done, true)) {
                EXPECT_TRUE(host.toolstack.destroy(1));
            }
            return {};
        };
        host.toolstack.before = destroy;
        host.live_disks.before = destroy;
        host.disk_images.before = destroy;
        host.image_users.before = destroy;
        const Result<Reverted> result = host.service.revert(1, FakeHost::request());
        ASSERT_FALSE(result) << at;
        EXPECT_EQ(result.error().code, ErrorCode::DomainNotFound) << result.error().message;
        EXPECT_THAT(result.error().message, Not(HasSubstr("NOT UNDONE"))) << at;
        for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB}) {
            EXPECT_EQ(host.images.at(path).content, FakeHost::kLater) << at;
            EXPECT_THAT(host.images.at(path).tag_names(), ElementsAre("s1")) << at;
        }
        EXPECT_EQ(host.toolstack.find("g1"), nullptr);
    }
}

// It would keep qemu-img from the image when the domain is gone already.
TEST(RevertRefuses, AReaderOfAnImage) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.image_users.users[FakeHost::kDiskB].push_back({4711, "backup", false});
    expect_refused_untouched(host, "backup (pid 4711)");
}

TEST(RevertRefuses, WhenQemuImgIsMissing) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.disk_images.fail_next("list_tags", Error{ErrorCode::Fail, "cannot run qemu-img"});
    expect_refused_untouched(host, "cannot run qemu-img");
}

TEST(RevertRefuses, ANameThatTwoSnapshotsOfAnImageHave) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    std::vector<FakeTag> &tags = host.images.at(FakeHost::kDiskB).tags;
    tags.push_back(tags.front());
    tags.back().tag.id = "9";
    expect_refused_untouched(host, "2 snapshots named 's1'");
}

TEST(RevertRefuses, ForWhatIsWrongWithEachDisk) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    std::vector<FakeTag> &tags = host.images.at(FakeHost::kDiskA).tags;
    tags.push_back(tags.front());
    host.live_disks.qemus.at(1).nodes.back().table.clear();
    const std::string told = host.service.revert(1, FakeHost::request()).error().message;
    EXPECT_THAT(told, HasSubstr("disk xvda: has 2 snapshots named 's1'"));
    EXPECT_THAT(told, HasSubstr("disk xvdb has no snapshot 's1'"));
    EXPECT_THAT(told, Not(HasSubstr("disk xvdb: "))); // once is enough
}

TEST(RevertRefuses, ForWhatTheImagesLackThoughQemuIsSilentAndTellsThatOnce) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.qemus.at(1).answers = false;
    for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB})
        host.images.at(path).tags.clear();
    const std::string told = host.service.revert(1, FakeHost::request()).error().message;
    EXPECT_THAT(told, ContainsRegex("disk xvda, disk xvdb: has no snapshot 's1'"));
    EXPECT_THAT(told, ContainsRegex("does not answer"));
    EXPECT_THAT(told, Not(ContainsRegex("does not answer.*does not answer")));
}

TEST(RevertRefuses, ADomainThatIsBeingDestroyedForItsStateAndNotForItsQemu) {
    FakeHost host({GuestType::Hvm, true});
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().execution = FakeGuest::Execution::Dying;
    host.live_disks.qemus.at(1).answers = false;
    const auto told = [&] { return host.service.revert(1, FakeHost::request()).error().message; };
    EXPECT_THAT(told(), HasSubstr("domain g1: it is being destroyed"));
    EXPECT_THAT(told(), Not(HasSubstr("answer")));
    host.toolstack.fail_next("inspect", Error{ErrorCode::Fail, "QEMU does not answer"});
    EXPECT_EQ(told(), "domain 1: it is being destroyed; when it is gone, start it (xl create) and "
                      "try again");
}

// It can be reverted, but not without its QEMU.
TEST(RevertRefuses, ADomainThatIsShutDownForItsQemu) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().execution = FakeGuest::Execution::ShutDown;
    host.live_disks.qemus.at(1).answers = false;
    EXPECT_THAT(host.service.revert(1, FakeHost::request()).error().message,
                HasSubstr("does not answer"));
}

TEST(RevertRefuses, AForeignMemoryImageThatLibxlCannotReadForBothReasons) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    Domain other = host.g1().domain;
    other.uuid = "ffffffff-6f0a-4d1a-9b53-1d6e3c1f9a01";
    host.memory_store.images.at(FakeHost::kMemoryPath).info.config_json = fake_config_json(other);
    host.toolstack.fail_next("check_config", Error{ErrorCode::Invalid, "of a newer libxl"});
    EXPECT_THAT(host.service.revert(1, FakeHost::request()).error().message,
                ContainsRegex("belongs to domain ffffffff.*of a newer libxl"));
}

// The present state of each disk that did go back, and of each that did not.
TEST(RevertSafety, DestroysNothingUntilThePresentStateIsSeenToBeKept) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.claims_to_create = true;
    const Result<Reverted> reverted = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(reverted);
    EXPECT_EQ(reverted.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
}

TEST(RevertSafety, TakesBackEveryDiskThatItCan) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.toolstack.fail_next("restore", Error{ErrorCode::Fail, "no memory"});
    int reverts = 0;
    host.disk_images.before = [&](const std::string &method) -> Status {
        if (method == "revert_to_tag" && ++reverts == 3)
            return fail(ErrorCode::Fail, "input/output error");
        return {};
    };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kAtCreate);
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).content, FakeHost::kLater);
    EXPECT_THAT(result.error().message,
                HasSubstr("qemu-img snapshot -a xlsnap-revert-1 /images/a.qcow2"));
    EXPECT_THAT(result.error().message, Not(HasSubstr("/images/b.qcow2")));
    EXPECT_THAT(result.error().message, HasSubstr("in memory is lost"));
}

TEST(RevertSafety, ADiskThatQemuImgRefusedToTouchNeedsNoWayBack) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.disk_images.fail_next("revert_to_tag", Error{ErrorCode::NotReady, "open in mount"});
    ASSERT_FALSE(host.service.revert(1, FakeHost::request()));
    EXPECT_THAT(host.differs_from(FakeHost::kLater), Not(IsEmpty())); // the memory
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_EQ(host.toolstack.state(host.g1().domain.domid).value(), RunState::Running);
}

// The QEMU of a domain that failed to start lives a moment longer than the domain.
TEST(RevertSafety, WaitsForTheQemuOfTheFailedDomainBeforeTheDisksGoBack) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.toolstack.before = [&](const std::string &method) -> Status {
        if (method != "restore")
            return {};
        host.image_users.users[FakeHost::kDiskA].push_back({4711, "qemu-system-i386", true});
        host.image_users.leaving.insert(4711);
        return fail(ErrorCode::Fail, "hotplug script failed");
    };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, Not(HasSubstr("NOT UNDONE")));
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_EQ(host.toolstack.state(host.g1().domain.domid).value(), RunState::Running);
}

TEST(RevertSafety, SaysWhatToDoWithADomainThatIsHalfDestroyed) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.toolstack.before = [&](const std::string &method) -> Status {
        if (method != "destroy")
            return {};
        host.g1().execution = FakeGuest::Execution::Dying;
        return fail(ErrorCode::TimedOut, "does not disappear");
    };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("in memory is lost"));
    EXPECT_THAT(result.error().message, HasSubstr("xl create"));
}

TEST(RevertSafety, AnExceptionInAStepIsUndoneLikeAnyFailure) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.toolstack.before = [](const std::string &method) -> Status {
        if (method == "restore")
            throw std::runtime_error("out of luck");
        return {};
    };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("out of luck"));
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_EQ(host.toolstack.state(host.g1().domain.domid).value(), RunState::Running);
}

TEST(RevertSafety, ADomainThatCannotBeUnpausedIsRevertedAllTheSame) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.toolstack.fail_next("unpause", Error{ErrorCode::Fail, "no"});
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->domid, host.g1().domain.domid);
    EXPECT_THAT(result->closing.error().message, HasSubstr("domain g1 is reverted"));
    EXPECT_THAT(host.differs_from(FakeHost::kAtCreate), IsEmpty());
}

TEST(RevertSafety, SaysThatADomainWhichDidNotRunIsStartedAgainPaused) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().execution = FakeGuest::Execution::ShutDown;
    host.toolstack.fail_next("restore", Error{ErrorCode::Fail, "injected"});
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("it is paused: xl unpause g1"));
}

TEST(RevertSafety, DoesNotStartTheDomainOnDisksThatCouldNotGoBack) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    host.toolstack.fail_next("restore", Error{ErrorCode::Fail, "no memory"});
    int reverts = 0;
    host.disk_images.before = [&](const std::string &method) -> Status {
        if (method == "revert_to_tag" && ++reverts > 2)
            return fail(ErrorCode::Fail, "input/output error");
        return {};
    };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
    EXPECT_THAT(result.error().message, HasSubstr("no memory"));
    EXPECT_THAT(result.error().message, HasSubstr("input/output error"));
    EXPECT_THAT(result.error().message, HasSubstr("xlsnap-revert-1"));
    // The only copy of the present state stays.
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1", "xlsnap-revert-1"));
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.back().content, FakeHost::kLater);
}

TEST(RevertSafety, WaitsUntilTheOldQemuHasClosedTheImages) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    // The destroyed domain's QEMU hangs and keeps the images.
    host.toolstack.on_destroy = nullptr;
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("qemu-system-i386"));
    EXPECT_THAT(result.error().message, HasSubstr("xl create"));
    EXPECT_FALSE(host.images.at(FakeHost::kDiskA).corrupt);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
    EXPECT_EQ(host.toolstack.find("g1"), nullptr);
}

TEST(RevertSafety, WaitsForAQemuThatTakesAMomentToEnd) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.toolstack.on_destroy = [&host](const Domain &gone) { host.destroyed_slowly(gone); };
    const Result<Reverted> result = host.service.revert(1, FakeHost::request());
    EXPECT_TRUE(result) << result.error().message;
}

// Whatever qemu-img left of a revert that failed midway, the disk goes back.
TEST(RevertSafety, BringsBackADiskThatHoldsAMixture) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);
    bool failed = false;
    host.disk_images.before = [&](const std::string &method) -> Status {
        if (method != "revert_to_tag" || std::exchange(failed, true))
            return {};
        host.images.at(FakeHost::kDiskA).content = "a mixture";
        return fail(ErrorCode::Fail, "killed midway");
    };
    ASSERT_FALSE(host.service.revert(1, FakeHost::request()));
    EXPECT_TRUE(failed);
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).content, FakeHost::kLater);
}

TEST(RevertSafety, TellsOfATemporaryTagThatStays) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.fail_next("delete_tag", Error{ErrorCode::TimedOut, "silence"});
    ASSERT_TRUE(host.service.revert(1, FakeHost::request()));
    EXPECT_THAT(host.log.warnings, ElementsAre(HasSubstr("xlsnap-revert-1")));
    EXPECT_EQ(host.toolstack.state(host.g1().domain.domid).value(), RunState::Running);
}

TEST(RevertRefuses, ADomainOfLibvirtUnlessTheCallerSaysSo) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().domain.managed_by_libvirt = true;
    const Result<Reverted> refused = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("virsh destroy g1"));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    EXPECT_TRUE(host.service.revert(1, FakeHost::request(), {.managed_too = true}));
}

TEST(RevertRefuses, ForTooLittleMemoryBesideOtherReasons) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.toolstack.fail_next("check_room", Error{ErrorCode::NoMemory, "needs 65 MiB more"});
    host.image_users.users[FakeHost::kDiskB].push_back({4711, "backup", false});
    EXPECT_THAT(host.service.revert(1, FakeHost::request()).error().message,
                ContainsRegex("needs 65 MiB more.*backup"));
}

TEST(RevertSafety, Dom0ShrinksOnlyWhenNothingRefusesTheRevert) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    SnapshotRequest request = FakeHost::request();
    request.disks.back().tag = "s2";
    ASSERT_FALSE(host.service.revert(1, request));
    EXPECT_THAT(host.toolstack.calls, Not(Contains("make_room")));
}

// From before the domain goes until it is there again, be it from its configuration.
TEST(RevertSafety, KeepsTheMemoryOfTheDomainFromOthersUntilItIsBuilt) {
    for (const char *failing : {"", "restore"}) {
        FakeHost host;
        ASSERT_TRUE(host.service.create(1, FakeHost::request()));
        if (*failing != 0)
            host.toolstack.fail_next(failing, Error{ErrorCode::Fail, "injected"});
        int built = 0;
        host.toolstack.before = [&](const std::string &method) -> Status {
            if (method == "destroy" || method == "restore" || method == "start") {
                EXPECT_EQ(host.toolstack.rooms, 1) << method;
                ++built;
            }
            if (method == "unpause" && *failing == 0) {
                EXPECT_EQ(host.toolstack.rooms, 0);
            }
            return {};
        };
        EXPECT_EQ(host.service.revert(1, FakeHost::request()).has_value(), *failing == 0);
        EXPECT_EQ(built, *failing == 0 ? 2 : 3);
        EXPECT_EQ(host.toolstack.rooms, 0);
    }
}

TEST(RevertSafety, KeepsTheMemoryOfADomainWhoseDisksAloneGoBack) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request(false)));
    host.toolstack.before = [&](const std::string &method) -> Status {
        if (method == "destroy" || method == "start") {
            EXPECT_EQ(host.toolstack.rooms, 1) << method;
        }
        return {};
    };
    EXPECT_TRUE(host.service.revert(1, FakeHost::request(false)));
    EXPECT_THAT(host.toolstack.calls, Contains("make_room"));
}

TEST(RevertRefuses, ADomainForWhichThereIsNoMemory) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.toolstack.fail_next("make_room", Error{ErrorCode::NoMemory, "shrink dom0"});
    const Result<Reverted> refused = host.service.revert(1, FakeHost::request());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoMemory);
    EXPECT_THAT(refused.error().message, HasSubstr("domain g1: shrink dom0"));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
}

} // namespace

} // namespace xlsnap::test
