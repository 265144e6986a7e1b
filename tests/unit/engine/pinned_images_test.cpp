// SPDX-License-Identifier: LGPL-2.1-only
// What becomes of the images of snapshots whose records alone are deleted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/external_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *kA = FakeHost::kDiskA;
constexpr const char *kFirst = "/images/a.1.qcow2"; // the first overlay
constexpr const char *kManyBytes = "a content of more bytes than any other has in this file";
const DeletionWish kRecordAlone{.metadata_only = true};

// kA (a) <- kFirst (b) <- a.2, which the guest writes to.
struct PinnedHost : ExternalHost {
    explicit PinnedHost(const std::string &at_a = "1") {
        write(at_a);
        snapshot("a");
        write("22");
        snapshot("b");
        write("333");
    }

    // Of g1 down, with an xl.cfg that nobody has changed.
    Subject configured() {
        Subject known = subject();
        known.config_json = config_;
        return known;
    }

    bool is_pinned(const std::string &path) {
        const DomainImage *image = find_image(domain(), path);
        return image != nullptr && image->pinned;
    }
    // It is what it was, nobody can write to it, and nobody will merge it.
    void expect_to_stay(const std::string &path, const std::string &content) {
        EXPECT_TRUE(is_pinned(path)) << path;
        EXPECT_EQ(images.read(path), content);
        EXPECT_THAT(kept_images.kept, Contains(path));
    }
    // It is the user's own.
    void expect_left(const std::string &path, const std::string &content) {
        EXPECT_EQ(find_image(domain(), path), nullptr) << path;
        EXPECT_EQ(images.read(path), content);
        EXPECT_THAT(kept_images.kept, Not(Contains(path)));
        EXPECT_THAT(log.warnings, Contains(HasSubstr(path)));
    }

  private:
    std::string config_ = g1().domain.config_json;
};

TEST(PinnedImage, StaysBelowTheDomainsDisk) {
    PinnedHost host;
    host.remove("b", kRecordAlone);
    EXPECT_THAT(host.names(), ElementsAre("a"));
    host.expect_to_stay(kFirst, "22");
    EXPECT_THAT(host.log.infos, Contains(AllOf(HasSubstr(kFirst), HasSubstr("stays as it is"))));
    EXPECT_THAT(host.wrong("333"), IsEmpty());
}

TEST(PinnedImage, StaysBelowAnotherSnapshotsImage) {
    PinnedHost host;
    host.remove("a", kRecordAlone);
    EXPECT_THAT(host.names(), ElementsAre("b"));
    host.expect_to_stay(kA, "1");
    EXPECT_FALSE(host.is_pinned(kFirst)) << "it is what b holds";
    EXPECT_THAT(host.wrong("333"), IsEmpty());
}

TEST(PinnedImage, StaysBelowAnImageOfSomebodyElse) {
    PinnedHost host;
    host.stop();
    host.go_back("a");
    host.images.at("/images/a.2.qcow2").backing = kFirst;
    forget_image("/images/a.2.qcow2", host.domain());
    host.remove("b", kRecordAlone);
    host.expect_to_stay(kFirst, "22");
}

TEST(PinnedImage, StaysWithoutSnapshotsAndWithoutTheFlag) {
    PinnedHost host;
    host.kept_images.unsupported = {kA, kFirst};
    host.remove("a", {.children = true, .metadata_only = true});
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_TRUE(host.is_pinned(kA) && host.is_pinned(kFirst));
    EXPECT_THAT(host.catalog.calls, Not(Contains(HasSubstr("forget"))));
    EXPECT_THAT(host.log.warnings,
                Contains(AllOf(HasSubstr(kA), HasSubstr("cannot be made immutable"))));
    host.snapshot("c");
    host.remove("c");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_EQ(host.images.read(kA), "1");
    EXPECT_EQ(host.images.read(kFirst), "22");
}

// It was made by xlsnap, which removes nothing here all the same.
TEST(PinnedImage, ThatNothingStandsOnIsTheUsersAtOnce) {
    PinnedHost host;
    host.stop();
    host.go_back("a");
    host.write("4444");
    host.images.remove("/images/a.2.qcow2");
    host.remove("b", kRecordAlone);
    host.expect_left(kFirst, "22");
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
    host.remove("a");
    EXPECT_EQ(host.images.read(kFirst), "22") << "what it stands on stays";
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
}

