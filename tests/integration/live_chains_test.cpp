// SPDX-License-Identifier: LGPL-2.1-only
// Overlays and block jobs on the machine's own QEMU, judged by qemu-img and qemu-io.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "integration/disks_of_a_domain.hpp"
#include "support/thread_conditions.hpp"
#include "support/tool.hpp"
#include "support/wait_for.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char *const kJob = "xlsnap-xvda";

class LiveChainsOnQemu : public DisksOfADomain {
  protected:
    // The guest has 'B' in the overlay over "a", or over what is given, where that holds 'A'.
    void start_overlay(const DiskImageFile &base, const DiskImageFile &overlay,
                       const std::string &format = "qcow2", int mebibytes = 4) {
        start_qemu({{"xvda", base.path(), format}});
        qemu_->export_disk("xvda");
        overlay.create_over(base);
        put_overlay("xvda", "top", overlay);
        for (int mib = 0; mib < mebibytes; ++mib)
            qemu_->write_as_guest("xvda", 'B', mib);
    }

    // 'A' to the end of the image.
    static void fill(const DiskImageFile &image, const std::string &format) {
        for (const char *place : {"1M", "2M", "3M"})
            must_run({"qemu-io", "-f", format, "-c", fmt::format("write -P 65 {} 1M", place),
                      image.path()});
    }

    void put_overlay(const std::string &below, const std::string &name,
                     const DiskImageFile &overlay) {
        expect_success(open()->take_snapshots({}, {{below, name, overlay.path()}}));
    }

    [[nodiscard]] static ChainJob commit(const std::string &active, const std::string &top,
                                         const std::string &base, const std::string &base_path,
                                         std::vector<std::string> leaving) {
        return {kJob, ChainJob::Kind::Commit, active, top, base, base_path, std::move(leaving)};
    }
    [[nodiscard]] static ChainJob stream(const std::string &top, const std::string &base,
                                         const std::string &base_path,
                                         std::vector<std::string> leaving) {
        return {kJob, ChainJob::Kind::Stream, "", top, base, base_path, std::move(leaving)};
    }

    void run_until(JobState state) {
        ASSERT_TRUE(wait_for([&] {
            const auto jobs = open()->jobs();
            return jobs && jobs->size() == 1 && jobs->front().state == state;
        }));
    }

    Status run_to_its_end(const ChainJob &job) {
        expect_success(open()->start_job(job));
        run_until(JobState::Ready);
        expect_success(open()->complete_job(job));
        run_until(JobState::Concluded);
        return open()->conclude_job(job);
    }

    // A job that has hardly begun and does not end by itself.
    void start_slowly(const std::string &command, Json::Object arguments) {
        arguments.insert({{"job-id", kJob}, {"auto-dismiss", false}, {"speed", std::int64_t{1}}});
        qemu_->command(command, std::move(arguments));
        const auto jobs = open()->jobs();
        ASSERT_TRUE(jobs);
        ASSERT_EQ(jobs->size(), 1u);
        EXPECT_EQ(jobs->front().state, JobState::Running);
        EXPECT_LT(jobs->front().done, jobs->front().total);
    }

    void expect_intact(const DiskImageFile &image, char letter) {
        EXPECT_EQ(image.content(), letter) << image.path();
        EXPECT_TRUE(image.is_intact()) << image.path();
    }

    DiskImageFile o1_{directory_ / "o,1.qcow2", "qcow2"};
    DiskImageFile o2_{directory_ / "o2.qcow2", "qcow2"};
};

TEST_F(LiveChainsOnQemu, WhatAnOverlaysHeaderSaysOfItsBackingFileIsNotFollowed) {
    start_qemu();
    qemu_->export_disk("xvda-qcow2");
    must_run({"qemu-img", "create", "-q", "-f", "qcow2", "-b", a_.path(), "-F", "raw", "--",
              o1_.path(), "4M"});
    put_overlay("xvda-qcow2", "top", o1_);
    expect_success(run_to_its_end(stream("top", "", "", {"xvda-qcow2"})));
    EXPECT_EQ(o1_.backing(), "");
    EXPECT_EQ(o1_.content(), 'A');
}

