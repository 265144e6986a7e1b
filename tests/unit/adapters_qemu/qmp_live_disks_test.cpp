// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_live_disks.hpp"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mock_qmp.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

using test::MockQmp;

struct ListedNode {
    std::string name;
    std::string driver = "qcow2";
    bool read_only = false;
    std::vector<Tag> tags = {};
};

// What query-named-block-nodes returns.
Json listing(const std::vector<ListedNode> &nodes) {
    Json::Array infos;
    for (const ListedNode &node : nodes) {
        Json::Array snapshots;
        for (const Tag &tag : node.tags)
            snapshots.push_back(Json::Object{{"id", tag.id}, {"name", tag.name}});
        infos.push_back(Json::Object{{"node-name", node.name},
                                     {"drv", node.driver},
                                     {"file", "/g/" + node.name},
                                     {"ro", node.read_only},
                                     {"image", Json::Object{{"snapshots", snapshots}}}});
    }
    return infos;
}

Json::Object transaction(const std::vector<NodeTag> &tags) {
    Json::Array actions;
    for (const NodeTag &wanted : tags)
        actions.push_back(
            Json::Object{{"type", "blockdev-snapshot-internal-sync"},
                         {"data", Json::Object{{"device", wanted.node}, {"name", wanted.tag}}}});
    return {{"actions", actions}};
}

const char *const kUnsupported =
    "Block format 'qcow2' used by device 'xvda-qcow2' does not support internal snapshots";
const char *const kList = "query-named-block-nodes";
const Json::Object kFlat{{"flat", true}};
const Json::Object kInactivate{{"filename", "/dev/null"}, {"live", true}};

class QmpLiveDisksTest : public ::testing::Test {
  protected:
    // Plays the script that the test wrote and opens a session.
    LiveDisksSession &open(QmpDeadlines deadlines = {}) {
        server_.start();
        QmpLiveDisks disks([this](DomainId) { return server_.path(); }, deadlines);
        session_ = disks.open(7).value();
        return *session_;
    }

    MockQmp &expect_listing(const std::vector<ListedNode> &nodes) {
        return server_.expect(kList, kFlat).answer(listing(nodes));
    }

    MockQmp &expect_status(bool running) {
        return server_.expect("query-status").answer(Json::Object{{"running", running}});
    }

    MockQmp server_;
    std::unique_ptr<LiveDisksSession> session_;
};

TEST(LibxenstatMonitor, IsTheSocketThatLibxlMakes) {
    EXPECT_THAT(libxenstat_monitor(12), EndsWith("/qmp-libxenstat-12"));
}

TEST_F(QmpLiveDisksTest, AsksForTheSocketOfTheDomain) {
    DomainId asked = 0;
    server_.greet();
    server_.start();
    QmpLiveDisks disks([&](DomainId domid) {
        asked = domid;
        return server_.path();
    });
    EXPECT_TRUE(disks.open(7));
    EXPECT_EQ(asked, 7u);
}

TEST_F(QmpLiveDisksTest, SaysWhichDomainsQemuDoesNotAnswer) {
    server_.accept().expect("qmp_capabilities").await_leaving();
    server_.start();
    QmpLiveDisks disks([this](DomainId) { return server_.path(); }, {1s, 1min, 1min});
    const auto session = disks.open(7);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::NotReady);
    EXPECT_THAT(session.error().message, HasSubstr("domain 7"));
}

TEST_F(QmpLiveDisksTest, ListsTheNodes) {
    server_.greet();
    expect_listing({{"xvda-qcow2", "qcow2", false, {{"1", "t"}}}, {"#block1", "file"}});
    const auto nodes = open().nodes();
    ASSERT_TRUE(nodes);
    ASSERT_EQ(nodes->size(), 1u);
    EXPECT_EQ(nodes->front().path, "/g/xvda-qcow2");
    EXPECT_THAT(nodes->front().tags, ElementsAre(Tag{"1", "t"}));
}

TEST_F(QmpLiveDisksTest, DoesNotBelieveAnUnknownListing) {
    server_.greet().expect(kList, kFlat).answer("rubbish");
    const auto nodes = open().nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(nodes.error().message, HasSubstr("domain 7"));
}

TEST_F(QmpLiveDisksTest, ReportsThatQemuCannotList) {
    server_.greet().expect(kList, kFlat).refuse("CommandNotFound", "unknown");
    const auto nodes = open().nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::QmpCommandNotFound);
}

