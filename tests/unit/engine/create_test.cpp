// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> tags(FakeHost &host, const char *path) {
    return host.images.at(path).tag_names();
}

std::size_t position(const std::vector<std::string> &calls, const std::string &call) {
    return static_cast<std::size_t>(
        std::distance(calls.begin(), std::find(calls.begin(), calls.end(), call)));
}

// Kinds of guests whose disks differ in who has them open.
class Create : public ::testing::TestWithParam<GuestKind> {};

INSTANTIATE_TEST_SUITE_P(Guests, Create,
                         ::testing::Values(GuestKind{GuestType::Pv, true},
                                           GuestKind{GuestType::Pvh, true},
                                           GuestKind{GuestType::Hvm, true},
                                           GuestKind{GuestType::Hvm, false}));

TEST_P(Create, KeepsMemoryAndDisksOfOneInstantWhileTheGuestGoesOn) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));

    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    EXPECT_THAT(tags(host, FakeHost::kDiskA), ElementsAre("s1"));
    EXPECT_THAT(tags(host, FakeHost::kDiskB), ElementsAre("s1"));
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.front().content, FakeHost::kAtCreate);
    ASSERT_EQ(host.memory_store.images.count(FakeHost::kMemoryPath), 1U);
    EXPECT_THAT(host.memory_store.images.at(FakeHost::kMemoryPath).stream,
                HasSubstr(FakeHost::kAtCreate));
    EXPECT_FALSE(host.memory_store.images.at(FakeHost::kMemoryPath).info.was_paused);
}

TEST_P(Create, LeavesTagsIntactWhenTheGuestWritesOn) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.guest_writes(FakeHost::kLater);

    // A node that does not know the tag would write into its clusters.
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.front().content, FakeHost::kAtCreate);
    const FakeLiveDisks::Qemu &qemu = host.live_disks.qemus.at(1);
    for (const FakeLiveDisks::Node &node : qemu.nodes)
        EXPECT_EQ(node.table.size(), 1U) << node.name;
    EXPECT_TRUE(qemu.active && qemu.running);
}

TEST_P(Create, KeepsAPausedGuestPausedAndRemembersIt) {
    FakeHost host(GetParam());
    host.pause_g1();
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));

    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Paused);
    EXPECT_TRUE(host.memory_store.images.at(FakeHost::kMemoryPath).info.was_paused);
}

TEST_P(Create, OfDisksAloneDoesNotSuspend) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request(false)));

    EXPECT_THAT(host.toolstack.calls, Not(Contains(HasSubstr("suspend"))));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    EXPECT_TRUE(host.live_disks.qemus.at(1).active && host.live_disks.qemus.at(1).running);
    EXPECT_THAT(tags(host, FakeHost::kDiskB), ElementsAre("s1"));
    host.guest_writes(FakeHost::kLater);
    EXPECT_EQ(host.images.at(FakeHost::kDiskB).tags.front().content, FakeHost::kAtCreate);
}

// xl's leaves at the suspend, before Xen 4.20.
TEST_P(Create, LeavesTheDomainAWatcher) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    EXPECT_THAT(host.watcher_launcher.calls, ElementsAre("launch 1"));
}

TEST_P(Create, LeavesTheDomainAWatcherAlsoWhenItFails) {
    FakeHost host(GetParam());
    host.toolstack.fail_next("suspend", Error{ErrorCode::Fail, "injected"});
    ASSERT_FALSE(host.service.create(1, FakeHost::request()));
    EXPECT_THAT(host.watcher_launcher.calls, ElementsAre("launch 1"));
}

TEST_P(Create, LaunchesNoWatcherForADomainThatItDidNotSuspend) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request(false)));
    host.memory_store.fail_next("create", Error{ErrorCode::Fail, "injected"});
    SnapshotRequest request = FakeHost::request();
    request.disks.clear();
    ASSERT_FALSE(host.service.create(1, request));
    EXPECT_THAT(host.watcher_launcher.calls, IsEmpty());
}

TEST_P(Create, LeavesADomainOfLibvirtToIt) {
    FakeHost host(GetParam());
    host.g1().domain.managed_by_libvirt = true;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    EXPECT_THAT(host.watcher_launcher.calls, IsEmpty());
}

