// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>

#include "contract/live_disks_contract.hpp"
#include "support/wait_for.hpp"

namespace xlsnap::test {

// The part of ports/live_disks.hpp that is about overlays, and jobs on the chains that they make.
class LiveChainsContract : public LiveDisksContract {
  protected:
    // A PV guest with one disk, "a", that holds 'A' below overlays "o1", "o2", ... as letters tell:
    // each is written over the whole disk once its overlay is in use.
    void start_chain(const std::string &letters) {
        start({{"xvda-qcow2", "a"}});
        host_->use_disks({"xvda-qcow2"});
        std::string image = "a";
        std::string node = "xvda-qcow2";
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const std::string number = std::to_string(i + 1);
            host_->make_overlay("o" + number, image);
            image = "o" + number;
            const Status taken =
                open()->take_snapshots({}, {{node, "xlsnap-xvda-pv" + number, host_->path(image)}});
            ASSERT_TRUE(taken) << taken.error().message;
            node = "xlsnap-xvda-pv" + number;
            host_->guest_writes("xvda-qcow2", letters[i]);
        }
    }

    [[nodiscard]] ChainJob commit(const std::string &active, const std::string &top,
                                  const std::string &base, const std::string &base_image) const {
        return {make_job_id("xvda"),
                ChainJob::Kind::Commit,
                active,
                top,
                base,
                host_->path(base_image),
                {top}};
    }
    // Of the active node of start_chain("B").
    [[nodiscard]] ChainJob active_commit() const {
        return commit("xlsnap-xvda-pv1", "xlsnap-xvda-pv1", "xvda-qcow2", "a");
    }
    // Of the active node of start_chain("BC"), onto "a".
    [[nodiscard]] ChainJob stream() const {
        return {make_job_id("xvda"), ChainJob::Kind::Stream, "", "xlsnap-xvda-pv2", "xvda-qcow2",
                host_->path("a"),    {"xlsnap-xvda-pv1"}};
    }

    void run_until(JobState state) {
        const std::string id = make_job_id("xvda");
        ASSERT_TRUE(wait_for([&] {
            const auto jobs = open()->jobs();
            return jobs && jobs->size() == 1 && jobs->front().id == id &&
                   jobs->front().state == state;
        }));
    }

    void start_job(const ChainJob &job, JobState state) {
        const Status started = open()->start_job(job);
        ASSERT_TRUE(started) << started.error().message;
        run_until(state);
    }

    void run_to_its_end(const ChainJob &job) {
        start_job(job, JobState::Ready);
        const Status completed = open()->complete_job(job);
        ASSERT_TRUE(completed) << completed.error().message;
        run_until(JobState::Concluded);
        // Twice, as after a death in between.
        for (int time = 0; time < 2; ++time) {
            const Status concluded = open()->conclude_job(job);
            ASSERT_TRUE(concluded) << concluded.error().message;
        }
    }

    std::optional<BlockNode> listed_node(const std::string &name) {
        const auto nodes = open()->nodes();
        const BlockNode *found = nodes ? find_node(*nodes, name) : nullptr;
        return found == nullptr ? std::nullopt : std::optional<BlockNode>(*found);
    }
};

TEST_P(LiveChainsContract, AnOverlayTakesWhatIsWrittenFromThenOn) {
    start_chain("B");
    EXPECT_EQ(host_->content("a"), 'A');
    EXPECT_EQ(host_->content("o1"), 'B');
    const auto overlay = listed_node("xlsnap-xvda-pv1");
    const auto base = listed_node("xvda-qcow2");
    ASSERT_TRUE(overlay && base);
    EXPECT_EQ(overlay->path, host_->path("o1"));
    EXPECT_EQ(overlay->backing_path, host_->path("a"));
    EXPECT_TRUE(overlay->writable);
    EXPECT_TRUE(base->backing_path.empty());
    EXPECT_FALSE(base->writable);
}

TEST_P(LiveChainsContract, ASecondOverlayLeavesTheFirstAsItIs) {
    start_chain("BC");
    EXPECT_EQ(host_->content("a"), 'A');
    EXPECT_EQ(host_->content("o1"), 'B');
    EXPECT_EQ(host_->content("o2"), 'C');
    const auto nodes = open()->nodes();
    ASSERT_TRUE(nodes);
    EXPECT_THAT(find_chain("xlsnap-xvda-pv2", *nodes).value(),
                ::testing::ElementsAre("xlsnap-xvda-pv2", "xlsnap-xvda-pv1", "xvda-qcow2"));
}

