// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Delete : public ::testing::TestWithParam<GuestKind> {};

INSTANTIATE_TEST_SUITE_P(Guests, Delete,
                         ::testing::Values(GuestKind{GuestType::Pv, true},
                                           GuestKind{GuestType::Hvm, true},
                                           GuestKind{GuestType::Hvm, false}));

TEST_P(Delete, LeavesThingsAsBeforeCreate) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    ASSERT_TRUE(host.service.remove(1, FakeHost::request()));
    EXPECT_THAT(host.leftovers(), IsEmpty());
    EXPECT_THAT(host.log.infos, IsEmpty());
    for (const FakeLiveDisks::Node &node : host.live_disks.qemus.at(1).nodes)
        EXPECT_THAT(node.table, IsEmpty()) << node.name;
}

TEST_P(Delete, CanBeRepeatedAndSaysWhatWasGone) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.remove(1, FakeHost::request()));
    EXPECT_THAT(host.log.infos,
                ElementsAre(HasSubstr("g1.save"), HasSubstr("xvda"), HasSubstr("xvdb")));
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST_P(Delete, KeepsOtherSnapshots) {
    FakeHost host(GetParam());
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    SnapshotRequest second = FakeHost::request(false);
    second.disks[0].tag = second.disks[1].tag = "s2";
    ASSERT_TRUE(host.service.create(1, second));
    ASSERT_TRUE(host.service.remove(1, second));
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
}

TEST_P(Delete, EndsWhenRepeatedWhicheverCallFailed) {
    for (std::size_t index = 0;; ++index) {
        FakeHost host(GetParam());
        ASSERT_TRUE(host.service.create(1, FakeHost::request()));
        host.fail_call(index);
        const Status status = host.service.remove(1, FakeHost::request());
        if (host.failed_call().empty())
            break;
        EXPECT_EQ(host.toolstack.state(1).value(), RunState::Running) << host.failed_call();
        ASSERT_TRUE(host.service.remove(1, FakeHost::request()));
        EXPECT_THAT(host.leftovers(), IsEmpty()) << host.failed_call();
    }
}

TEST(DeleteSafety, TouchesNothingWhenQemuDoesNotAnswer) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.qemus.at(1).answers = false;
    EXPECT_FALSE(host.service.remove(1, FakeHost::request()));
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
}

TEST(DeleteRefuses, ATagThatARestrictedQemuHasOpenBeforeAnythingIsTouched) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().domain.hindrances.restricted_qemu = true;
    const Status status = host.service.remove(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("dm_restrict=1"));
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
}

TEST(DeleteRefuses, ForEveryReasonBeforeAnythingIsTouched) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.qemus.at(1).nodes.clear();
    host.image_users.missing = {FakeHost::kDiskB};
    SnapshotRequest request = FakeHost::request();
    request.disks.push_back(DiskRequest{"xvdz", "", "s1", false});
    const Status status = host.service.remove(1, request);
    ASSERT_FALSE(status);
    for (const char *reason : {"no disk 'xvdz'", "disk xvda: the domain's QEMU has no qcow2 node",
                               "disk xvdb: /images/b.qcow2: no such file"})
        EXPECT_THAT(status.error().message, HasSubstr(reason));
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
}

TEST(DeleteRefuses, AnImageThatQemuImgCannotReadBeforeAnythingIsTouched) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.image_users.users.clear();
    host.disk_images.fail_next("list_tags", Error{ErrorCode::Fail, "not in the format"});
    const Status status = host.service.remove(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("disk xvda: not in the format"));
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tag_names(), ElementsAre("s1"));
}

// Its QEMU is gone since it reboots; that of the next domain is about to open the images.
TEST(DeleteSafety, LeavesTheImagesOfADomainThatReboots) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.image_users.users.clear();
    host.g1().execution = FakeGuest::Execution::ShutDown;
    const Status status = host.service.remove(1, FakeHost::request());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::NotReady);
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), ElementsAre("s1"));
    EXPECT_THAT(host.memory_store.calls, Not(Contains(HasSubstr("remove"))));
}

TEST(DeleteRefuses, ADomainThatIsBeingDestroyedForItsStateAndNotForItsQemu) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.g1().execution = FakeGuest::Execution::Dying;
    host.live_disks.qemus.at(1).answers = false;
    EXPECT_EQ(host.service.remove(1, FakeHost::request()).error().message,
              "domain g1: it is dying and may be about to start again; try again when it runs, or "
              "when it is gone");
    EXPECT_THAT(host.memory_store.images, SizeIs(1));
}

// It was killed, say.
TEST(DeleteSafety, UsesQemuImgWhereQemuIsGone) {
    FakeHost host;
    ASSERT_TRUE(host.service.create(1, FakeHost::request()));
    host.live_disks.qemus.at(1).answers = false;
    for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB}) {
        host.image_users.users[path].clear();
        host.images.at(path).open_nodes = 0;
    }
    const Status removed = host.service.remove(1, FakeHost::request());
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_THAT(host.memory_store.images, IsEmpty());
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tags, IsEmpty());
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tags, IsEmpty());
}

} // namespace

} // namespace xlsnap::test