TEST_P(Create, SucceedsWithoutAWatcherAndSaysWhatToDo) {
    FakeHost host(GetParam());
    host.watcher_launcher.fail_next("launch", Error{ErrorCode::NotFound, "no such program"});
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    EXPECT_THAT(host.log.tasks, ElementsAre(AllOf(HasSubstr("no such program"),
                                                  HasSubstr("run xlsnap monitor g1"))));
}

// Every call that create makes to the outside fails once.
TEST_P(Create, LeavesNothingAndARunningGuestWhicheverCallFails) {
    for (const bool memory : {true, false}) {
        for (const bool paused : {true, false}) {
            for (std::size_t index = 0;; ++index) {
                FakeHost host(GetParam());
                if (paused)
                    host.pause_g1();
                host.fail_call(index);
                const Status status = host.service.create(1, FakeHost::request(memory));
                if (host.failed_call().empty()) {
                    EXPECT_TRUE(status);
                    EXPECT_GT(index, 5U);
                    break;
                }
                if (status && host.failed_call() == "launch") { // left to the user
                    EXPECT_EQ(host.log.tasks.size(), 1U);
                    continue;
                }
                if (status &&
                    host.failed_call() == "state") { // it may still be there to be watched
                    EXPECT_EQ(host.watcher_launcher.calls.size(), 1U);
                    continue;
                }
                if (status) { // a second try of the same call was enough
                    EXPECT_EQ(host.failed_call(), "unpause");
                    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
                    continue;
                }
                EXPECT_THAT(status.error().message, HasSubstr("injected"));
                EXPECT_THAT(status.error().message, AnyOf(HasSubstr("g1"), HasSubstr("domain 1")));
                EXPECT_THAT(host.leftovers(paused), IsEmpty())
                    << host.failed_call() << ", call " << index << ", memory " << memory;
            }
        }
    }
}

// The guest powers off right after the resume, and whoever watches it cleans up: the snapshot is as
// good, and there is nobody to watch.
TEST_P(Create, SucceedsThoughTheDomainEndsWhenItHasBeenResumed) {
    FakeHost host(GetParam());
    const auto goes_on = host.toolstack.on_call;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call == "resume 1")
            host.toolstack.fail_next("state", Error{ErrorCode::DomainNotFound, "gone"});
        goes_on(call);
    };
    const Status status = host.service.create(1, FakeHost::request());
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_THAT(host.watcher_launcher.calls, IsEmpty());
    EXPECT_THAT(host.log.tasks, IsEmpty());
}

TEST_P(Create, UndoesStepsThatReportFailureAfterTheirEffect) {
    for (const char *method : {"suspend", "resume"}) {
        FakeHost host(GetParam());
        host.toolstack.fail_after_next(method, Error{ErrorCode::TimedOut, "late"});
        const Status status = host.service.create(1, FakeHost::request());
        ASSERT_FALSE(status) << method;
        EXPECT_EQ(status.error().code, ErrorCode::TimedOut);
        EXPECT_THAT(host.leftovers(), IsEmpty()) << method;
    }
}

TEST(CreateOrder, DisksAreTakenBetweenSuspendAndResume) {
    FakeHost host;
    std::vector<std::string> order;
    host.toolstack.before = [&](const std::string &method) -> Status {
        order.push_back(method);
        return {};
    };
    host.live_disks.before = host.toolstack.before;
    host.memory_store.before = host.toolstack.before;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    EXPECT_LT(position(order, "create"), position(order, "suspend"));
    EXPECT_LT(position(order, "suspend"), position(order, "take_snapshots"));
    EXPECT_LT(position(order, "take_snapshots"), position(order, "resume"));
    EXPECT_LT(position(order, "resume"), position(order, "publish"));
}

