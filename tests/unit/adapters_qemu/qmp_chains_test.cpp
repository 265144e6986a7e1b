// SPDX-License-Identifier: LGPL-2.1-only
// Overlays and block jobs over QMP, with a QEMU that lies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/qemu/qmp_live_disks.hpp"
#include "support/mock_qmp.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using test::MockQmp;

struct ChainNode {
    std::string name;
    std::string path;
    std::string backing = {};
    bool read_only = false;
    std::string tag = {};
};

const std::vector<ChainNode> kChain = {
    {"top", "/g/o2", "/g/o1"}, {"mid", "/g/o1", "/g/a", true}, {"base", "/g/a", "", true}};
const NodeOverlay kOverlay{"xvda-qcow2", "xlsnap-xvda-pv1", "/g/o1,\"x\""};

class QmpChainsTest : public ::testing::Test {
  protected:
    LiveDisksSession &open() {
        server_.start();
        QmpLiveDisks disks([this](DomainId) { return server_.path(); });
        session_ = disks.open(7).value();
        return *session_;
    }

    MockQmp &expect_nodes(const std::vector<ChainNode> &nodes) {
        Json::Array infos;
        for (const ChainNode &node : nodes) {
            Json::Object image;
            if (!node.backing.empty())
                image.emplace("full-backing-filename", node.backing);
            if (!node.tag.empty())
                image.emplace("snapshots",
                              Json::Array{Json::Object{{"id", "1"}, {"name", node.tag}}});
            Json::Object info{{"node-name", node.name},
                              {"drv", "qcow2"},
                              {"file", node.path},
                              {"ro", node.read_only},
                              {"image", image}};
            infos.emplace_back(std::move(info));
        }
        return server_.expect("query-named-block-nodes", {{"flat", true}}).answer(infos);
    }

    MockQmp &expect_status() {
        return server_.expect("query-status").answer(Json::Object{{"running", true}});
    }

    MockQmp &expect_jobs(const std::vector<std::pair<std::string, std::string>> &ids_and_states,
                         const std::string &error = {}) {
        Json::Array infos;
        for (const auto &[id, state] : ids_and_states) {
            Json::Object info{{"device", id},
                              {"type", "commit"},
                              {"status", state},
                              {"offset", std::int64_t{1}},
                              {"len", std::int64_t{1}}};
            if (!error.empty())
                info.emplace("error", error);
            infos.emplace_back(std::move(info));
        }
        return server_.expect("query-block-jobs").answer(infos);
    }

    // What QEMU is told of kOverlay.
    static constexpr const char *kFileOfOverlay =
        R"(json:{"file":{"driver":"file","filename":"/g/o1,\"x\"","locking":"off"}})";

    MockQmp &expect_overlay(const std::string &file = kFileOfOverlay) {
        return server_.expect(
            "transaction",
            {{"actions", Json::Array{Json::Object{
                             {"type", "blockdev-snapshot-sync"},
                             {"data", Json::Object{{"node-name", "xvda-qcow2"},
                                                   {"snapshot-file", file},
                                                   {"snapshot-node-name", "xlsnap-xvda-pv1"},
                                                   {"mode", "existing"}}}}}}});
    }

    // The job ends as QEMU says well, and then it lists these nodes.
    void expect_success(const std::vector<std::string> &leaving,
                        const std::vector<ChainNode> &nodes) {
        server_.greet();
        expect_jobs({{"xlsnap-xvda", "concluded"}});
        server_.expect("job-dismiss", {{"id", "xlsnap-xvda"}}).answer();
        expect_closing(leaving, nodes);
    }

    // It closes none of those that left, and lists these nodes.
    void expect_closing(const std::vector<std::string> &leaving,
                        const std::vector<ChainNode> &nodes) {
        for (const std::string &node : leaving)
            server_.expect("blockdev-del", {{"node-name", node}})
                .refuse("GenericError", "Failed to find node with node-name='" + node + "'");
        if (!leaving.empty())
            expect_nodes(nodes);
        expect_nodes(nodes);
    }

    MockQmp server_;
    std::unique_ptr<LiveDisksSession> session_;
};