TEST_F(LiveChainsOnQemu, ACommitRecordsTheFormatBesideTheBackingFile) {
    const DiskImageFile raw(directory_ / "r.raw", "raw");
    raw.create('A');
    start_overlay(raw, o1_, "raw");
    o2_.create_over(o1_);
    put_overlay("top", "topmost", o2_);
    EXPECT_EQ(o2_.backing(), "qcow2 " + o1_.path());
    expect_success(run_to_its_end(commit("topmost", "top", "xvda", raw.path(), {"top"})));
    EXPECT_EQ(o2_.backing(), "raw " + raw.path());
    EXPECT_EQ(raw.content(), 'B');
    end_qemu();
    expect_intact(o2_, 'B');
}

TEST_F(LiveChainsOnQemu, AStreamRecordsTheFormatBesideTheBackingFile) {
    start_overlay(a_, o1_);
    o2_.create_over(o1_);
    put_overlay("top", "topmost", o2_);
    expect_success(run_to_its_end(stream("topmost", "xvda", a_.path(), {"top"})));
    EXPECT_EQ(o2_.backing(), "qcow2 " + a_.path());
    end_qemu();
    expect_intact(a_, 'A');
    expect_intact(o2_, 'B');
}

TEST_F(LiveChainsOnQemu, JobsWorkWhileQemuRuns) {
    start_overlay(a_, o1_);
    qemu_->command("cont");
    o2_.create_over(o1_);
    put_overlay("top", "topmost", o2_);
    qemu_->write_as_guest("xvda", 'C');
    expect_success(run_to_its_end(stream("topmost", "xvda", a_.path(), {"top"})));
    expect_success(run_to_its_end(commit("topmost", "topmost", "xvda", a_.path(), {"topmost"})));
    qemu_->write_as_guest("xvda", 'D');
    end_qemu();
    expect_intact(a_, 'D');
}

// As after a reboot: QEMU opens the overlay, and the backing file under a name of its own.
TEST_F(LiveChainsOnQemu, AChainThatQemuOpenedItselfIsFoundAndCommitted) {
    o1_.create_over(a_);
    Disk disk;
    disk.vdev = "xvda";
    disk.path = o1_.path();
    disk.format = DiskFormat::Qcow2;
    disk.writable = true;
    start_qemu({{"xvda-qcow2", o1_.path()}});
    qemu_->export_disk("xvda-qcow2");
    const auto before = open()->nodes().value();
    o2_.create_over(o1_);
    const auto overlays =
        name_overlays(disk, find_disk_nodes(disk, before).value(), before, o2_.path()).value();
    expect_success(open()->take_snapshots({}, overlays));
    qemu_->write_as_guest("xvda-qcow2", 'B');

    disk.path = o2_.path();
    const auto nodes = open()->nodes().value();
    const std::string live = find_disk_nodes(disk, nodes).value().live;
    EXPECT_EQ(live, "xlsnap-xvda-pv1");
    const auto chain = find_chain(live, nodes).value();
    ASSERT_EQ(chain.size(), 3u);
    expect_success(run_to_its_end(commit(live, live, chain[2], a_.path(), {chain[0], chain[1]})));

    disk.path = a_.path();
    const auto after = open()->nodes().value();
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(find_disk_nodes(disk, after).value().live, chain[2]);
    end_qemu();
    expect_intact(a_, 'B');
}

TEST_F(LiveChainsOnQemu, ANodeThatQemuNamedIsFlushedToo) {
    o1_.create_over(a_);
    start_qemu({{"xvda-qcow2", o1_.path()}});
    qemu_->export_disk("xvda-qcow2");
    qemu_->write_as_guest("xvda-qcow2", 'B');
    o2_.create_over(o1_);
    put_overlay("xvda-qcow2", "top", o2_);
    const auto chain = find_chain("top", open()->nodes().value()).value();
    ASSERT_EQ(chain.size(), 3u);
    expect_success(run_to_its_end(commit("top", chain[1], chain[2], a_.path(), {chain[1]})));
    end_qemu();
    expect_intact(a_, 'B');
    expect_intact(o2_, 'B');
    EXPECT_EQ(o2_.backing(), "qcow2 " + a_.path());
}