TEST(CreateRefuses, BeforeTheGuestIsTouched) {
    const auto refused = [](FakeHost &host, const SnapshotRequest &request, ErrorCode code,
                            const std::string &text) {
        const std::size_t before = host.toolstack.calls.size();
        const Status status = host.service.create(1, request);
        ASSERT_FALSE(status) << text;
        EXPECT_EQ(status.error().code, code) << status.error().message;
        EXPECT_THAT(status.error().message, HasSubstr(text));
        for (std::size_t i = before; i < host.toolstack.calls.size(); ++i)
            EXPECT_THAT(
                host.toolstack.calls[i],
                AnyOf(HasSubstr("inspect"), HasSubstr("frontend_connected"), HasSubstr("state")));
    };
    FakeHost host;
    SnapshotRequest request = FakeHost::request();
    request.disks.front().vdev = "xvdz";
    refused(host, request, ErrorCode::NotFound, "no disk 'xvdz'");
    request = FakeHost::request();
    request.live = true;
    refused(host, request, ErrorCode::Invalid, "a live snapshot has no internal disk snapshots");
    host.images.add("/images/taken", "");
    request.live = false;
    request.disks.front().external = true;
    request.disks.front().overlay = "/images/taken";
    refused(host, request, ErrorCode::Invalid, "/images/taken exists already");
    request = FakeHost::request();
    request.memory_path.clear();
    refused(host, request, ErrorCode::Invalid, "memory_path");

    host.live_disks.qemus.at(1).answers = false;
    refused(host, FakeHost::request(), ErrorCode::NotReady, "does not answer");
    host.live_disks.qemus.at(1).answers = true;

    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    refused(host, FakeHost::request(), ErrorCode::Invalid, "already a snapshot 's1'");
}

TEST(CreateRefuses, ADomainThatIsNotRunning) {
    FakeHost host;
    host.g1().execution = FakeGuest::Execution::ShutDown;
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Invalid);
    EXPECT_THAT(status.error().message, HasSubstr("shut down"));
}

// Nobody resumes it when what suspended it is gone.
TEST(CreateRefuses, ASuspendedDomainAndSaysHowItGoesOn) {
    FakeHost host;
    host.g1().execution = FakeGuest::Execution::Suspended;
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, AllOf(HasSubstr("it is suspended"),
                                              HasSubstr("xlsnap revert"), HasSubstr("xl destroy")));
}

TEST(CreateRefuses, ADomainThatIsBeingDestroyed) {
    FakeHost host;
    host.g1().execution = FakeGuest::Execution::Dying;
    for (const bool memory : {true, false}) {
        const Status status = host.service.create(1, FakeHost::request(memory));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::Invalid);
        EXPECT_THAT(status.error().message, HasSubstr("only a running or paused domain"));
    }
}

// The QEMU of a domain that ends goes before it: its silence is no reason of its own.
TEST(CreateRefuses, ADomainThatEndsForItsStateAndNotForItsQemu) {
    for (const auto execution : {FakeGuest::Execution::Dying, FakeGuest::Execution::ShutDown}) {
        FakeHost host({GuestType::Hvm, true});
        host.live_disks.qemus.at(1).answers = false;
        append_tag(host.images.at(FakeHost::kDiskA).tags, "s1", "theirs");
        host.g1().execution = execution;
        EXPECT_THAT(host.service.create(1, FakeHost::request()).error().message,
                    AllOf(HasSubstr("only a running or paused domain"),
                          HasSubstr("disk xvda has already"), Not(HasSubstr("answer"))));
        EXPECT_THAT(host.live_disks.calls, IsEmpty());
        // libxl asks QEMU for the configuration.
        host.toolstack.fail_next("inspect", Error{ErrorCode::Fail, "QEMU does not answer"});
        EXPECT_THAT(host.service.create(1, FakeHost::request()).error().message,
                    AllOf(HasSubstr("domain 1: it is"), HasSubstr("only a running or paused"),
                          Not(HasSubstr("answer"))));
    }
}

// It begins to end when it has been looked at.
TEST(CreateRefuses, ADomainWhoseQemuGoesMeanwhileForItsState) {
    FakeHost host;
    host.live_disks.before = [&](const std::string & /*method*/) -> Status {
        host.g1().execution = FakeGuest::Execution::Dying;
        return fail(ErrorCode::NotReady, "does not answer");
    };
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::DomainDestroyed);
    EXPECT_THAT(status.error().message, AllOf(HasSubstr("another program is destroying it"),
                                              Not(HasSubstr("does not answer"))));
}

TEST(CreateRefuses, ADomainWhoseQemuIsOutOfReach) {
    FakeHost host;
    host.g1().domain.hindrances.stubdomain = true;
    for (const bool memory : {true, false})
        EXPECT_THAT(host.service.create(1, FakeHost::request(memory)).error().message,
                    HasSubstr("stub domain"));
}

