// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/live_disks.hpp"

namespace xlsnap::test {

struct NodeOfImage {
    std::string node;
    std::string image; // nodes that name the same image share it
    DiskFormat format = DiskFormat::Qcow2;
    bool writable = true;
};

// A host with one domain, and a view of its images that owes nothing to LiveDisks. A disk's content
// is told by one letter; a new image holds 'A'.
class LiveDisksHost {
  public:
    virtual ~LiveDisksHost() = default;

    // The domain's QEMU starts with these nodes, stopped. Called once.
    virtual void start(const std::vector<NodeOfImage> &nodes) = 0;

    virtual LiveDisks &live_disks() = 0;
    // The same with short deadlines.
    virtual LiveDisks &impatient_live_disks() = 0;
    virtual DomainId domid() = 0;
    virtual std::string path(const std::string &image) = 0;

    virtual void guest_writes(const std::string &node, char letter) = 0;
    virtual char content(const std::string &image) = 0;
    virtual char content_of_tag(const std::string &image, const std::string &tag) = 0;
    virtual std::vector<std::string> tags(const std::string &image) = 0;

    // Makes a qcow2 image that holds nothing yet, over the other.
    virtual void make_overlay(const std::string &image, const std::string &base) = 0;
    // The guest has these disks open from now on, which keeps them; none can be inactivated.
    virtual void use_disks(const std::vector<std::string> &nodes) = 0;
    // Somebody else starts to commit the node.
    virtual void start_foreign_job(const std::string &id, const std::string &active) = 0;

    virtual bool qemu_runs() = 0;
    // QEMU neither reads nor answers any more.
    virtual void freeze_qemu() = 0;
};

using LiveDisksHostFactory = std::function<std::unique_ptr<LiveDisksHost>()>;

// What ports/live_disks.hpp promises, tried through that interface alone.
class LiveDisksContract : public ::testing::TestWithParam<LiveDisksHostFactory> {
  protected:
    void SetUp() override { host_ = GetParam()(); }

    void start(const std::vector<NodeOfImage> &nodes) { host_->start(nodes); }

    // A PV guest with two disks.
    void start_two_disks() { start({{"xvda-qcow2", "a"}, {"xvdb-qcow2", "b"}}); }
    // An HVM guest that has not unplugged its emulated disk.
    void start_two_nodes() { start({{"ide0-hd0", "a"}, {"xvda-qcow2", "a"}}); }

    std::unique_ptr<LiveDisksSession> open() {
        auto session = host_->live_disks().open(host_->domid());
        if (!session)
            throw std::runtime_error(session.error().message);
        return std::move(*session);
    }

    // The tag of this name as the node lists it; an empty one when it lists none.
    static Tag listed(LiveDisksSession &session, const std::string &node, const std::string &name) {
        const auto nodes = session.nodes();
        const BlockNode *found = nodes ? find_node(*nodes, node) : nullptr;
        const Tag *tag = found == nullptr ? nullptr : find_tag(found->tags, name);
        return tag == nullptr ? Tag{} : *tag;
    }

    static bool lists(LiveDisksSession &session, const std::string &node, const std::string &name) {
        return !listed(session, node, name).id.empty();
    }

