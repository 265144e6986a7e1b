// SPDX-License-Identifier: LGPL-2.1-only
// What becomes of the images of a snapshot whose record nobody can read.
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

constexpr const char *kOfBroken = "/images/a.1.qcow2";

// kDiskA (a) <- a.1 (b) <- a.2 (c) <- a.3; the record of b is broken.
struct BrokenHost : ExternalHost {
    BrokenHost() {
        write("1");
        for (const char *name : {"a", "b", "c"}) {
            snapshot(name);
            write(std::string("after ") + name);
        }
        kept_ = record("b");
        contents().snapshots.erase("b");
        contents().broken = {"b"};
    }
    FakeCatalog::Domain &contents() { return catalog.contents[kKey]; }
    void rebuild() {
        contents().broken.clear();
        contents().snapshots["b"] = kept_;
    }

  private:
    SnapshotRecord kept_;
};

TEST(BrokenRecord, MayNeedAnyImageSoThatNoneIsMerged) {
    for (const bool runs : {true, false}) {
        BrokenHost host;
        if (!runs)
            host.stop();
        host.remove("a");
        host.remove("c");
        EXPECT_EQ(host.depth(), 4);
        EXPECT_THAT(host.kept_images.kept, Contains(kOfBroken));
        EXPECT_THAT(host.log.infos, Contains(AllOf(HasSubstr("'b'"), HasSubstr("rebuild"))));
        host.rebuild();
        EXPECT_THAT(host.wrong("after c"), IsEmpty());
        host.remove("b");
        EXPECT_THAT(host.wrong("after c"), IsEmpty());
        EXPECT_EQ(host.depth(), 1) << "what waited is merged";
    }
}

TEST(BrokenRecord, MayNeedAnImageThatNothingStandsOn) {
    BrokenHost host;
    host.stop();
    host.go_back("a");
    host.write("back");
    host.remove("c");
    host.images.remove("/images/a.3.qcow2");
    host.images.remove("/images/a.2.qcow2");
    host.snapshot("d");
    host.remove("d");
    EXPECT_THAT(host.kept_images.kept, Contains(kOfBroken));
    host.rebuild();
    EXPECT_THAT(host.wrong("back"), IsEmpty());
}

TEST(BrokenRecord, ThatIsDeletedLeavesItsImageAsItIs) {
    for (const bool runs : {true, false}) {
        BrokenHost host;
        if (!runs)
            host.stop();
        host.remove("b", {.metadata_only = true});
        EXPECT_THAT(host.names(), ElementsAre("a", "c"));
        EXPECT_TRUE(find_image(host.domain(), kOfBroken)->pinned);
        EXPECT_FALSE(find_image(host.domain(), FakeHost::kDiskA)->pinned);
        EXPECT_FALSE(find_image(host.domain(), host.active())->pinned);
        host.remove("c");
        host.remove("a");
        EXPECT_EQ(host.images.read(kOfBroken), "after a");
        EXPECT_THAT(host.kept_images.kept, ElementsAre(kOfBroken));
        EXPECT_EQ(host.depth(), 2) << "the others are merged";
        EXPECT_THAT(host.wrong("after c"), IsEmpty());
    }
}

TEST(BrokenRecord, ThatIsDeletedLeavesAnImageToTheUserThatNothingStandsOn) {
    BrokenHost host;
    host.stop();
    host.go_back("a");
    host.images.remove("/images/a.3.qcow2");
    host.images.remove("/images/a.2.qcow2");
    host.contents().snapshots.erase("c");
    host.remove("b", {.metadata_only = true});
    EXPECT_EQ(host.images.read(kOfBroken), "after a");
    EXPECT_EQ(find_image(host.domain(), kOfBroken), nullptr);
    EXPECT_THAT(host.kept_images.kept, Not(Contains(kOfBroken)));
}

TEST(BrokenRecord, IsDeletedThoughThatOfItsDomainIsBrokenToo) {
    BrokenHost host;
    host.contents().record_is_broken = true;
    const auto removed =
        host.catalogued.remove(host.subject(), "b", {.metadata_only = true}, false);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_TRUE(host.contents().record_is_broken) << "a rebuild has more to write than this";
}

} // namespace

} // namespace xlsnap::test