TEST(CreateRefuses, ADomainWhoseQemuIsRestrictedBeforeItIsTouched) {
    FakeHost host;
    host.g1().domain.hindrances.restricted_qemu = true;
    for (const bool memory : {true, false})
        EXPECT_THAT(host.service.create(1, FakeHost::request(memory)).error().message,
                    HasSubstr("dm_restrict=1"));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST(CreateRefuses, ForEveryReasonAtOnce) {
    FakeHost host;
    host.g1().domain.hindrances.nomigrate = true;
    host.g1().domain.hindrances.pci_devices = {"0000:03:00.0"};
    host.g1().domain.memory_bytes = 64U << 20U;
    host.memory_store.free_space = 66U
                                   << 20U; // the memory fits, but not with all that goes with it
    host.image_users.users[FakeHost::kDiskA].push_back({4711, "other-qemu", true});
    host.image_users.users[FakeHost::kDiskB].push_back({4712, "backing-reader", false});
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    for (const char *reason : {"domain g1: ", "nomigrate", "0000:03:00.0", "too little space",
                               "xvda (/images/a.qcow2) is open for writing in other-qemu"})
        EXPECT_THAT(status.error().message, HasSubstr(reason));
    EXPECT_THAT(status.error().message, Not(HasSubstr("backing-reader")));
    EXPECT_THAT(host.toolstack.calls, Not(Contains("suspend 1")));
}

// A loop device, say: it has no pid, and neither has a QEMU that is not known.
TEST(CreateRefuses, AnImageThatTheKernelHasOpenForWriting) {
    for (const int own_qemu : {1001, 0}) {
        FakeHost host;
        host.g1().domain.device_model_pid = own_qemu;
        host.image_users.users[FakeHost::kDiskA] = {{0, "the kernel (loop0)", true}};
        host.image_users.users[FakeHost::kDiskB].clear();
        const Status status = host.service.create(1, FakeHost::request());
        ASSERT_FALSE(status) << own_qemu;
        EXPECT_EQ(status.error().code, ErrorCode::NotReady);
        EXPECT_THAT(status.error().message,
                    HasSubstr("disk xvda (/images/a.qcow2) is open for writing in the kernel "
                              "(loop0) too; end that"));
        EXPECT_THAT(host.leftovers(), IsEmpty());
    }
}

// Another program destroys the domain before any one call that create makes to the outside.
TEST_P(Create, LeavesNothingOfADomainThatIsDestroyedMeanwhile) {
    for (const bool memory : {true, false}) {
        for (std::size_t index = 0;; ++index) {
            FakeHost host(GetParam());
            std::size_t calls = 0;
            const auto destroy = [&](const std::string & /*method*/) -> Status {
                if (calls++ == index) {
                    EXPECT_TRUE(host.toolstack.destroy(1));
                }
                return {};
            };
            host.toolstack.before = destroy;
            host.live_disks.before = destroy;
            host.image_users.before = destroy;
            host.memory_store.before = destroy;
            const Status status = host.service.create(1, FakeHost::request(memory));
            if (calls <= index) {
                EXPECT_TRUE(status);
                EXPECT_GT(index, 5U);
                break;
            }
            if (status) // nothing was left to do to it
                continue;
            SCOPED_TRACE(fmt::format("call {}, memory {}", index, memory));
            EXPECT_EQ(status.error().code, ErrorCode::DomainNotFound) << status.error().message;
            EXPECT_THAT(status.error().message,
                        AllOf(AnyOf(HasSubstr("g1"), HasSubstr("domain 1")),
                              AnyOf(HasSubstr("went away"), HasSubstr("there is no domain")),
                              Not(HasSubstr("NOT UNDONE"))));
            EXPECT_THAT(host.memory_store.images, IsEmpty());
            EXPECT_THAT(host.memory_store.temporary_files, IsEmpty());
            EXPECT_THAT(tags(host, FakeHost::kDiskA), IsEmpty());
            EXPECT_THAT(tags(host, FakeHost::kDiskB), IsEmpty());
        }
    }
}

// One disk cannot have a snapshot; the other has it already and is written by somebody else.
TEST(CreateRefuses, ForTheReasonsAgainstTheOtherDisksToo) {
    FakeHost host;
    append_tag(host.live_disks.qemus.at(1).nodes.front().table, "s1", "theirs");
    host.image_users.users[FakeHost::kDiskA].push_back({4711, "other-qemu", true});
    SnapshotRequest request = FakeHost::request();
    request.disks.back().tag = "7";
    const Status status = host.service.create(1, request);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Invalid);
    for (const char *reason : {"disk xvdb: the snapshot name '7'", "xvda has already a snapshot",
                               "xvda (/images/a.qcow2) is open for writing in other-qemu"})
        EXPECT_THAT(status.error().message, HasSubstr(reason));
}

