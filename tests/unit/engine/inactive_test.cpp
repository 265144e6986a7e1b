// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/inactive_snapshots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The images of a domain that does not run, behind the fakes of a host.
class Inactive : public ::testing::Test {
  protected:
    Inactive() { EXPECT_TRUE(host_.toolstack.destroy(1)); }

    static SnapshotRequest request() {
        SnapshotRequest request;
        for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB})
            request.disks.push_back(DiskRequest{"", path, "s1", false, DiskFormat::Qcow2});
        return request;
    }

    // A host of which the domain is gone, and which fails at one call.
    struct FailingHost {
        explicit FailingHost(bool with_snapshot) {
            EXPECT_TRUE(host.toolstack.destroy(1));
            if (with_snapshot) {
                EXPECT_TRUE(inactive.create(request()));
                for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB})
                    host.images.at(path).content = FakeHost::kLater;
            }
        }

        FakeHost host;
        InactiveSnapshots inactive{host.ports(), [] { return std::string("1"); }};
    };

    FakeImage &a() { return host_.images.at(FakeHost::kDiskA); }
    FakeImage &b() { return host_.images.at(FakeHost::kDiskB); }
    std::vector<std::string> contents() { return {a().content, b().content}; }

    FakeHost host_;
    InactiveSnapshots inactive_{host_.ports(), [] { return std::string("1"); }};
};

TEST_F(Inactive, CreatesRevertsAndDeletesTheTagsOfAllDisks) {
    ASSERT_TRUE(inactive_.create(request()));
    EXPECT_THAT(a().tag_names(), ElementsAre("s1"));
    EXPECT_THAT(b().tag_names(), ElementsAre("s1"));
    a().content = b().content = FakeHost::kLater;

    ASSERT_TRUE(inactive_.revert(request()));
    EXPECT_THAT(contents(), ElementsAre(FakeHost::kAtCreate, FakeHost::kAtCreate));
    EXPECT_THAT(a().tag_names(), ElementsAre("s1"));

    ASSERT_TRUE(inactive_.remove(request()));
    EXPECT_THAT(a().tag_names(), IsEmpty());
    EXPECT_THAT(b().tag_names(), IsEmpty());
}

TEST_F(Inactive, NeverStartsOrTouchesADomain) {
    const std::size_t before = host_.toolstack.calls.size();
    ASSERT_TRUE(inactive_.create(request()));
    ASSERT_TRUE(inactive_.revert(request()));
    ASSERT_TRUE(inactive_.remove(request()));
    EXPECT_EQ(host_.toolstack.calls.size(), before);
}

// Every call that create makes to the outside fails once.
TEST_F(Inactive, CreateMakesAllTagsOrNoneWhicheverCallFails) {
    for (std::size_t index = 0;; ++index) {
        FailingHost failing(false);
        failing.host.fail_call(index);
        const Status status = failing.inactive.create(request());
        if (failing.host.failed_call().empty()) {
            EXPECT_TRUE(status);
            EXPECT_GT(index, 5U);
            break;
        }
        ASSERT_FALSE(status) << failing.host.failed_call();
        EXPECT_THAT(status.error().message, HasSubstr("/images/"));
        EXPECT_THAT(failing.host.images.at(FakeHost::kDiskA).tag_names(), IsEmpty());
        EXPECT_THAT(failing.host.images.at(FakeHost::kDiskB).tag_names(), IsEmpty());
    }
}

// A tag of the revert's own that cannot be removed in the end is a warning, not a failure.
TEST_F(Inactive, RevertTakesAllDisksBackOrNoneWhicheverCallFails) {
    for (std::size_t index = 0;; ++index) {
        FailingHost failing(true);
        failing.host.fail_call(index);
        const Status status = failing.inactive.revert(request());
        if (failing.host.failed_call().empty()) {
            EXPECT_GT(index, 8U);
            break;
        }
        const char *wanted = status ? FakeHost::kAtCreate : FakeHost::kLater;
        for (const char *path : {FakeHost::kDiskA, FakeHost::kDiskB}) {
            const FakeImage &image = failing.host.images.at(path);
            EXPECT_EQ(image.content, wanted) << failing.host.failed_call() << index;
            if (status)
                EXPECT_FALSE(failing.host.log.warnings.empty());
            else
                EXPECT_THAT(image.tag_names(), ElementsAre("s1"));
        }
    }
}

