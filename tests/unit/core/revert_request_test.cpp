// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/revert_request.hpp"
#include "snapshot_records.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An external snapshot of xvda, which went on in /a.s1.
SnapshotRecord external_snapshot() {
    SnapshotRecord record = make_record("s1", "", 1);
    record.disks = {make_disk_record("xvda", "/a", DiskSnapshotKind::External)};
    record.disks[0].overlay = "/a.s1";
    return record;
}

Domain domain_with_xvda(const std::string &path) {
    Domain domain;
    domain.disks.push_back({.vdev = "xvda",
                            .path = path,
                            .format = DiskFormat::Qcow2,
                            .script = {},
                            .backend_domain = {}});
    return domain;
}

SnapshotRequest request_with_xvda(const std::string &path, bool force = false) {
    DomainRecord domain;
    domain.images = {{"/a"}, {"/a.s1"}};
    const ImageLayers layers({{"/a", DiskFormat::Qcow2, ""}, {"/a.s1", DiskFormat::Qcow2, "/a"}},
                             {{LayerUseKind::Kept, "/a"}, {LayerUseKind::Active, "/a.s1"}});
    return revert_request(external_snapshot(), domain_with_xvda(path), domain, layers, force);
}

TEST(RevertRequest, TakesAnImageThatTheDomainWentOnInForNoObstacle) {
    const SnapshotRequest request = request_with_xvda("/a.s1");
    EXPECT_EQ(request.disks.size(), 1U);
    EXPECT_THAT(request.may_differ, ElementsAre("/a"));
}

TEST(RevertRequest, DoesNotTakeTheImageOfAnotherForOneOfTheDomain) {
    EXPECT_THAT(request_with_xvda("/z").may_differ, IsEmpty());
    const SnapshotRequest forced = request_with_xvda("/z", true);
    EXPECT_THAT(forced.may_differ, ElementsAre("/a"));
    EXPECT_THAT(forced.disks, IsEmpty());
    EXPECT_EQ(forced.detached.size(), 1U);
}

} // namespace

} // namespace xlsnap