ChainJob commit_of(const std::string &top, const std::vector<std::string> &leaving) {
    return {"xlsnap-xvda", ChainJob::Kind::Commit, "top", top, "base", "/g/a", leaving};
}

ChainJob stream_to(const std::string &base, const std::vector<std::string> &leaving) {
    return {"xlsnap-xvda", ChainJob::Kind::Stream,     "",     "top",
            base,          base.empty() ? "" : "/g/a", leaving};
}

void expect_lie(const Status &status) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::ProtocolErrorQmp) << status.error().message;
    EXPECT_THAT(status.error().message, HasSubstr("denies it"));
}

TEST_F(QmpChainsTest, OpensAnOverlayWithoutLocksAndWithoutLookingAtItsHeader) {
    server_.greet();
    expect_status();
    expect_overlay().answer();
    expect_nodes({{"xlsnap-xvda-pv1", kOverlay.path, "/g/a"}, {"xvda-qcow2", "/g/a", "", true}});
    const Status taken = open().take_snapshots({}, {kOverlay});
    EXPECT_TRUE(taken) << taken.error().message;
}

TEST_F(QmpChainsTest, TellsOfAnOverlayInAsFewBytesAsItsPathAllows) {
    NodeOverlay plain = kOverlay;
    plain.path = "/g/a b";
    NodeOverlay quoted = kOverlay;
    quoted.path = "/g/it's";
    server_.greet();
    for (const char *file :
         {R"(json:{'file':{'driver':'file','filename':'/g/a b','locking':'off'}})",
          R"(json:{"file":{"driver":"file","filename":"/g/it's","locking":"off"}})"}) {
        expect_status();
        expect_overlay(file).refuse("DeviceNotFound", "no");
        expect_nodes({});
    }
    LiveDisksSession &session = open();
    EXPECT_FALSE(session.take_snapshots({}, {plain}));
    EXPECT_FALSE(session.take_snapshots({}, {quoted}));
}

// The answer to the transaction never comes, so the listing was asked for before.
TEST_F(QmpChainsTest, AsksWhatHasBecomeOfAnOverlayTogetherWithTheTransaction) {
    server_.greet();
    expect_status();
    expect_overlay();
    expect_nodes({{"xlsnap-xvda-pv1", kOverlay.path, "/g/a"}, {"xvda-qcow2", "/g/a", "", true}});
    server_.hang_up();
    const Status taken = open().take_snapshots({}, {kOverlay});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(taken.error().message, HasSubstr("transaction"));
}

// Only the transaction's refusal says that nothing was done, whatever QEMU lists with it.
TEST_F(QmpChainsTest, TellsTheRefusalOfAnOverlayAsItIs) {
    server_.greet();
    expect_status();
    expect_overlay().refuse("GenericError", "no space");
    server_.expect("query-named-block-nodes", {{"flat", true}}).refuse("CommandNotFound", "what");
    const Status taken = open().take_snapshots({}, {kOverlay});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::QmpGenericError);
    EXPECT_THAT(taken.error().message, HasSubstr("no space"));
}

struct Denial {
    std::string name;
    std::vector<ChainNode> nodes;
};

// The overlay is in use, though a refusal is all that QEMU answers last.
TEST_F(QmpChainsTest, DoesNotTakeAnOverlayForUnusedThatItCannotLookAt) {
    server_.greet();
    expect_status();
    expect_overlay().answer();
    server_.expect("query-named-block-nodes", {{"flat", true}}).refuse("GenericError", "no memory");
    const Status taken = open().take_snapshots({}, {kOverlay});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(taken.error().message, HasSubstr("no memory"));
}

class OverlayDenial : public QmpChainsTest, public ::testing::WithParamInterface<Denial> {};

TEST_P(OverlayDenial, IsNotBelieved) {
    server_.greet();
    expect_status();
    expect_overlay().answer();
    expect_nodes(GetParam().nodes);
    expect_lie(open().take_snapshots({}, {kOverlay}));
}