TEST_F(LiveChainsOnQemu, ACommitThatFindsNoSpaceLeavesTheChain) {
    with_small_file_system(directory_.path().c_str(), std::size_t{2} << 20, [&] {
        const TemporaryDirectory elsewhere;
        const DiskImageFile overlay(elsewhere / "o.qcow2", "qcow2");
        a_.create('A');
        start_overlay(a_, overlay);
        const ChainJob job = commit("top", "top", "xvda", a_.path(), {"top"});
        expect_success(open()->start_job(job));
        run_until(JobState::Concluded);
        const Status concluded = open()->conclude_job(job);
        expect_failure(concluded, ErrorCode::Fail);
        EXPECT_THAT(concluded.error().message, HasSubstr("No space left"));
        qemu_->write_as_guest("xvda", 'C');
        qemu_.reset();
        expect_intact(overlay, 'C');
        EXPECT_EQ(overlay.backing(), "qcow2 " + a_.path());
    });
}

TEST_F(LiveChainsOnQemu, AStreamThatFindsNoSpaceLeavesTheChain) {
    const TemporaryDirectory elsewhere;
    const DiskImageFile base(elsewhere / "base.raw", "raw");
    base.create('A');
    fill(base, "raw");
    with_small_file_system(directory_.path().c_str(), std::size_t{2} << 20, [&] {
        start_qemu({{"xvda", base.path(), "raw"}});
        qemu_->export_disk("xvda");
        o1_.create_over(base);
        put_overlay("xvda", "top", o1_);
        const ChainJob job = stream("top", "", "", {"xvda"});
        expect_success(open()->start_job(job));
        run_until(JobState::Concluded);
        expect_failure(open()->conclude_job(job), ErrorCode::Fail);
        qemu_.reset();
        EXPECT_EQ(o1_.content(), 'A');
        EXPECT_EQ(o1_.backing(), "raw " + base.path());
    });
}

TEST_F(LiveChainsOnQemu, ACommitWhoseQemuDiesLeavesTheChain) {
    start_overlay(a_, o1_);
    o2_.create_over(o1_);
    put_overlay("top", "topmost", o2_);
    start_slowly("block-commit", {{"device", "topmost"},
                                  {"top-node", "top"},
                                  {"base-node", "xvda"},
                                  {"backing-file", a_.path()}});
    end_qemu();
    EXPECT_EQ(o2_.backing(), "qcow2 " + o1_.path());
    EXPECT_EQ(o2_.content(), 'B');
    EXPECT_EQ(o1_.content(), 'B');
}

TEST_F(LiveChainsOnQemu, ACommitWhoseQemuDiesWhenItIsReadyLeavesTheChain) {
    start_overlay(a_, o1_);
    expect_success(open()->start_job(commit("top", "top", "xvda", a_.path(), {"top"})));
    run_until(JobState::Ready);
    qemu_->write_as_guest("xvda", 'C');
    end_qemu();
    EXPECT_EQ(o1_.content(), 'C');
    EXPECT_EQ(o1_.backing(), "qcow2 " + a_.path());
}

TEST_F(LiveChainsOnQemu, AStreamWhoseQemuDiesLeavesTheChain) {
    fill(a_, "qcow2");
    start_overlay(a_, o1_, "qcow2", 1);
    start_slowly("block-stream", {{"device", "top"}});
    end_qemu();
    EXPECT_EQ(o1_.content(), 'B');
    EXPECT_EQ(o1_.backing(), "qcow2 " + a_.path());
    EXPECT_EQ(a_.content(), 'A');
}

TEST_F(LiveChainsOnQemu, AJobThatIsCancelledAtWorkLeavesTheChain) {
    fill(a_, "qcow2");
    start_overlay(a_, o1_, "qcow2", 1);
    start_slowly("block-stream", {{"device", "top"}});
    expect_success(open()->cancel_job(kJob));
    run_until(JobState::Concluded);
    expect_failure(open()->conclude_job(stream("top", "", "", {"xvda"})), ErrorCode::Fail);
    const auto nodes = open()->nodes();
    ASSERT_TRUE(nodes);
    EXPECT_THAT(find_chain("top", *nodes).value(), ElementsAre("top", "xvda"));
    end_qemu();
    expect_intact(o1_, 'B');
    EXPECT_EQ(o1_.backing(), "qcow2 " + a_.path());
}

} // namespace

} // namespace xlsnap::test