TEST(PinnedImage, ThatIsNotThereAnyMoreIsListedNoMore) {
    PinnedHost host;
    host.stop();
    host.go_back("a");
    host.images.remove("/images/a.2.qcow2");
    host.images.remove(kFirst);
    host.kept_images.missing = {kFirst};
    host.remove("b", kRecordAlone);
    EXPECT_EQ(find_image(host.domain(), kFirst), nullptr);
}

TEST(PinnedImage, IsNotMergedWhenASnapshotAboveItIsDeleted) {
    for (const bool merge : {false, true})
        for (const bool runs : {true, false})
            for (const char *at_a : {"1", kManyBytes}) {
                PinnedHost host(at_a);
                host.remove("a", kRecordAlone);
                if (!runs)
                    host.stop();
                host.remove("b", {.merge = merge});
                EXPECT_THAT(host.wrong("333"), IsEmpty()) << runs;
                EXPECT_EQ(host.depth(), 2) << runs;
                host.expect_to_stay(kA, at_a);
            }
}

TEST(PinnedImage, KeepsItsNameWhenASnapshotBelowItIsDeleted) {
    for (const bool runs : {true, false})
        for (const char *at_a : {"1", kManyBytes}) {
            PinnedHost host(at_a);
            host.remove("b", kRecordAlone);
            if (!runs)
                host.stop();
            host.remove("a");
            EXPECT_THAT(host.wrong("333"), IsEmpty()) << runs;
            EXPECT_EQ(host.images.at(kFirst).backing, "") << runs;
            host.expect_to_stay(kFirst, "22");
        }
}

TEST(PinnedImage, StaysWhenTheChangesSinceASnapshotAboveItAreDropped) {
    PinnedHost host;
    host.remove("a", kRecordAlone);
    host.stop();
    const DeletionWish wish{.discard = true};
    ASSERT_TRUE(host.catalogued.remove(host.configured(), "b", wish, false));
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    host.expect_to_stay(kA, "1");
}

TEST(PinnedImage, IsLeftWhenTheDomainGoesBackBelowIt) {
    PinnedHost host;
    host.remove("b", kRecordAlone);
    host.stop();
    ASSERT_TRUE(host.catalogued.revert(host.configured(), "a", {}));
    EXPECT_EQ(host.images.find("/images/a.2.qcow2"), nullptr);
    host.expect_left(kFirst, "22");
    EXPECT_THAT(host.wrong("1"), IsEmpty());
}

// A crash between the two.
TEST(PinnedImage, IsItsSnapshotsWhoseRecordDidNotGo) {
    PinnedHost host;
    host.catalog.fail_next("remove", {ErrorCode::Fail, "the host died"});
    EXPECT_FALSE(host.catalogued.remove(host.subject(), "b", kRecordAlone, false));
    EXPECT_TRUE(host.is_pinned(kFirst));
    host.snapshot("c");
    host.remove("c");
    EXPECT_FALSE(host.is_pinned(kFirst));
    EXPECT_THAT(host.wrong("333"), IsEmpty());
}

// Each call fails once: nothing is lost, and what was not ended the next deletion ends.
TEST(PinnedImage, SurvivesWhateverFailsWhileItsRecordGoes) {
    for (std::size_t index = 0;; ++index) {
        PinnedHost host;
        host.fail_call(index);
        host.catalog.before = host.live_disks.before;
        const auto removed = host.catalogued.remove(host.subject(), "a", kRecordAlone, false);
        const std::string call = fmt::format("call {} {}", index, host.failed_call());
        const bool was_reached = !host.failed_call().empty();
        host.fail_call(static_cast<std::size_t>(-1));
        host.catalog.before = nullptr;
        EXPECT_THAT(host.wrong("333"), IsEmpty()) << call;
        if (!was_reached) {
            EXPECT_TRUE(removed);
            break;
        }
        if (host.catalog.contents[CataloguedHost::kKey].snapshots.contains("a"))
            host.remove("a", kRecordAlone);
        host.remove("b");
        host.expect_to_stay(kA, "1");
        EXPECT_THAT(host.wrong("333"), IsEmpty()) << call;
    }
}

} // namespace

} // namespace xlsnap::test
