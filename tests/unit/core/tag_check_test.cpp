// SPDX-License-Identifier: LGPL-2.1-only
#include "core/tag_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<DiskTarget> three_targets() {
    std::vector<DiskTarget> targets;
    for (const char *vdev : {"xvda", "xvdb", "xvdc"})
        targets.push_back(
            DiskTarget{vdev, "/images/" + std::string(vdev), DiskFormat::Qcow2, "s1"});
    return targets;
}

// The tag is there, it is not, and nobody can tell.
std::vector<ListedTags> there_missing_and_unknown() {
    return {std::vector<Tag>{{"1", "s1"}}, std::vector<Tag>{{"1", "s2"}},
            fail(ErrorCode::TimedOut, "silence")};
}

std::string told(const Refusals &refusals) {
    const Status status = refusals.status();
    return status ? "" : status.error().message;
}

TEST(CheckTags, NamesEachDiskThatIsNotAsTheUseNeedsIt) {
    const auto targets = three_targets();
    const auto listed = there_missing_and_unknown();
    EXPECT_EQ(told(check_tags(targets, listed, TagUse::Create)),
              "disk xvdc: silence; disk xvda has already a snapshot 's1'; delete it or choose "
              "another name");
    EXPECT_EQ(told(check_tags(targets, listed, TagUse::Existing)),
              "disk xvdc: silence; disk xvdb has no snapshot 's1'; qemu-img snapshot -l lists "
              "those that an image has");
    EXPECT_EQ(told(check_listed(targets, listed)), "disk xvdc: silence");
}

TEST(CheckOnlyTags, NamesTheDisksThatHaveNoneOrTwo) {
    std::vector<ListedTags> listed = there_missing_and_unknown();
    listed.front()->push_back({"2", "s1"});
    EXPECT_THAT(told(check_only_tags(three_targets(), listed)),
                AllOf(HasSubstr("disk xvda: has 2 snapshots named 's1'"),
                      HasSubstr("disk xvdb: has no snapshot 's1'"), HasSubstr("xvdc: silence")));
}

TEST(WithoutMissing, KeepsTheDisksThatMayHaveTheTag) {
    std::vector<std::string> vdevs;
    for (const DiskTarget &target : without_missing(three_targets(), there_missing_and_unknown()))
        vdevs.push_back(target.vdev);
    EXPECT_THAT(vdevs, ElementsAre("xvda", "xvdc"));
}

} // namespace

} // namespace xlsnap