TEST_F(QmpLiveDisksTest, CreatesAllTagsInOneTransaction) {
    const std::vector<NodeTag> tags{{"xvda-qcow2", "t"}, {"xvdb-qcow2", "t"}};
    server_.greet().expect("transaction", transaction(tags)).answer();
    EXPECT_TRUE(open().take_snapshots(tags, {}));
}

TEST_F(QmpLiveDisksTest, SaysNothingToQemuWhenThereIsNothingToCreate) {
    server_.greet();
    EXPECT_TRUE(open().take_snapshots({}, {}));
}

struct Obstacle {
    std::string name; // of the test
    std::vector<ListedNode> nodes;
    std::string text; // that the message must contain
};

void PrintTo(const Obstacle &obstacle, std::ostream *out) {
    *out << obstacle.name;
}

class CreationObstacle : public QmpLiveDisksTest, public ::testing::WithParamInterface<Obstacle> {};

TEST_P(CreationObstacle, IsNamed) {
    server_.greet().expect("transaction", transaction({{"xvda-qcow2", "t"}}));
    server_.refuse("GenericError", kUnsupported);
    expect_listing(GetParam().nodes);
    const auto created = open().take_snapshots({{"xvda-qcow2", "t"}}, {});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::QmpGenericError);
    EXPECT_THAT(created.error().message,
                AllOf(HasSubstr(kUnsupported), HasSubstr(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    QmpLiveDisksTest, CreationObstacle,
    ::testing::Values(
        Obstacle{"MissingNode", {{"other"}}, "no block node xvda-qcow2"},
        Obstacle{"RawImage", {{"xvda-qcow2", "raw"}}, "is raw"},
        Obstacle{"ReadOnly", {{"xvda-qcow2", "qcow2", true}}, "read-only"},
        Obstacle{"Twice", {{"xvda-qcow2", "qcow2", false, {{"1", "t"}}}}, "a snapshot t already"},
        Obstacle{"Inactive", {{"xvda-qcow2"}}, "inactive"}),
    [](const auto &instance) { return instance.param.name; });

TEST_F(QmpLiveDisksTest, LeavesAnyOtherRefusalAsQemuSaysIt) {
    server_.greet().expect("transaction", transaction({{"xvda-qcow2", "t"}}));
    server_.refuse("GenericError", "No space left on device");
    expect_listing({{"xvda-qcow2"}});
    const auto created = open().take_snapshots({{"xvda-qcow2", "t"}}, {});
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, EndsWith("No space left on device"));
}

TEST_F(QmpLiveDisksTest, LeavesARefusalAsItIsWhenItCannotLookCloser) {
    server_.greet().expect("transaction", transaction({{"xvda-qcow2", "t"}}));
    server_.refuse("GenericError", kUnsupported).expect(kList, kFlat).hang_up();
    const auto created = open().take_snapshots({{"xvda-qcow2", "t"}}, {});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::QmpGenericError);
    EXPECT_THAT(created.error().message, EndsWith(kUnsupported));
}

TEST_F(QmpLiveDisksTest, DoesNotAskFurtherWhenQemuFailsToAnswerACreation) {
    server_.greet().expect("transaction", transaction({{"a", "t"}})).await_leaving();
    const auto created = open({1min, 1min, 1s}).take_snapshots({{"a", "t"}}, {});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::TimedOut);
    session_.reset();
}

TEST_F(QmpLiveDisksTest, DeletesATagByIdAndName) {
    server_.greet();
    expect_status(true);
    // Neither the first nor the last one, nor the only one of its name.
    expect_listing({{"xvda-qcow2", "qcow2", false, {{"1", "t"}, {"2", "u"}, {"3", "u"}}}});
    server_
        .expect("blockdev-snapshot-delete-internal-sync",
                {{"device", "xvda-qcow2"}, {"id", "2"}, {"name", "u"}})
        .answer(Json::Object{{"id", "2"}, {"name", "u"}});
    expect_listing({{"xvda-qcow2", "qcow2", false, {{"1", "t"}, {"3", "u"}}}});
    EXPECT_TRUE(open().delete_tag("xvda-qcow2", {"2", "u"}));
}

// A QEMU that is told to delete a tag of an inactive node aborts.
TEST_F(QmpLiveDisksTest, ActivatesTheNodesOfAStoppedQemuBeforeADeletion) {
    server_.greet();
    expect_status(false);
    server_.expect("cont").answer().expect("stop").answer();
    expect_listing({{"xvda-qcow2"}});
    const auto deleted = open().delete_tag("xvda-qcow2", {"1", "t"});
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code, ErrorCode::NotFound);
}

