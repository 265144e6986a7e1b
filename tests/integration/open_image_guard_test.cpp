// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>

#include "integration/disks_of_a_domain.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An image that a domain uses, by a QEMU that holds no lock on it, as Xen's does not.
class OpenImageGuard : public DisksOfADomain {
  protected:
    OpenImageGuard() {
        a_.create('A');
        must_run({"qemu-img", "snapshot", "-c", "old", a_.path()});
        start_qemu();
        qemu_->write_as_guest("xvda-qcow2", 'B');
    }

    void expect_refusal(const Status &status) {
        expect_failure(status, ErrorCode::NotReady);
        EXPECT_THAT(status.error().message, HasSubstr(a_.path()));
        EXPECT_THAT(status.error().message, HasSubstr(std::to_string(qemu_->pid())));
    }
};

// The danger is real on this machine.
TEST_F(OpenImageGuard, QemuImgAloneCorruptsTheImageAndReportsSuccess) {
    EXPECT_EQ(run_tool({"qemu-img", "snapshot", "-c", "new", a_.path()}).status, 0);
    qemu_->write_as_guest("xvda-qcow2", 'C');
    qemu_->write_as_guest("xvda-qcow2", 'C', 1);
    end_qemu();
    EXPECT_FALSE(a_.is_intact());
}

TEST_F(OpenImageGuard, EachChangeIsRefusedAndTheImageStaysIntact) {
    expect_refusal(disk_images_.create_tag(a_.path(), DiskFormat::Qcow2, "new"));
    expect_refusal(disk_images_.revert_to_tag(a_.path(), DiskFormat::Qcow2, "old"));
    expect_refusal(disk_images_.delete_tag(a_.path(), DiskFormat::Qcow2, "old"));
    qemu_->write_as_guest("xvda-qcow2", 'C');
    qemu_->write_as_guest("xvda-qcow2", 'C', 1);
    end_qemu();
    EXPECT_THAT(a_.tags(), ElementsAre("old"));
    EXPECT_EQ(a_.content(), 'C');
    EXPECT_TRUE(a_.is_intact());
}

TEST_F(OpenImageGuard, ListingIsAllowed) {
    const auto tags = disk_images_.list_tags(a_.path(), DiskFormat::Qcow2);
    ASSERT_TRUE(tags) << tags.error().message;
    EXPECT_THAT(*tags, ElementsAre(Tag{"1", "old"}));
}

TEST_F(OpenImageGuard, EachChangeIsAllowedWhenTheImageIsFree) {
    end_qemu();
    expect_success(disk_images_.create_tag(a_.path(), DiskFormat::Qcow2, "new"));
    expect_success(disk_images_.revert_to_tag(a_.path(), DiskFormat::Qcow2, "old"));
    EXPECT_EQ(a_.content(), 'A');
    expect_success(disk_images_.revert_to_tag(a_.path(), DiskFormat::Qcow2, "new"));
    EXPECT_EQ(a_.content(), 'B');
    expect_success(disk_images_.delete_tag(a_.path(), DiskFormat::Qcow2, "old"));
    expect_success(disk_images_.delete_tag(a_.path(), DiskFormat::Qcow2, "new"));
    EXPECT_THAT(a_.tags(), IsEmpty());
    EXPECT_TRUE(a_.is_intact());
}

} // namespace

} // namespace xlsnap::test