TEST(CreateRefuses, ForWhatTheImagesHoldThoughQemuIsSilentAndTellsThatOnce) {
    FakeHost host;
    host.live_disks.qemus.at(1).answers = false;
    append_tag(host.images.at(FakeHost::kDiskB).tags, "s1", "theirs");
    SnapshotRequest request = FakeHost::request();
    request.memory_path.clear();
    const Status status = host.service.create(1, request);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message,
                ContainsRegex("give memory_path; .*does not answer; disk xvdb has already a "));
    EXPECT_THAT(status.error().message, Not(ContainsRegex("does not answer.*does not answer")));
}

TEST(CreateOfDisksAlone, LooksAtNoPathOfAMemoryImage) {
    FakeHost host;
    host.memory_store.other_files.insert(FakeHost::kMemoryPath);
    SnapshotRequest request = FakeHost::request(false);
    request.memory_path = FakeHost::kMemoryPath;
    EXPECT_TRUE(host.service.create(1, request));
    EXPECT_TRUE(host.service.revert(1, request));
}

TEST(CreateRefuses, ForEachDiskThatQemuDoesNotHave) {
    FakeHost host;
    host.live_disks.qemus.at(1).nodes.clear();
    host.image_users.missing = {FakeHost::kDiskA, FakeHost::kDiskB};
    EXPECT_THAT(host.service.create(1, FakeHost::request()).error().message,
                AllOf(HasSubstr("disk xvda: the domain's QEMU has no qcow2 node"),
                      HasSubstr("disk xvdb: the domain's QEMU has no qcow2 node"),
                      HasSubstr("disk xvda: /images/a.qcow2: no such file"),
                      HasSubstr("disk xvdb: /images/b.qcow2: no such file")));
}

TEST(CreateRefuses, NoMemoryBlockerWhenOnlyDisksAreAskedFor) {
    FakeHost host;
    host.g1().domain.hindrances.nomigrate = true;
    EXPECT_TRUE(host.service.create(1, FakeHost::request(false)));
}

TEST(CreateReports, SaysWhichWritableDisksAreLeftOut) {
    FakeHost host;
    SnapshotRequest request = FakeHost::request();
    request.disks.pop_back();
    ASSERT_TRUE(host.service.create(1, request));
    EXPECT_THAT(host.log.warnings, ElementsAre(HasSubstr("xvdb")));
    EXPECT_THAT(tags(host, FakeHost::kDiskB), IsEmpty());
}

TEST(CreateReports, SaysHowLongEachStepTook) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    EXPECT_EQ(host.log.details.size(), 6U);
    EXPECT_THAT(host.log.details, Contains(HasSubstr("making disk snapshots: ")));
}

TEST(CreateReports, SaysWhatCouldNotBeUndone) {
    FakeHost host;
    host.memory_store.fail_next("publish", Error{ErrorCode::Fail, "disk full"});
    host.live_disks.fail_next("delete_tag", Error{ErrorCode::TimedOut, "silence"});
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("disk full"));
    EXPECT_THAT(status.error().message, HasSubstr("NOT UNDONE"));
    EXPECT_THAT(status.error().message, HasSubstr("xlsnap delete"));
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
}

// A guest whose emulated disks are not unplugged: QEMU has two nodes on each image.
constexpr GuestKind kTwins{GuestType::Hvm, false};

TEST(CreateSafety, NoGuestRunsWhileItsTwinNodesAreStale) {
    FakeHost host(kTwins);
    bool deactivated = false;
    host.live_disks.before = [&](const std::string &method) -> Status {
        if (method == "take_snapshots" || method == "deactivate_nodes") {
            EXPECT_EQ(host.toolstack.state(1).value(), RunState::Paused) << method;
            deactivated = method == "deactivate_nodes";
        }
        return {};
    };
    ASSERT_TRUE(host.service.create(1, FakeHost::request(false)));
    EXPECT_TRUE(deactivated);
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
}

