// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/saved_config.hpp"

namespace xlsnap {

namespace {

using ::testing::HasSubstr;

constexpr const char *kConfig = R"({"c_info":{"name":"g1","uuid":"u1"},
    "disks":[{"pdev_path":"/images/a.qcow2","vdev":"xvda"},{"vdev":"xvdb"}]})";
constexpr const char *kImageA = "/images/a.qcow2";

Disk disk(const std::string &vdev, const std::string &path) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = path;
    return disk;
}

Domain g1() {
    Domain domain;
    domain.uuid = "u1";
    domain.name = "g1";
    domain.disks = {disk("xvda", "/images/a.qcow2"), disk("xvdb", "/images/b.qcow2")};
    return domain;
}

DiskTarget target(const std::string &vdev, const std::string &path) {
    return DiskTarget{vdev, path, DiskFormat::Qcow2, "s1"};
}

TEST(SavedConfig, FitsItsOwnDomainAndDisks) {
    EXPECT_TRUE(check_saved_config(kConfig, g1(), {target("xvda", kImageA)}, {}));
    EXPECT_TRUE(check_saved_config(kConfig, g1(), {}, {}));
}

TEST(SavedConfig, RefusesForeignDomainsAndDisksWithEveryReason) {
    Domain other = g1();
    other.uuid = "u2";
    other.disks.front().path = "/images/new.qcow2";
    const Status refused = check_saved_config(
        kConfig, other,
        {target("xvda", "/images/new.qcow2"), target("xvdb", "/b"), target("xvdc", "/c")}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    for (const char *reason : {"belongs to domain u1", "xvda was /images/a.qcow2",
                               "without a disk xvdb", "without a disk xvdc"})
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
}

// The disk may be another domain's by now, and the restored one would write it as well.
TEST(SavedConfig, RefusesADiskThatTheDomainHasNoMoreThoughNobodyAskedForIt) {
    Domain detached = g1();
    detached.disks.erase(detached.disks.begin());
    const Status refused = check_saved_config(kConfig, detached, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("xvda was /images/a.qcow2"));
    EXPECT_THAT(refused.error().message, HasSubstr("attach it again"));
}

TEST(SavedConfig, AllowsDisksThatCameLater) {
    Domain more = g1();
    more.disks.push_back(disk("xvdc", "/images/c.qcow2"));
    EXPECT_TRUE(check_saved_config(kConfig, more, {target("xvda", kImageA)}, {}));
}

TEST(SavedConfig, RefusesADomainThatWasRenamed) {
    Domain renamed = g1();
    renamed.name = "g2";
    const Status refused = check_saved_config(kConfig, renamed, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("named g1"));
    EXPECT_THAT(refused.error().message, HasSubstr("xl rename"));
}

// An xl.cfg without uuid gave the domain a new one; the catalog knows it by its disks.
TEST(SavedConfig, FitsADomainThatTheCatalogKnowsUnderTheUuidOfTheImage) {
    Domain restarted = g1();
    restarted.uuid = "u2";
    SnapshotRequest request;
    request.known_uuid = "u1";
    EXPECT_TRUE(check_saved_config(kConfig, restarted, {target("xvda", kImageA)}, request));
    request.known_uuid = "u3";
    const Status refused = check_saved_config(kConfig, restarted, {}, request);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("belongs to domain u1, not to g1 (u3)"));
}

TEST(SavedConfig, AcceptsDetachedDisksWhenTheyMayDiffer) {
    SnapshotRequest request;
    request.may_differ = {kImageA};
    Domain detached = g1();
    detached.disks.erase(detached.disks.begin());
    EXPECT_TRUE(check_saved_config(kConfig, detached, {}, request));
    Domain ejected = g1();
    ejected.disks.front().path.clear();
    EXPECT_TRUE(check_saved_config(kConfig, ejected, {}, request));
}

TEST(SavedConfig, RefusesAnEjectedDiskAsADetachedOne) {
    Domain ejected = g1();
    ejected.disks.front().path.clear();
    const Status refused = check_saved_config(kConfig, ejected, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("now the domain has none"));
}

// libxl opens the image that the configuration names, whatever the domain has there now: who lets
// disks differ sees to that image.
TEST(SavedConfig, AcceptsAnotherImageButNoForeignDiskWhenDisksMayDiffer) {
    SnapshotRequest request;
    request.may_differ = {kImageA};
    Domain other = g1();
    other.disks.front().path = "/images/new.qcow2";
    EXPECT_TRUE(check_saved_config(kConfig, other, {}, request));
    EXPECT_FALSE(check_saved_config(kConfig, other, {}, {}));
    request.may_differ = {"/images/another.qcow2"};
    EXPECT_FALSE(check_saved_config(kConfig, other, {}, request)) << "nobody looked at it";
    EXPECT_FALSE(check_saved_config(kConfig, g1(), {target("xvdc", "/c")}, request));
}

TEST(SavedConfig, RefusesWhatIsNoConfiguration) {
    for (const char *text : {"", "[]", "{", "3", R"({"c_info":3})", R"({"c_info":{"uuid":3}})",
                             R"({"c_info":{"uuid":"u1"},"disks":{}})"})
        EXPECT_FALSE(check_saved_config(text, g1(), {target("xvda", kImageA)}, {})) << text;
}

} // namespace

} // namespace xlsnap