TEST_F(Inactive, RefusesAnImageThatIsOpenBeforeAnyImageIsChanged) {
    host_.image_users.users[FakeHost::kDiskB] = {{4711, "qemu-system-i386", true}};
    for (const Status &status :
         {inactive_.create(request()), inactive_.revert(request()), inactive_.remove(request())}) {
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::NotReady);
        EXPECT_THAT(status.error().message, HasSubstr("qemu-system-i386 (pid 4711)"));
    }
    EXPECT_THAT(host_.disk_images.calls, Each(HasSubstr("list_tags")));
}

TEST_F(Inactive, RefusesForEveryReasonAtOnce) {
    ASSERT_TRUE(inactive_.create(request()));
    host_.images.add("/images/c.qcow2", FakeHost::kAtCreate);
    host_.image_users.users[FakeHost::kDiskB] = {{4711, "backup", false}};
    host_.image_users.missing = {"/images/none.qcow2"};
    SnapshotRequest wrong = request();
    for (const char *path : {"/images/c.qcow2", "/images/none.qcow2"})
        wrong.disks.push_back(DiskRequest{"", path, "s1", false, DiskFormat::Qcow2});
    wrong.disks[2].tag = "7";
    host_.disk_images.calls.clear();

    const std::string told = inactive_.create(wrong).error().message;
    for (const char *reason :
         {"disk /images/a.qcow2 has already a snapshot 's1'",
          "disk /images/b.qcow2 has already a snapshot 's1'",
          "disk /images/b.qcow2 is open in backup", "disk /images/c.qcow2: the snapshot name '7'",
          "disk /images/none.qcow2: /images/none.qcow2: no such file"})
        EXPECT_THAT(told, HasSubstr(reason));
    EXPECT_THAT(told, Not(HasSubstr("no such image"))); // as qemu-img would have it once more

    host_.images.at("/images/c.qcow2").tags.clear();
    for (const Status &status : {inactive_.revert(wrong), inactive_.remove(wrong)})
        EXPECT_THAT(status.error().message, AllOf(HasSubstr("open in backup"),
                                                  HasSubstr("no such file"), HasSubstr("'7'")));
    EXPECT_THAT(host_.disk_images.calls, Each(HasSubstr("list_tags")));
}

TEST_F(Inactive, DeletesNothingWhenAnImageCannotBeRead) {
    ASSERT_TRUE(inactive_.create(request()));
    b().format = DiskFormat::Raw;
    EXPECT_THAT(inactive_.remove(request()).error().message,
                HasSubstr("disk /images/b.qcow2: /images/b.qcow2 is not in the format"));
    EXPECT_THAT(a().tag_names(), ElementsAre("s1"));
}

TEST_F(Inactive, RefusesATagThatExistsAndOneThatDoesNot) {
    EXPECT_EQ(inactive_.revert(request()).error().code, ErrorCode::NotFound);
    ASSERT_TRUE(inactive_.create(request()));
    const Status again = inactive_.create(request());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::Invalid);
    EXPECT_THAT(again.error().message, HasSubstr("already a snapshot 's1'"));
    EXPECT_THAT(a().tag_names(), ElementsAre("s1"));
}

TEST_F(Inactive, RevertRefusesATagNameThatStandsTwice) {
    ASSERT_TRUE(inactive_.create(request()));
    append_tag(b().tags, "s1", "another");
    const Status reverted = inactive_.revert(request());
    ASSERT_FALSE(reverted);
    EXPECT_EQ(reverted.error().code, ErrorCode::Invalid);
    EXPECT_THAT(reverted.error().message, HasSubstr("2 snapshots named 's1'"));
    EXPECT_THAT(host_.disk_images.calls, Not(Contains(HasSubstr("revert_to_tag"))));
}

TEST_F(Inactive, NeverDeletesATagThatSomebodyElseMadeMeanwhile) {
    host_.disk_images.before = [&](const std::string &method) -> Status {
        if (method == "create_tag" && b().tags.empty())
            append_tag(b().tags, "s1", "theirs");
        return {};
    };
    EXPECT_FALSE(inactive_.create(request()));
    EXPECT_THAT(a().tag_names(), IsEmpty());
    EXPECT_THAT(b().tag_names(), ElementsAre("s1"));
}

TEST_F(Inactive, TellsWhatIsGoneAlreadyAtDelete) {
    ASSERT_TRUE(inactive_.create(request()));
    a().tags.clear();
    EXPECT_TRUE(inactive_.remove(request()));
    EXPECT_THAT(host_.log.infos, ElementsAre(HasSubstr("gone already")));
    EXPECT_THAT(b().tag_names(), IsEmpty());
}

} // namespace

} // namespace xlsnap::test