// Nodes that stay inactive would crash QEMU at the guest's next write.
TEST(CreateSafety, NodesAreActivatedEvenWhenTheyCouldNotBeDeactivated) {
    FakeHost host(kTwins);
    host.live_disks.fail_next("deactivate_nodes", Error{ErrorCode::TimedOut, "silence"});
    EXPECT_FALSE(host.service.create(1, FakeHost::request(false)));
    const auto &calls = host.live_disks.calls;
    const auto failed = std::find(calls.begin(), calls.end(), "deactivate_nodes");
    ASSERT_NE(failed, calls.end());
    ASSERT_NE(std::next(failed), calls.end());
    EXPECT_THAT(*std::next(failed), StartsWith("activate_nodes"));
}

// QEMU did not answer in time: what it is told by that session does not reach it any more.
TEST(CreateSafety, NodesThatAGivenUpSessionLeftInactiveAreActivatedByAnother) {
    FakeHost host(kTwins);
    for (const char *method : {"deactivate_nodes", "activate_nodes"})
        host.live_disks.fail_next(method, Error{ErrorCode::TimedOut, "silence"});
    EXPECT_FALSE(host.service.create(1, FakeHost::request(false)));
    const auto &calls = host.live_disks.calls;
    const std::vector<std::string> anew{"open 1", "deactivate_nodes", "activate_nodes running"};
    EXPECT_NE(std::search(calls.begin(), calls.end(), anew.begin(), anew.end()), calls.end())
        << ::testing::PrintToString(calls);
}

// The guest unplugs its emulated disks between the look at the domain and the tags.
TEST(CreateSafety, TheTagIsMadeThroughTheNodeThatIsLiveByThen) {
    FakeHost host(kTwins);
    const auto switches_over = host.toolstack.on_call;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call.starts_with("frontend_connected"))
            for (Disk &disk : host.g1().domain.disks)
                disk.frontend_connected = true;
        switches_over(call);
    };
    ASSERT_TRUE(host.service.create(1, FakeHost::request(false)));
    EXPECT_THAT(host.live_disks.calls, Contains(HasSubstr("take_snapshots")));
    EXPECT_THAT(host.live_disks.calls,
                Not(Contains(AllOf(HasSubstr("take_snapshots"), HasSubstr("#block")))));
}

// The guest stands still for the creation alone, not for the look at what QEMU made of it.
TEST(CreateSafety, SuccessIsNotBelievedAndTheGuestDoesNotWaitForTheProof) {
    for (const bool memory : {true, false}) {
        FakeHost host;
        host.live_disks.claims_to_create = true;
        RunState state_at_look = RunState::Dying;
        host.live_disks.before = [&](const std::string &method) -> Status {
            if (method == "nodes")
                state_at_look = host.toolstack.state(1).value();
            return {};
        };
        const Status status = host.service.create(1, FakeHost::request(memory));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::ProtocolErrorQmp);
        EXPECT_THAT(status.error().message,
                    HasSubstr("disk xvda: QEMU says that the snapshot s1 was made, but"));
        EXPECT_EQ(state_at_look, RunState::Running);
        EXPECT_THAT(host.leftovers(), IsEmpty());
    }
}

TEST(CreateSafety, NeverDeletesATagThatSomebodyElseMadeMeanwhile) {
    FakeHost host;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call == "suspend 1")
            append_tag(host.live_disks.qemus.at(1).nodes.front().table, "s1", "theirs");
    };
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_EQ(host.live_disks.qemus.at(1).nodes.front().table.size(), 1U);
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running);
}

TEST(CreateSafety, AnExceptionInAStepLeavesNothingSuspended) {
    FakeHost host;
    host.live_disks.before = [](const std::string &method) -> Status {
        if (method == "take_snapshots")
            throw std::runtime_error("out of luck");
        return {};
    };
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("out of luck"));
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST(CreateSafety, ADomainThatAnotherProgramSuspendedMeanwhileIsLeftToIt) {
    FakeHost host;
    host.memory_store.before = [&](const std::string &method) -> Status {
        if (method == "create")
            host.g1().execution = FakeGuest::Execution::Suspended;
        return {};
    };
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_EQ(host.toolstack.state(1).value(), RunState::Suspended);
}

TEST(CreateRefuses, AMemoryImageForWhichThereIsNoSpace) {
    FakeHost host;
    host.g1().domain.memory_bytes = 64U << 20U;
    host.memory_store.free_space = 1U << 20U;
    const Status status = host.service.create(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("too little space"));
    EXPECT_THAT(host.toolstack.calls, Not(Contains("suspend 1")));
}

} // namespace

} // namespace xlsnap::test