INSTANTIATE_TEST_SUITE_P(
    QmpChainsTest, OverlayDenial,
    ::testing::Values(
        Denial{"NoOverlay", {{"xvda-qcow2", "/g/a"}}},
        Denial{"OtherImage",
               {{"xlsnap-xvda-pv1", "/g/other", "/g/a"}, {"xvda-qcow2", "/g/a", "", true}}},
        Denial{"ReadOnly",
               {{"xlsnap-xvda-pv1", kOverlay.path, "/g/a", true}, {"xvda-qcow2", "/g/a"}}},
        Denial{"BaseStillWritten",
               {{"xlsnap-xvda-pv1", kOverlay.path, "/g/a"}, {"xvda-qcow2", "/g/a"}}},
        Denial{"NoBase", {{"xlsnap-xvda-pv1", kOverlay.path, "/g/a"}}}),
    [](const auto &instance) { return instance.param.name; });

TEST_F(QmpChainsTest, RecordsTheBackingFileOfACommitBelowTheActiveNode) {
    server_.greet();
    expect_jobs({});
    expect_status();
    expect_nodes(kChain);
    server_
        .expect("block-commit", {{"job-id", "xlsnap-xvda"},
                                 {"device", "top"},
                                 {"top-node", "mid"},
                                 {"base-node", "base"},
                                 {"backing-file", "/g/a"},
                                 {"auto-finalize", false},
                                 {"auto-dismiss", false}})
        .answer();
    EXPECT_TRUE(open().start_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, RecordsNoBackingFileForACommitOfTheActiveNode) {
    server_.greet();
    expect_jobs({{"xlsnap-xvdb", "running"}});
    expect_status();
    expect_nodes(kChain);
    server_
        .expect("block-commit", {{"job-id", "xlsnap-xvda"},
                                 {"device", "top"},
                                 {"top-node", "top"},
                                 {"base-node", "base"},
                                 {"auto-finalize", true},
                                 {"auto-dismiss", false}})
        .answer();
    EXPECT_TRUE(open().start_job(commit_of("top", {"top", "mid"})));
}

TEST_F(QmpChainsTest, RecordsTheBackingFileOfAStream) {
    server_.greet();
    expect_jobs({});
    expect_status();
    expect_nodes(kChain);
    server_
        .expect("block-stream", {{"job-id", "xlsnap-xvda"},
                                 {"device", "top"},
                                 {"base-node", "base"},
                                 {"backing-file", "/g/a"},
                                 {"auto-finalize", false},
                                 {"auto-dismiss", false}})
        .answer();
    EXPECT_TRUE(open().start_job(stream_to("base", {"mid"})));
}

TEST_F(QmpChainsTest, ActivatesTheNodesOfAStoppedQemuBeforeAJob) {
    server_.greet();
    expect_jobs({});
    server_.expect("query-status").answer(Json::Object{{"running", false}});
    server_.expect("cont").refuse("GenericError", "Failed to get write lock");
    const Status started = open().start_job(stream_to("", {"mid"}));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::QmpGenericError);
}

struct BadChain {
    std::string name;
    ChainJob job;
    std::vector<ChainNode> nodes;
};

class UnfitChain : public QmpChainsTest, public ::testing::WithParamInterface<BadChain> {};

TEST_P(UnfitChain, GetsNoJob) {
    server_.greet();
    expect_jobs({});
    expect_status();
    expect_nodes(GetParam().nodes);
    const Status started = open().start_job(GetParam().job);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::Invalid) << started.error().message;
}

const ChainNode kTop = kChain[0];
const ChainNode kMid = kChain[1];
const ChainNode kBase = kChain[2];
const ChainNode kTaggedTop{"top", "/g/o2", "/g/o1", false, "t"};
const ChainNode kTaggedMid{"mid", "/g/o1", "/g/a", true, "t"};
const ChainNode kMovedBase{"base", "/g/b", "", true};

