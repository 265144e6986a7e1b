// SPDX-License-Identifier: LGPL-2.1-only
#include "core/closed_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/tag_name.hpp"

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

DiskRequest image(const std::string &path, const std::string &tag = "s1") {
    return DiskRequest{"", path, tag, false, DiskFormat::Qcow2};
}

// The targets of a request that nothing was found against; else what was.
Result<std::vector<DiskTarget>> accepted_targets(const SnapshotRequest &request, TagUse use) {
    DiskSelection selected = select_closed_disks(request, use);
    XLSNAP_TRY(selected.refusals.status());
    return std::move(selected.targets);
}

Error refusal(const SnapshotRequest &request, TagUse use = TagUse::Create) {
    const auto selected = accepted_targets(request, use);
    return selected ? Error{ErrorCode::Fail, "it was accepted"} : selected.error();
}

TEST(SelectClosedDisks, KnowsThemByPathAndFormat) {
    SnapshotRequest request;
    request.disks = {image("/images/a.qcow2"), image("/images/b.qcow2")};
    request.disks[1].vdev = "xvdb";
    const auto targets = accepted_targets(request, TagUse::Create);
    ASSERT_TRUE(targets) << targets.error().message;
    ASSERT_EQ(targets->size(), 2U);
    EXPECT_EQ((*targets)[0].vdev, "/images/a.qcow2");
    EXPECT_EQ((*targets)[0].path, "/images/a.qcow2");
    EXPECT_EQ((*targets)[0].format, DiskFormat::Qcow2);
    EXPECT_EQ((*targets)[1].vdev, "xvdb");
    EXPECT_EQ((*targets)[1].tag, "s1");
}

TEST(SelectClosedDisks, RefusesMemoryAndNothing) {
    SnapshotRequest request;
    EXPECT_THAT(refusal(request).message, HasSubstr("name at least one"));
    request.disks = {image("/images/a.qcow2")};
    request.memory = true;
    EXPECT_EQ(refusal(request).code, ErrorCode::Invalid);
    EXPECT_THAT(refusal(request).message, HasSubstr("ask for its disks alone"));
}

TEST(SelectClosedDisks, NeverGuessesAPathOrAFormat) {
    const std::pair<DiskRequest, const char *> cases[] = {
        {DiskRequest{"xvda", "", "s1", false, DiskFormat::Qcow2}, "disk xvda: .*give the path"},
        {DiskRequest{"", "a.qcow2", "s1", false, DiskFormat::Qcow2}, "no absolute path"},
        {DiskRequest{"", "/a", "s1", false, DiskFormat::Unknown}, "disk /a: .*never guessed"},
        {DiskRequest{"", "/a", "s1", false, DiskFormat::Raw}, "format raw holds no internal"},
        {DiskRequest{"", "/a", "s1", false, DiskFormat::Vhd}, "format vhd holds no internal"},
    };
    for (const auto &[disk, text] : cases) {
        SnapshotRequest request;
        request.disks = {disk};
        EXPECT_EQ(refusal(request).code, ErrorCode::Invalid) << text;
        EXPECT_THAT(refusal(request).message, ::testing::ContainsRegex(text));
    }
}

TEST(SelectClosedDisks, TellsOverlaysApartThatWouldHaveOnePath) {
    SnapshotRequest request;
    for (const char *path : {"/images/a.img", "/images/a.qcow2", "/images/b.img"})
        request.disks.push_back(DiskRequest{"", path, "s1", true, DiskFormat::Raw});
    request.disks[0].vdev = "xvda";
    request.disks[1].vdev = "xvdb";
    const auto targets = accepted_targets(request, TagUse::Create);
    ASSERT_TRUE(targets) << targets.error().message;
    EXPECT_EQ((*targets)[0].overlay, "/images/a.xvda.s1.qcow2");
    EXPECT_EQ((*targets)[1].overlay, "/images/a.xvdb.s1.qcow2");
    EXPECT_EQ((*targets)[2].overlay, "/images/b.s1.qcow2");
}

TEST(SelectClosedDisks, RefusesOverlaysOnWhatCarriesNone) {
    SnapshotRequest request;
    request.disks = {DiskRequest{"", "/a", "s1", true, DiskFormat::Vhd}};
    EXPECT_THAT(refusal(request).message, HasSubstr("disk /a: format vhd carries no overlay"));
    request.disks = {DiskRequest{"", "/dev/vg0/a", "s1", true, DiskFormat::Raw}};
    EXPECT_THAT(refusal(request).message, HasSubstr("is a device"));
}

TEST(SelectClosedDisks, NamesEveryReasonAtOnce) {
    SnapshotRequest request;
    request.disks = {image("/images/a.qcow2"), image("/images/a.qcow2"),
                     image("/images/b.qcow2", "12")};
    EXPECT_THAT(refusal(request).message, AllOf(HasSubstr("/images/a.qcow2 is named twice"),
                                                HasSubstr("disk /images/b.qcow2: ")));
}

TEST(SelectClosedDisks, NamesEveryReasonAgainstOneImageAndTheRequest) {
    SnapshotRequest request;
    request.memory = true;
    request.disks = {DiskRequest{"", "a.img", "12", false, DiskFormat::Raw}};
    EXPECT_THAT(refusal(request).message,
                AllOf(HasSubstr("ask for its disks alone"), HasSubstr("no absolute path"),
                      HasSubstr("format raw"), HasSubstr("the snapshot name '12'")));
}

TEST(SelectClosedDisks, LetsDeleteNameATagThatARevertLeft) {
    SnapshotRequest request;
    request.disks = {image("/images/a.qcow2", make_revert_tag("1"))};
    EXPECT_TRUE(accepted_targets(request, TagUse::Existing));
    EXPECT_EQ(refusal(request, TagUse::Create).code, ErrorCode::Invalid);
}

} // namespace

} // namespace xlsnap
