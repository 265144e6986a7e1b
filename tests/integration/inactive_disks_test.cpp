// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>

#include "disks_of_a_domain.hpp"
#include "engine/inactive_snapshots.hpp"
#include "support/fake_kept_images.hpp"
#include "support/fake_memory_store.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/recording_log.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InactiveDisks : public DisksOfADomain {
  protected:
    SnapshotRequest request() {
        SnapshotRequest request;
        for (const DiskImageFile &image : {a_, b_})
            request.disks.push_back(DiskRequest{"", image.path(), "s1", false, DiskFormat::Qcow2});
        return request;
    }

    FakeToolstack toolstack_;
    FakeKeptImages kept_images_;
    FakeMemoryStore memory_store_;
    RecordingLog log_;
    FakeWatcherLauncher watcher_launcher_;
    InactiveSnapshots inactive_{Ports{toolstack_, live_disks_, disk_images_, image_chains_, users_,
                                      kept_images_, memory_store_, log_, watcher_launcher_},
                                [] { return std::string("1"); }};
};

TEST_F(InactiveDisks, GoBackToTheirSnapshotAndKeepIt) {
    expect_success(inactive_.create(request()));
    a_.write('X');
    b_.write('X');
    for (int again = 0; again < 2; ++again) {
        expect_success(inactive_.revert(request()));
        EXPECT_EQ(a_.content(), 'A');
        EXPECT_EQ(b_.content(), 'A');
        EXPECT_THAT(a_.tags(), ElementsAre("s1"));
        b_.write('Y');
    }
    expect_success(inactive_.remove(request()));
    EXPECT_THAT(a_.tags(), IsEmpty());
    EXPECT_THAT(b_.tags(), IsEmpty());
    EXPECT_TRUE(a_.is_intact());
    EXPECT_TRUE(b_.is_intact());
}

TEST_F(InactiveDisks, AreLeftAloneWhileAQemuHasOneOpen) {
    start_qemu({{"xvdb-qcow2", b_.path()}});
    expect_failure(inactive_.create(request()), ErrorCode::NotReady);
    EXPECT_THAT(a_.tags(), IsEmpty());
    EXPECT_THAT(b_.tags(), IsEmpty());
    end_qemu();
}

// The second image is no qcow2 image though the request says so.
TEST_F(InactiveDisks, AllHaveTheSnapshotOrNoneHas) {
    must_run({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", b_.path(), directory_ / "raw"});
    SnapshotRequest request = this->request();
    request.disks[1].path = directory_ / "raw";
    const Status refused = inactive_.create(request);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("not in qcow2 format"));
    EXPECT_THAT(a_.tags(), IsEmpty());
}

} // namespace

} // namespace xlsnap::test