    std::unique_ptr<LiveDisksHost> host_;
};

#define XLSNAP_EXPECT_FAILURE(expression, expected_code)                                           \
    do {                                                                                           \
        const auto failure = (expression);                                                         \
        ASSERT_FALSE(failure) << "it succeeded";                                                   \
        EXPECT_EQ(failure.error().code, expected_code) << failure.error().message;                 \
        EXPECT_FALSE(failure.error().message.empty());                                             \
    } while (false)

TEST_P(LiveDisksContract, ListsEachNodeWithItsImage) {
    start({{"xvda-qcow2", "a"}, {"xvdb-raw", "b", DiskFormat::Raw, false}});
    const auto nodes = open()->nodes();
    ASSERT_TRUE(nodes) << nodes.error().message;
    ASSERT_EQ(nodes->size(), 2u);
    const BlockNode *first = find_node(*nodes, "xvda-qcow2");
    const BlockNode *second = find_node(*nodes, "xvdb-raw");
    ASSERT_TRUE(first != nullptr && second != nullptr);
    EXPECT_EQ(first->path, host_->path("a"));
    EXPECT_EQ(first->driver, "qcow2");
    EXPECT_TRUE(first->writable);
    EXPECT_TRUE(first->tags.empty());
    EXPECT_EQ(second->path, host_->path("b"));
    EXPECT_EQ(second->driver, "raw");
    EXPECT_FALSE(second->writable);
}

TEST_P(LiveDisksContract, ATagKeepsTheContentOfItsInstant) {
    start({{"xvda-qcow2", "a"}});
    host_->guest_writes("xvda-qcow2", 'B');
    const Status created = open()->take_snapshots({{"xvda-qcow2", "t"}}, {});
    ASSERT_TRUE(created) << created.error().message;
    host_->guest_writes("xvda-qcow2", 'C');
    EXPECT_EQ(host_->content_of_tag("a", "t"), 'B');
    EXPECT_EQ(host_->content("a"), 'C');
}

TEST_P(LiveDisksContract, TagsOfSeveralDisksAreMadeTogether) {
    start_two_disks();
    host_->guest_writes("xvdb-qcow2", 'B');
    const auto session = open();
    const Status created = session->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-qcow2", "u"}}, {});
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_TRUE(lists(*session, "xvda-qcow2", "t"));
    EXPECT_TRUE(lists(*session, "xvdb-qcow2", "u"));
    EXPECT_EQ(host_->content_of_tag("a", "t"), 'A');
    EXPECT_EQ(host_->content_of_tag("b", "u"), 'B');
}

TEST_P(LiveDisksContract, CreatingNothingIsDoneAtOnce) {
    start_two_disks();
    EXPECT_TRUE(open()->take_snapshots({}, {}));
    EXPECT_TRUE(host_->tags("a").empty());
}

TEST_P(LiveDisksContract, NoTagIsMadeWhenOneDisksFormatHasNone) {
    start({{"xvda-qcow2", "a"}, {"xvdb-raw", "b", DiskFormat::Raw}});
    XLSNAP_EXPECT_FAILURE(open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-raw", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
}

TEST_P(LiveDisksContract, NoTagIsMadeWhenOneDiskIsReadOnly) {
    start({{"xvda-qcow2", "a"}, {"xvdb-qcow2", "b", DiskFormat::Qcow2, false}});
    XLSNAP_EXPECT_FAILURE(open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-qcow2", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
    EXPECT_TRUE(host_->tags("b").empty());
}

TEST_P(LiveDisksContract, NoTagIsMadeWhenOneNodeIsMissing) {
    start_two_disks();
    XLSNAP_EXPECT_FAILURE(open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvdc-qcow2", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
}

TEST_P(LiveDisksContract, NoTagIsMadeWhenOneExists) {
    start_two_disks();
    const auto session = open();
    ASSERT_TRUE(session->take_snapshots({{"xvdb-qcow2", "t"}}, {}));
    host_->guest_writes("xvdb-qcow2", 'B');
    XLSNAP_EXPECT_FAILURE(session->take_snapshots({{"xvda-qcow2", "t"}, {"xvdb-qcow2", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
    EXPECT_EQ(host_->content_of_tag("b", "t"), 'A');
}

TEST_P(LiveDisksContract, NoTagIsMadeTwiceAtOnce) {
    start_two_disks();
    XLSNAP_EXPECT_FAILURE(open()->take_snapshots({{"xvda-qcow2", "t"}, {"xvda-qcow2", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
}

TEST_P(LiveDisksContract, DeletesOneTagAndLeavesTheOthers) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
    host_->guest_writes("xvda-qcow2", 'B');
    ASSERT_TRUE(session->take_snapshots({{"xvda-qcow2", "u"}}, {}));
    const Status deleted = session->delete_tag("xvda-qcow2", listed(*session, "xvda-qcow2", "t"));
    ASSERT_TRUE(deleted) << deleted.error().message;
    EXPECT_FALSE(lists(*session, "xvda-qcow2", "t"));
    EXPECT_THAT(host_->tags("a"), ::testing::ElementsAre("u"));
    EXPECT_EQ(host_->content_of_tag("a", "u"), 'B');
}

TEST_P(LiveDisksContract, DeletesNoTagThatDiffersInIdOrName) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
    const Tag tag = listed(*session, "xvda-qcow2", "t");
    for (const Tag &other : {Tag{tag.id, "u"}, Tag{tag.id + "0", "t"}, Tag{"t", tag.id}})
        XLSNAP_EXPECT_FAILURE(session->delete_tag("xvda-qcow2", other), ErrorCode::NotFound);
    EXPECT_THAT(host_->tags("a"), ::testing::ElementsAre("t"));
}

TEST_P(LiveDisksContract, TellsAMissingNodeFromAMissingTag) {
    start({{"xvda-qcow2", "a"}});
    XLSNAP_EXPECT_FAILURE(open()->delete_tag("xvdb-qcow2", {"1", "t"}),
                          ErrorCode::QmpDeviceNotFound);
}

TEST_P(LiveDisksContract, ASecondNodeLearnsOfATagByAnInactivation) {
    start_two_nodes();
    const auto session = open();
    ASSERT_TRUE(session->take_snapshots({{"ide0-hd0", "t"}}, {}));
    ASSERT_TRUE(lists(*session, "ide0-hd0", "t"));
    ASSERT_FALSE(lists(*session, "xvda-qcow2", "t"));
    const Status inactive = session->deactivate_nodes();
    ASSERT_TRUE(inactive) << inactive.error().message;
    const Status active = session->activate_nodes(false);
    ASSERT_TRUE(active) << active.error().message;
    EXPECT_TRUE(lists(*session, "ide0-hd0", "t"));
    EXPECT_TRUE(lists(*session, "xvda-qcow2", "t"));
}

TEST_P(LiveDisksContract, ATagThatBothNodesKnowIsSafeFromWritesThroughEither) {
    start_two_nodes();
    {
        const auto session = open();
        ASSERT_TRUE(session->take_snapshots({{"ide0-hd0", "t"}}, {}));
        ASSERT_TRUE(session->deactivate_nodes());
        ASSERT_TRUE(session->activate_nodes(true));
    }
    host_->guest_writes("xvda-qcow2", 'B');
    EXPECT_EQ(host_->content_of_tag("a", "t"), 'A');
    EXPECT_EQ(host_->content("a"), 'B');
}

TEST_P(LiveDisksContract, AnInactiveNodeTakesNoTag) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->deactivate_nodes());
    XLSNAP_EXPECT_FAILURE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}),
                          ErrorCode::QmpGenericError);
    EXPECT_TRUE(host_->tags("a").empty());
    ASSERT_TRUE(session->activate_nodes(false));
    EXPECT_TRUE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
}

TEST_P(LiveDisksContract, ATagOfAnInactiveNodeCanBeDeleted) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
    ASSERT_TRUE(session->deactivate_nodes());
    const Status deleted = session->delete_tag("xvda-qcow2", listed(*session, "xvda-qcow2", "t"));
    ASSERT_TRUE(deleted) << deleted.error().message;
    EXPECT_TRUE(host_->tags("a").empty());
    EXPECT_FALSE(host_->qemu_runs());
}

TEST_P(LiveDisksContract, InactiveNodesCanBeInactivatedOnceMore) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->deactivate_nodes());
    const Status again = session->deactivate_nodes();
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE(session->activate_nodes(false));
    EXPECT_TRUE(session->take_snapshots({{"xvda-qcow2", "t"}}, {}));
}

TEST_P(LiveDisksContract, AnActivationLeavesQemuAsItIsTold) {
    start({{"xvda-qcow2", "a"}});
    const auto session = open();
    ASSERT_TRUE(session->activate_nodes(true));
    EXPECT_TRUE(host_->qemu_runs());
    ASSERT_TRUE(session->deactivate_nodes());
    EXPECT_FALSE(host_->qemu_runs());
    ASSERT_TRUE(session->activate_nodes(false));
    EXPECT_FALSE(host_->qemu_runs());
}

TEST_P(LiveDisksContract, ASecondSessionMustWaitForTheFirst) {
    start({{"xvda-qcow2", "a"}});
    {
        const auto first = open();
        XLSNAP_EXPECT_FAILURE(host_->impatient_live_disks().open(host_->domid()),
                              ErrorCode::NotReady);
        EXPECT_TRUE(first->nodes());
    }
    EXPECT_TRUE(open()->nodes());
}

TEST_P(LiveDisksContract, AQemuThatDoesNotAnswerIsNotReady) {
    start({{"xvda-qcow2", "a"}});
    host_->freeze_qemu();
    XLSNAP_EXPECT_FAILURE(host_->impatient_live_disks().open(host_->domid()), ErrorCode::NotReady);
}

TEST_P(LiveDisksContract, ADomainWithoutAQemuIsNotReady) {
    start({{"xvda-qcow2", "a"}});
    XLSNAP_EXPECT_FAILURE(host_->live_disks().open(host_->domid() + 1), ErrorCode::NotReady);
}

} // namespace xlsnap::test