TEST_P(LiveChainsContract, TagsAndOverlaysAreMadeTogether) {
    start_two_disks();
    host_->use_disks({"xvda-qcow2", "xvdb-qcow2"});
    host_->make_overlay("o1", "b");
    const Status taken = open()->take_snapshots(
        {{"xvda-qcow2", "t"}}, {{"xvdb-qcow2", "xlsnap-xvdb-pv1", host_->path("o1")}});
    ASSERT_TRUE(taken) << taken.error().message;
    host_->guest_writes("xvda-qcow2", 'B');
    host_->guest_writes("xvdb-qcow2", 'B');
    EXPECT_EQ(host_->content_of_tag("a", "t"), 'A');
    EXPECT_EQ(host_->content("b"), 'A');
    EXPECT_EQ(host_->content("o1"), 'B');
}

TEST_P(LiveChainsContract, NoOverlayIsUsedWhenATagCannotBeMade) {
    start({{"xvda-qcow2", "a"}, {"xvdb-raw", "b", DiskFormat::Raw}});
    host_->use_disks({"xvda-qcow2", "xvdb-raw"});
    host_->make_overlay("o1", "a");
    XLSNAP_EXPECT_FAILURE(
        open()->take_snapshots({{"xvdb-raw", "t"}},
                               {{"xvda-qcow2", "xlsnap-xvda-pv1", host_->path("o1")}}),
        ErrorCode::QmpGenericError);
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv1"));
    host_->guest_writes("xvda-qcow2", 'B');
    EXPECT_EQ(host_->content("a"), 'B');
}