TEST_F(QmpLiveDisksTest, DeletesNothingWhenTheNodesCannotBeActivated) {
    server_.greet();
    expect_status(false);
    server_.expect("cont").refuse("GenericError", "Failed to get write lock");
    const auto deleted = open().delete_tag("xvda-qcow2", {"1", "t"});
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code, ErrorCode::QmpGenericError);
}

TEST_F(QmpLiveDisksTest, DeletesNothingWhenTheStateIsUnknown) {
    for (const char *state : {"{}", "[]", R"({"running": 1})"}) {
        MockQmp server;
        server.greet().expect("query-status").answer(parse_json(state).value());
        server.start();
        QmpLiveDisks disks([&](DomainId) { return server.path(); });
        const auto deleted = disks.open(7).value()->delete_tag("a", {"1", "t"});
        ASSERT_FALSE(deleted);
        EXPECT_EQ(deleted.error().code, ErrorCode::ProtocolErrorQmp);
    }
}

TEST_F(QmpLiveDisksTest, DeletesOnlyATagThatHasBoth) {
    for (const Tag &tag : {Tag{"2", "t"}, Tag{"1", "u"}, Tag{"t", "1"}}) {
        MockQmp server;
        server.greet().expect("query-status").answer(Json::Object{{"running", true}});
        server.expect(kList, kFlat).answer(listing({{"a", "qcow2", false, {{"1", "t"}}}}));
        server.start();
        QmpLiveDisks disks([&](DomainId) { return server.path(); });
        const auto deleted = disks.open(7).value()->delete_tag("a", tag);
        ASSERT_FALSE(deleted);
        EXPECT_EQ(deleted.error().code, ErrorCode::NotFound);
    }
}

TEST_F(QmpLiveDisksTest, TellsAMissingNodeFromAMissingTag) {
    server_.greet();
    expect_status(true);
    expect_listing({{"xvdb-qcow2"}});
    const auto deleted = open().delete_tag("xvda-qcow2", {"1", "t"});
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code, ErrorCode::QmpDeviceNotFound);
    EXPECT_THAT(deleted.error().message, HasSubstr("xvda-qcow2"));
}

TEST_F(QmpLiveDisksTest, DoesNotBelieveADeletionWithoutEffect) {
    server_.greet();
    expect_status(true);
    expect_listing({{"a", "qcow2", false, {{"1", "t"}}}});
    server_.expect("blockdev-snapshot-delete-internal-sync",
                   {{"device", "a"}, {"id", "1"}, {"name", "t"}});
    server_.answer();
    expect_listing({{"a", "qcow2", false, {{"1", "t"}}}});
    const auto deleted = open().delete_tag("a", {"1", "t"});
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code, ErrorCode::ProtocolErrorQmp);
}

TEST_F(QmpLiveDisksTest, StopsARunningQemuAndInactivatesItsNodes) {
    server_.greet();
    expect_status(true);
    server_.expect("stop").answer().expect("xen-save-devices-state", kInactivate).answer();
    EXPECT_TRUE(open().deactivate_nodes());
}

// A QEMU that is told to inactivate an inactive node aborts.
TEST_F(QmpLiveDisksTest, ActivatesTheNodesOfAStoppedQemuBeforeItInactivatesThem) {
    server_.greet();
    expect_status(false);
    server_.expect("cont").answer().expect("stop").answer();
    server_.expect("stop").answer().expect("xen-save-devices-state", kInactivate).answer();
    EXPECT_TRUE(open().deactivate_nodes());
}

TEST_F(QmpLiveDisksTest, ReportsThatNodesCannotBeInactivated) {
    server_.greet();
    expect_status(true);
    server_.expect("stop").answer().expect("xen-save-devices-state", kInactivate);
    server_.refuse("GenericError", "bdrv_inactivate_all() failed (-1)");
    const auto done = open().deactivate_nodes();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, AllOf(HasSubstr("domain 7"), HasSubstr("failed (-1)")));
}

TEST_F(QmpLiveDisksTest, LeavesQemuRunningAfterAnActivationWhenAsked) {
    server_.greet().expect("cont").answer();
    EXPECT_TRUE(open().activate_nodes(true));
}

TEST_F(QmpLiveDisksTest, LeavesQemuStoppedAfterAnActivationWhenAsked) {
    server_.greet().expect("cont").answer().expect("stop").answer();
    EXPECT_TRUE(open().activate_nodes(false));
}

} // namespace
} // namespace xlsnap