INSTANTIATE_TEST_SUITE_P(
    QmpChainsTest, UnfitChain,
    ::testing::Values(
        BadChain{"CommitOfATag", commit_of("top", {"top", "mid"}), {kTaggedTop, kMid, kBase}},
        BadChain{"CommitOverATag", commit_of("top", {"top", "mid"}), {kTop, kTaggedMid, kBase}},
        BadChain{"CommitOfWhatIsNotThere", commit_of("top", {"top", "mid"}), {kTop, kBase}},
        BadChain{"CommitToAnotherPath", commit_of("mid", {"mid"}), {kTop, kMid, kMovedBase}},
        BadChain{"CommitToNothing", commit_of("mid", {"mid"}), {kTop, kMid}},
        BadChain{"StreamToATag", stream_to("base", {"mid"}), {kTaggedTop, kMid, kBase}},
        BadChain{"StreamFromAnotherPath", stream_to("base", {"mid"}), {kTop, kMid, kMovedBase}}),
    [](const auto &instance) { return instance.param.name; });

// The tags of images that stay as they are, and of those whose backing file still holds the same.
TEST_F(QmpChainsTest, MindsNoTagThatAJobKeeps) {
    server_.greet();
    expect_jobs({});
    expect_status();
    expect_nodes({kTop, kTaggedMid, {"base", "/g/a", "", true, "t"}});
    server_
        .expect("block-stream", {{"job-id", "xlsnap-xvda"},
                                 {"device", "top"},
                                 {"base-node", "base"},
                                 {"backing-file", "/g/a"},
                                 {"auto-finalize", false},
                                 {"auto-dismiss", false}})
        .answer();
    const Status started = open().start_job(stream_to("base", {"mid"}));
    EXPECT_TRUE(started) << started.error().message;
}

TEST_F(QmpChainsTest, StartsNothingBesideAnothersJob) {
    server_.greet();
    expect_jobs({{"xlsnap-xvdb", "running"}, {"backup\n0", "paused"}});
    const Status started = open().start_job(commit_of("top", {"top", "mid"}));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::NotReady);
    EXPECT_THAT(started.error().message, HasSubstr("commit"));
    EXPECT_THAT(started.error().message, ::testing::Not(HasSubstr("\n")));
}

TEST_F(QmpChainsTest, StartsNothingWhenItCannotTellWhichJobsThereAre) {
    server_.greet();
    expect_jobs({{"j", "resting"}});
    const Status started = open().start_job(commit_of("top", {"top", "mid"}));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::ProtocolErrorQmp);
}

TEST_F(QmpChainsTest, CompletesACommitOfTheActiveNode) {
    server_.greet().expect("job-complete", {{"id", "xlsnap-xvda"}}).answer();
    EXPECT_TRUE(open().complete_job(commit_of("top", {"top", "mid"})));
}

