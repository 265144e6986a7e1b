// SPDX-License-Identifier: LGPL-2.1-only
// Deletions that drop what was written since the snapshot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/overlaid_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kBoth = {FakeHost::kDiskA, FakeHost::kDiskB};

// A domain that does not run any more, whose snapshots were made at states of their names.
class DiscardHost : public OverlaidHost {
  public:
    void snapshot(const std::string &name, CreateWish wish) {
        guest_writes(name);
        create(name, std::move(wish));
    }
    Result<PlanLines> remove_now(const std::string &name, const DeletionWish &wish,
                                 bool dry_run = false) {
        return catalogued.remove(subject(), name, wish, dry_run);
    }
    void expect_deleted(const std::string &name, const DeletionWish &wish = {.discard = true}) {
        const auto done = remove_now(name, wish);
        ASSERT_TRUE(done) << done.error().message;
    }
    // What the disks hold when the domain is started again.
    std::string started() {
        Subject configured = subject();
        configured.config_json = config_;
        const auto start = catalogued.start(configured, "", {});
        EXPECT_TRUE(start) << start.error().message;
        return start ? disks_hold() : "nothing";
    }

    // The image of xvda, as the catalog knows it; it knows none when that is the user's own.
    std::string disk_now() {
        const auto &record = catalog.contents[kKey].record;
        return record && !record->active_layers.empty() ? record->active_layers.front().path
                                                        : kDiskA;
    }

  private:
    std::string config_ = g1().domain.config_json; // as an xl.cfg that nobody has changed
};

TEST(Discard, TakesTheDisksBackAndLeavesNothingOfTheSnapshot) {
    for (const CreateWish &wish :
         {CreateWish{}, external_wish(), internal_disks_alone(), external_wish(false)}) {
        DiscardHost host;
        CreateWish both = wish;
        if (both.disk_only && both.disks.size() == 1)
            both.disks.push_back({"xvdb", DiskWishKind::Internal});
        host.snapshot("s1", both);
        host.guest_writes("dropped");
        host.power_off();
        host.expect_deleted("s1");
        EXPECT_THAT(host.names(), IsEmpty());
        EXPECT_EQ(host.files(), kBoth);
        EXPECT_THAT(host.images.at(FakeHost::kDiskA).tag_names(), IsEmpty());
        EXPECT_THAT(host.memory_store.images, IsEmpty());
        EXPECT_THAT(host.kept_images.kept, IsEmpty());
        EXPECT_EQ(host.started(), "s1");
    }
}

TEST(Discard, MakesTheParentCurrentAndLeavesItAsItWas) {
    for (const bool external : {true, false}) {
        DiscardHost host;
        host.snapshot("s1", external ? external_wish() : CreateWish{});
        host.snapshot("s2", external ? external_wish() : CreateWish{});
        host.guest_writes("dropped");
        host.power_off();
        host.expect_deleted("s2");
        EXPECT_THAT(host.names(), ElementsAre("s1"));
        EXPECT_EQ(host.current(), "s1");
        EXPECT_EQ(host.started(), "s2");
        host.revert("s1");
        host.expect_state("s1");
    }
}

TEST(Discard, LosesOtherSnapshotsOnlyByForce) {
    for (const bool external : {true, false}) {
        DiscardHost host;
        host.snapshot("s1", external ? external_wish() : CreateWish{});
        host.snapshot("s2", external ? CreateWish{} : external_wish());
        host.power_off();
        const auto refused = host.remove_now("s1", {.discard = true});
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr("'s2'"));
        EXPECT_THAT(host.names(), ElementsAre("s1", "s2"));
        host.expect_deleted("s1", {.discard = true, .force = true});
        EXPECT_THAT(host.names(), IsEmpty());
        EXPECT_EQ(host.images.read(host.disk_now()), "s1");
    }
}

TEST(Discard, RefusesADomainThatRuns) {
    DiscardHost host;
    host.snapshot("s1", external_wish());
    host.guest_writes("later");
    const auto refused = host.catalogued.remove(host.subject(), "s1", {.discard = true}, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("shut it down"));
    EXPECT_THAT(host.wrong_with("later"), IsEmpty());
    EXPECT_THAT(host.names(), ElementsAre("s1"));
}

TEST(Discard, AsADryRunTellsThatTheDisksGoBackAndChangesNothing) {
    DiscardHost host;
    host.snapshot("s1", {});
    host.guest_writes("later");
    host.power_off();
    const auto told = host.remove_now("s1", {.discard = true}, true);
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(*told,
                AllOf(Contains(HasSubstr("revert")), Contains(HasSubstr("delete snapshot 's1'"))));
    EXPECT_THAT(host.names(), ElementsAre("s1"));
    EXPECT_EQ(host.started(), "later");
}

// Each call fails once: the disks hold the present or what the snapshot holds, and the same
// deletion ends it.
TEST(Discard, SurvivesTheFailureOfEachCall) {
    for (const bool external : {true, false})
        for (std::size_t index = 0;; ++index) {
            DiscardHost host;
            host.snapshot("s1", external ? external_wish() : CreateWish{});
            host.guest_writes("later");
            host.power_off();
            host.fail_call(index);
            host.catalog.before = host.live_disks.before;
            const auto done = host.remove_now("s1", {.discard = true});
            const std::string call = fmt::format("{} {}", index, host.failed_call());
            const bool was_reached = !host.failed_call().empty();
            host.fail_call(SIZE_MAX);
            host.catalog.before = nullptr;
            if (!was_reached) {
                EXPECT_TRUE(done);
                break;
            }
            const bool is_back =
                !done && done.error().message.find("without that") != std::string::npos;
            if (!host.names().empty())
                host.expect_deleted("s1", {.discard = !is_back});
            EXPECT_THAT(host.names(), IsEmpty()) << call;
            EXPECT_EQ(host.started(), "s1") << call;
        }
}

} // namespace

} // namespace xlsnap::test