TEST_P(LiveChainsContract, NoTagIsMadeAndNoOverlayUsedWhenAnOverlayIsMissing) {
    start_two_disks();
    host_->use_disks({"xvda-qcow2", "xvdb-qcow2"});
    host_->make_overlay("o1", "a");
    XLSNAP_EXPECT_FAILURE(
        open()->take_snapshots({{"xvda-qcow2", "t"}},
                               {{"xvda-qcow2", "xlsnap-xvda-pv1", host_->path("o1")},
                                {"xvdb-qcow2", "xlsnap-xvdb-pv1", host_->path("o2")}}),
        ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv1"));
    EXPECT_TRUE(listed_node("xvda-qcow2")->writable);
}

TEST_P(LiveChainsContract, ANodeBelowAnOverlayGetsNoOther) {
    start_chain("B");
    host_->make_overlay("o2", "a");
    XLSNAP_EXPECT_FAILURE(
        open()->take_snapshots({}, {{"xvda-qcow2", "xlsnap-xvda-pv2", host_->path("o2")}}),
        ErrorCode::QmpGenericError);
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv2"));
}

TEST_P(LiveChainsContract, TwinNodesFollowToOneOverlay) {
    start_two_nodes();
    host_->use_disks({"ide0-hd0", "xvda-qcow2"});
    host_->make_overlay("o1", "a");
    const std::string path = host_->path("o1");
    const Status taken = open()->take_snapshots(
        {}, {{"ide0-hd0", "xlsnap-xvda-emulated1", path}, {"xvda-qcow2", "xlsnap-xvda-pv1", path}});
    ASSERT_TRUE(taken) << taken.error().message;
    for (const char *node : {"xlsnap-xvda-emulated1", "xlsnap-xvda-pv1"}) {
        const auto listed = listed_node(node);
        ASSERT_TRUE(listed) << node;
        EXPECT_EQ(listed->path, path);
        EXPECT_TRUE(listed->writable);
    }
    host_->guest_writes("ide0-hd0", 'B');
    EXPECT_EQ(host_->content("a"), 'A');
    EXPECT_EQ(host_->content("o1"), 'B');
}

TEST_P(LiveChainsContract, AnOverlayOnInactiveNodesMakesThemActive) {
    start({{"xvda-qcow2", "a"}});
    host_->make_overlay("o1", "a");
    ASSERT_TRUE(open()->deactivate_nodes());
    host_->use_disks({"xvda-qcow2"});
    const Status taken =
        open()->take_snapshots({}, {{"xvda-qcow2", "xlsnap-xvda-pv1", host_->path("o1")}});
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_FALSE(host_->qemu_runs());
    host_->guest_writes("xvda-qcow2", 'B');
    EXPECT_EQ(host_->content("o1"), 'B');
    EXPECT_EQ(host_->content("a"), 'A');
}

TEST_P(LiveChainsContract, ACommitOfTheActiveNodeWaitsToBeCompleted) {
    start_chain("B");
    start_job(active_commit(), JobState::Ready);
    host_->guest_writes("xvda-qcow2", 'C');
    const Status completed = open()->complete_job(active_commit());
    ASSERT_TRUE(completed) << completed.error().message;
    run_until(JobState::Concluded);
    for (int time = 0; time < 2; ++time) {
        const Status concluded = open()->conclude_job(active_commit());
        ASSERT_TRUE(concluded) << concluded.error().message;
    }
    EXPECT_EQ(host_->content("a"), 'C');
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv1"));
    EXPECT_TRUE(listed_node("xvda-qcow2")->writable);
    EXPECT_TRUE(open()->jobs()->empty());
    host_->guest_writes("xvda-qcow2", 'D');
    EXPECT_EQ(host_->content("a"), 'D');
    EXPECT_EQ(host_->content("o1"), 'C');
}

TEST_P(LiveChainsContract, ACommitBelowTheActiveNodeLeavesWhatIsReadThroughIt) {
    start_chain("BC");
    run_to_its_end(commit("xlsnap-xvda-pv2", "xlsnap-xvda-pv1", "xvda-qcow2", "a"));
    EXPECT_EQ(host_->content("a"), 'B');
    EXPECT_EQ(host_->content("o2"), 'C');
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv1"));
    EXPECT_EQ(listed_node("xlsnap-xvda-pv2")->backing_path, host_->path("a"));
}

TEST_P(LiveChainsContract, AStreamLeavesItsBaseAsItIs) {
    start_chain("BC");
    run_to_its_end(stream());
    EXPECT_EQ(host_->content("a"), 'A');
    EXPECT_EQ(host_->content("o2"), 'C');
    EXPECT_FALSE(listed_node("xlsnap-xvda-pv1"));
    EXPECT_EQ(listed_node("xlsnap-xvda-pv2")->backing_path, host_->path("a"));
}

TEST_P(LiveChainsContract, AStreamWithoutABaseLeavesNoBackingFile) {
    start_chain("BC");
    ChainJob job = stream();
    job.base = "";
    job.base_path = "";
    run_to_its_end(job);
    EXPECT_EQ(host_->content("o2"), 'C');
    EXPECT_EQ(listed_node("xlsnap-xvda-pv2")->backing_path, "");
}

TEST_P(LiveChainsContract, AStreamBelowTheActiveNodeLeavesWhatIsReadThroughIt) {
    start_chain("BCD");
    run_to_its_end(stream());
    EXPECT_EQ(host_->content("o2"), 'C');
    EXPECT_EQ(host_->content("o3"), 'D');
    EXPECT_EQ(listed_node("xlsnap-xvda-pv2")->backing_path, host_->path("a"));
}

TEST_P(LiveChainsContract, ACancelledCommitLeavesTheChain) {
    start_chain("B");
    start_job(active_commit(), JobState::Ready);
    const Status cancelled = open()->cancel_job(make_job_id("xvda"));
    ASSERT_TRUE(cancelled) << cancelled.error().message;
    run_until(JobState::Concluded);
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(active_commit()), ErrorCode::Fail);
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(active_commit()), ErrorCode::NotFound);
    EXPECT_TRUE(open()->jobs()->empty());
    EXPECT_EQ(listed_node("xlsnap-xvda-pv1")->backing_path, host_->path("a"));
    host_->guest_writes("xvda-qcow2", 'C');
    EXPECT_EQ(host_->content("o1"), 'C');
}