TEST_F(QmpChainsTest, FlushesTheBaseOfACommitBeforeTheChainChanges) {
    server_.greet();
    server_.expect("human-monitor-command", {{"command-line", "qemu-io base flush"}}).answer("");
    server_.expect("job-finalize", {{"id", "xlsnap-xvda"}}).answer();
    EXPECT_TRUE(open().complete_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, FlushesTheTopOfAStreamBeforeTheChainChanges) {
    server_.greet();
    server_.expect("human-monitor-command", {{"command-line", "qemu-io top flush"}}).answer("");
    server_.expect("job-finalize", {{"id", "xlsnap-xvda"}}).answer();
    EXPECT_TRUE(open().complete_job(stream_to("base", {"mid"})));
}

TEST_F(QmpChainsTest, LeavesTheChainWhenItCannotBeFlushed) {
    server_.greet();
    server_.expect("human-monitor-command", {{"command-line", "qemu-io top flush"}})
        .answer("Error: Cannot find device\r\n");
    const Status completed = open().complete_job(stream_to("base", {"mid"}));
    ASSERT_FALSE(completed);
    EXPECT_EQ(completed.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(completed.error().message, HasSubstr("Cannot find device"));
}

TEST_F(QmpChainsTest, BelievesAJobThatTheChainConfirms) {
    expect_success({"mid"}, {{"top", "/g/o2", "/g/a"}, {"base", "/g/a", "", true}});
    EXPECT_TRUE(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, BelievesACommitOfTheActiveNodeThatTheChainConfirms) {
    expect_success({"top", "mid"}, {{"base", "/g/a"}});
    EXPECT_TRUE(open().conclude_job(commit_of("top", {"top", "mid"})));
}

TEST_F(QmpChainsTest, BelievesAStreamThatTheChainConfirms) {
    expect_success({"mid", "base"}, {{"top", "/g/o2"}});
    EXPECT_TRUE(open().conclude_job(stream_to("", {"mid", "base"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitThatLeavesTheChain) {
    expect_success({"mid"}, kChain);
    expect_lie(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitThatLeavesTheActiveNode) {
    expect_success({"top", "mid"}, kChain);
    expect_lie(open().conclude_job(commit_of("top", {"top", "mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitWhoseBaseCannotBeWritten) {
    expect_success({"top", "mid"}, {{"base", "/g/a", "", true}});
    expect_lie(open().conclude_job(commit_of("top", {"top", "mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitThatTookTheBaseAway) {
    expect_success({"mid"}, {{"top", "/g/o2", "/g/a"}});
    expect_lie(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitWhoseBaseIsNobodysBackingFile) {
    expect_success({"mid"}, {{"top", "/g/o2"}, {"base", "/g/a", "", true}});
    expect_lie(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveAStreamThatLeavesABackingFile) {
    expect_success({}, kChain);
    expect_lie(open().conclude_job(stream_to("", {})));
}

TEST_F(QmpChainsTest, DoesNotBelieveAStreamWithAnotherBackingFile) {
    expect_success({"mid"}, {{"top", "/g/o2", "/g/x"}, {"base", "/g/a", "", true}});
    expect_lie(open().conclude_job(stream_to("base", {"mid"})));
}

TEST_F(QmpChainsTest, DoesNotBelieveACommitThatLeavesItsTopRightOnTheBase) {
    expect_success({}, kChain);
    expect_lie(open().conclude_job(commit_of("mid", {})));
}

TEST_F(QmpChainsTest, DoesNotTakeAnotherChainOnTheBaseForACommit) {
    std::vector<ChainNode> nodes = kChain;
    nodes.insert(nodes.begin(), {"other", "/g/other", "/g/a"});
    expect_success({"mid"}, nodes);
    expect_lie(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, TellsImagesApartByThePathThatAnotherDiskHasOpenToo) {
    std::vector<ChainNode> nodes = kChain;
    nodes.insert(nodes.begin(), {"mid-of-another", "/g/o1", "/g/a", true});
    expect_success({"mid"}, nodes);
    expect_lie(open().conclude_job(commit_of("mid", {"mid"})));
}

TEST_F(QmpChainsTest, BelievesACommitFarBelowTheActiveNode) {
    expect_success(
        {"mid"},
        {{"active", "/g/o3", "/g/o2"}, {"top", "/g/o2", "/g/a", true}, {"base", "/g/a", "", true}});
    ChainJob job = commit_of("mid", {"mid"});
    job.active = "active";
    const Status concluded = open().conclude_job(job);
    EXPECT_TRUE(concluded) << concluded.error().message;
}

TEST_F(QmpChainsTest, BelievesAJobWhoseLeftoverNodesStayOpen) {
    expect_success({"mid"}, {{"top", "/g/o2", "/g/a"}, kMid, kBase});
    const Status concluded = open().conclude_job(commit_of("mid", {"mid"}));
    EXPECT_TRUE(concluded) << concluded.error().message;
}

TEST_F(QmpChainsTest, BelievesACommitOfTheActiveNodeThatStaysOpen) {
    expect_success({"top", "mid"}, {kTop, kMid, {"base", "/g/a"}});
    const Status concluded = open().conclude_job(commit_of("top", {"top", "mid"}));
    EXPECT_TRUE(concluded) << concluded.error().message;
}

TEST_F(QmpChainsTest, ConcludesAJobAgainThatTheChainConfirms) {
    server_.greet();
    expect_jobs({});
    expect_closing({"mid"}, {{"top", "/g/o2", "/g/a"}, kBase});
    const Status concluded = open().conclude_job(commit_of("mid", {"mid"}));
    EXPECT_TRUE(concluded) << concluded.error().message;
}

TEST_F(QmpChainsTest, ConcludesACommitOfTheActiveNodeAgain) {
    server_.greet();
    expect_jobs({});
    expect_closing({"top", "mid"}, {{"base", "/g/a"}});
    const Status concluded = open().conclude_job(commit_of("top", {"top", "mid"}));
    EXPECT_TRUE(concluded) << concluded.error().message;
}

TEST_F(QmpChainsTest, FindsNoJobWhenTheChainIsAsBefore) {
    server_.greet();
    expect_jobs({});
    expect_closing({"mid"}, kChain);
    const Status concluded = open().conclude_job(commit_of("mid", {"mid"}));
    ASSERT_FALSE(concluded);
    EXPECT_EQ(concluded.error().code, ErrorCode::NotFound);
}

// What a commit of the active node leaves that failed.
TEST_F(QmpChainsTest, DoesNotTakeAWritableBaseForTheSuccessOfAJobThatIsNotListed) {
    server_.greet();
    expect_jobs({});
    expect_closing({"top", "mid"}, {kTop, kMid, {"base", "/g/a"}});
    const Status concluded = open().conclude_job(commit_of("top", {"top", "mid"}));
    ASSERT_FALSE(concluded);
    EXPECT_EQ(concluded.error().code, ErrorCode::NotFound);
}

TEST_F(QmpChainsTest, DoesNotKnowTheChainThatQemuDoesNotShowAfterAJob) {
    server_.greet();
    expect_jobs({{"xlsnap-xvda", "concluded"}});
    server_.expect("job-dismiss", {{"id", "xlsnap-xvda"}}).answer();
    server_.expect("query-named-block-nodes", {{"flat", true}}).refuse("GenericError", "no memory");
    const Status concluded = open().conclude_job(commit_of("mid", {}));
    ASSERT_FALSE(concluded);
    EXPECT_EQ(concluded.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(concluded.error().message, HasSubstr("no memory"));
}

TEST_F(QmpChainsTest, SaysWhyAJobFailedAndTakesItOffTheList) {
    server_.greet();
    expect_jobs({{"xlsnap-xvda", "concluded"}}, "No space left on device");
    server_.expect("job-dismiss", {{"id", "xlsnap-xvda"}}).answer();
    const Status concluded = open().conclude_job(commit_of("mid", {"mid"}));
    ASSERT_FALSE(concluded);
    EXPECT_EQ(concluded.error().code, ErrorCode::Fail);
    EXPECT_THAT(concluded.error().message, HasSubstr("No space left on device"));
}

TEST_F(QmpChainsTest, ConcludesNoJobThatHasNotEnded) {
    for (const char *state : {"running", "ready", "standby", "aborting", "pending"}) {
        MockQmp server;
        server.greet()
            .expect("query-block-jobs")
            .answer(Json::Array{Json::Object{{"device", "xlsnap-xvda"},
                                             {"type", "commit"},
                                             {"status", state},
                                             {"offset", std::int64_t{1}},
                                             {"len", std::int64_t{1}}}});
        server.start();
        QmpLiveDisks disks([&](DomainId) { return server.path(); });
        const Status concluded = disks.open(7).value()->conclude_job(commit_of("mid", {"mid"}));
        ASSERT_FALSE(concluded);
        EXPECT_EQ(concluded.error().code, ErrorCode::NotReady) << state;
    }
}

TEST_F(QmpChainsTest, ClosesEachNodeThatItMay) {
    server_.greet();
    server_.expect("blockdev-del", {{"node-name", "a"}}).answer();
    server_.expect("blockdev-del", {{"node-name", "b"}}).refuse("GenericError", "in use");
    expect_nodes({{"b", "/g/b"}});
    const auto left = open().close_idle_nodes({"a", "b"});
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_THAT(*left, ::testing::ElementsAre("b"));
}

TEST_F(QmpChainsTest, DoesNotTakeASilentQemuForOneThatClosedANode) {
    server_.greet().expect("blockdev-del", {{"node-name", "a"}}).hang_up();
    EXPECT_FALSE(open().close_idle_nodes({"a"}));
}

} // namespace
} // namespace xlsnap
