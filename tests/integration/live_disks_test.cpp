// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>

#include "integration/disks_of_a_domain.hpp"

namespace xlsnap::test {

namespace {

using ::testing::IsEmpty;

class LiveDisksOnQemu : public DisksOfADomain {
  protected:
    // An HVM guest that has not unplugged its emulated disk: two nodes on one image, both with what
    // they need of it in memory.
    void start_two_nodes() {
        start_qemu({{"ide0-hd0", a_.path()}, {"xvda-qcow2", a_.path()}});
        qemu_->write_as_guest("ide0-hd0", 'B');
        qemu_->write_as_guest("xvda-qcow2", 'B');
        qemu_->close_exports();
    }
};

TEST_F(LiveDisksOnQemu, WhatTheGuestHadWrittenComesBack) {
    start_qemu();
    qemu_->write_as_guest("xvda-qcow2", 'B');
    qemu_->write_as_guest("xvdb-qcow2", 'C');
    expect_success(open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-qcow2", "t"}}, {}));
    qemu_->write_as_guest("xvda-qcow2", 'X');
    qemu_->write_as_guest("xvdb-qcow2", 'X');
    end_qemu();
    ASSERT_EQ(a_.content(), 'X');
    ASSERT_EQ(b_.content(), 'X');

    expect_success(disk_images_.revert_to_tag(a_.path(), DiskFormat::Qcow2, "t"));
    expect_success(disk_images_.revert_to_tag(b_.path(), DiskFormat::Qcow2, "t"));
    EXPECT_EQ(a_.content(), 'B');
    EXPECT_EQ(b_.content(), 'C');
    EXPECT_TRUE(a_.is_intact());
    EXPECT_TRUE(b_.is_intact());
}

TEST_F(LiveDisksOnQemu, ADeletedTagLeavesAnIntactImage) {
    start_qemu();
    const auto session = open();
    expect_success(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
    qemu_->write_as_guest("xvda-qcow2", 'B');
    const auto nodes = session->nodes();
    ASSERT_TRUE(nodes);
    expect_success(
        session->delete_tag("xvda-qcow2", find_node(*nodes, "xvda-qcow2")->tags.front()));
    end_qemu();
    EXPECT_THAT(a_.tags(), IsEmpty());
    EXPECT_EQ(a_.content(), 'B');
    EXPECT_TRUE(a_.is_intact());
}

TEST_F(LiveDisksOnQemu, OneDiskWithoutTagsKeepsAllFromHavingOne) {
    const DiskImageFile raw(directory_ / "c.raw", "raw");
    raw.create('A');
    start_qemu({{"xvda-qcow2", a_.path()}, {"xvdb-raw", raw.path(), "raw"}});
    const Status created = open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-raw", "t"}}, {});
    expect_failure(created, ErrorCode::QmpGenericError);
    EXPECT_THAT(created.error().message, ::testing::HasSubstr("xvdb-raw"));
    end_qemu();
    EXPECT_THAT(a_.tags(), IsEmpty());
    EXPECT_TRUE(a_.is_intact());
}

// Why both nodes must know a tag. Should QEMU ever keep two nodes of one image in step, this fails
// and the inactivation can go.
TEST_F(LiveDisksOnQemu, ATagThatANodeDoesNotKnowIsLostByAWriteThroughIt) {
    start_two_nodes();
    expect_success(open()->take_snapshots({{"ide0-hd0", "t"}}, {}));
    qemu_->write_as_guest("xvda-qcow2", 'X');
    EXPECT_EQ(a_.content_of_tag("t"), 'X');
}

TEST_F(LiveDisksOnQemu, ATagThatBothNodesKnowIsSafeFromWritesThroughEither) {
    start_two_nodes();
    {
        const auto session = open();
        expect_success(session->take_snapshots({{"ide0-hd0", "t"}}, {}));
        expect_success(session->deactivate_nodes());
        expect_success(session->activate_nodes(true));
    }
    qemu_->write_as_guest("xvda-qcow2", 'X');
    EXPECT_EQ(a_.content_of_tag("t"), 'B');
    end_qemu();
    EXPECT_EQ(a_.content(), 'X');
    EXPECT_TRUE(a_.is_intact());
}

TEST_F(LiveDisksOnQemu, TheDeathOfQemuIsNoticed) {
    start_qemu();
    const auto session = open();
    qemu_.reset();
    expect_failure(session->take_snapshots({{"xvda-qcow2", "t"}}, {}), ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(a_.tags(), IsEmpty());
}

} // namespace

} // namespace xlsnap::test