TEST_P(LiveChainsContract, ACancelledStreamLeavesTheChain) {
    start_chain("BC");
    start_job(stream(), JobState::Ready);
    ASSERT_TRUE(open()->cancel_job(make_job_id("xvda")));
    run_until(JobState::Concluded);
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(stream()), ErrorCode::Fail);
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(stream()), ErrorCode::NotFound);
    EXPECT_EQ(listed_node("xlsnap-xvda-pv2")->backing_path, host_->path("o1"));
    EXPECT_EQ(host_->content("o2"), 'C');
}

TEST_P(LiveChainsContract, AJobThatHasNotEndedIsNotConcluded) {
    start_chain("B");
    start_job(active_commit(), JobState::Ready);
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(active_commit()), ErrorCode::NotReady);
    EXPECT_EQ(open()->jobs()->size(), 1u);
}

TEST_P(LiveChainsContract, AJobThatQemuDoesNotKnowIsNotFound) {
    start_chain("B");
    XLSNAP_EXPECT_FAILURE(open()->conclude_job(active_commit()), ErrorCode::NotFound);
    XLSNAP_EXPECT_FAILURE(open()->complete_job(active_commit()), ErrorCode::QmpGenericError);
    XLSNAP_EXPECT_FAILURE(open()->cancel_job(make_job_id("xvda")), ErrorCode::QmpGenericError);
}

TEST_P(LiveChainsContract, AJobIsNotStartedTwice) {
    start_chain("B");
    start_job(active_commit(), JobState::Ready);
    XLSNAP_EXPECT_FAILURE(open()->start_job(active_commit()), ErrorCode::NotReady);
}

TEST_P(LiveChainsContract, NoJobIsStartedBesideSomebodyElses) {
    start_chain("B");
    host_->start_foreign_job("backup7", "xlsnap-xvda-pv1");
    const auto started = open()->start_job(active_commit());
    XLSNAP_EXPECT_FAILURE(started, ErrorCode::NotReady);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("backup7"));
}

TEST_P(LiveChainsContract, AJobNeedsABaseBelowItsTop) {
    start_chain("B");
    XLSNAP_EXPECT_FAILURE(
        open()->start_job(commit("xlsnap-xvda-pv1", "xvda-qcow2", "xlsnap-xvda-pv1", "o1")),
        ErrorCode::QmpGenericError);
    EXPECT_TRUE(open()->jobs()->empty());
}

TEST_P(LiveChainsContract, ABackingFileIsRecordedByItsAbsolutePathAlone) {
    start_chain("B");
    for (const char *path : {"", "a", "./a", "nbd:unix:/s", R"(json:{"driver":"null-co"})"}) {
        ChainJob job = active_commit();
        job.base_path = path;
        XLSNAP_EXPECT_FAILURE(open()->start_job(job), ErrorCode::Invalid);
    }
}

TEST_P(LiveChainsContract, ABackingFileIsRecordedByThePathOfTheBaseAlone) {
    start_chain("B");
    ChainJob job = active_commit();
    job.base_path = host_->path("o1");
    XLSNAP_EXPECT_FAILURE(open()->start_job(job), ErrorCode::Invalid);
    EXPECT_TRUE(open()->jobs()->empty());
}

TEST_P(LiveChainsContract, NoJobTakesATagAway) {
    start_chain("BC");
    ASSERT_TRUE(open()->take_snapshots({{"xlsnap-xvda-pv2", "t"}}, {}));
    ChainJob commit_of_all = commit("xlsnap-xvda-pv2", "xlsnap-xvda-pv2", "xvda-qcow2", "a");
    commit_of_all.leaving.emplace_back("xlsnap-xvda-pv1");
    for (const ChainJob &job : {commit_of_all, stream()}) {
        const Status started = open()->start_job(job);
        XLSNAP_EXPECT_FAILURE(started, ErrorCode::Invalid);
        EXPECT_THAT(started.error().message, ::testing::HasSubstr("tag"));
    }
    EXPECT_TRUE(open()->jobs()->empty());
}

TEST_P(LiveChainsContract, NodesInUseAreNotClosed) {
    start_chain("B");
    const auto left = open()->close_idle_nodes({"xlsnap-xvda-pv1", "xvda-qcow2", "gone"});
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_THAT(*left, ::testing::ElementsAre("xlsnap-xvda-pv1", "xvda-qcow2"));
    host_->guest_writes("xvda-qcow2", 'C');
    EXPECT_EQ(host_->content("o1"), 'C');
}

} // namespace xlsnap::test
