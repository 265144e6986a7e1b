// SPDX-License-Identifier: LGPL-2.1-only
// What becomes of images when a record cannot be read or an image is not there.
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

// Its file system is not mounted, say. a (s1) <- a.1 (s2) <- a.2 (s3) <- a.3.
struct MissingHost : ExternalHost {
    MissingHost() {
        for (const char *name : {"s1", "s2", "s3"}) {
            snapshot(name);
            write(std::string("after ") + name);
        }
        stop();
    }
    void remove_without(const std::string &path) {
        const std::vector<std::string> before = files();
        const FakeImage away = images.at(path);
        images.remove(path);
        remove("s2");
        images.add(path, "") = away;
        EXPECT_EQ(files(), before);
        EXPECT_THAT(log.infos, Contains(AllOf(HasSubstr(path), HasSubstr("bring it back"))));
    }
};

TEST(MissingImage, OfTheDomainMayStandOnAnyOtherSoThatNoneIsRemoved) {
    MissingHost host;
    host.remove_without("/images/a.3.qcow2");
    EXPECT_THAT(host.wrong("after s3"), IsEmpty());
    host.remove("s1");
    EXPECT_THAT(host.wrong("after s3"), IsEmpty());
    EXPECT_EQ(host.depth(), 2) << "what waited is merged";
}

TEST(MissingImage, OfASnapshotMayStandOnAnyOtherSoThatNoneIsRemoved) {
    MissingHost host;
    host.go_back("s1");
    host.images.remove("/images/a.3.qcow2"); // the branch that was left
    std::erase_if(host.domain().images,
                  [](const DomainImage &image) { return image.path == "/images/a.3.qcow2"; });
    host.remove_without("/images/a.2.qcow2");
    EXPECT_THAT(host.wrong(FakeHost::kAtCreate), IsEmpty());
    host.remove("s1");
    EXPECT_THAT(host.wrong(FakeHost::kAtCreate), IsEmpty());
}

// a (s1), which is long, <- a.1, which the guest has written little to: that goes down.
struct UnknownFileHost : ExternalHost {
    static constexpr const char *kOverlay = "/images/a.1.qcow2";
    static constexpr const char *kCopy = "/images/copy.qcow2";

    UnknownFileHost() {
        write("what is longer than the rest");
        snapshot("s1");
        write("now");
    }
    // Of a tag, for a branch that was left; nothing tells which file it is.
    void list_copy() {
        images.add(kCopy, "copy");
        domain().images.push_back({kCopy, DiskFormat::Qcow2, {}, true});
    }
    void remove_all() {
        remove("s1");
        EXPECT_THAT(wrong("now"), IsEmpty());
        EXPECT_EQ(active(), kDiskA);
    }
};

TEST(UnknownFile, IsTheOneOfBeforeABootThatGaveDevicesOtherNumbers) {
    for (const bool runs : {true, false}) {
        UnknownFileHost host;
        host.images.renumber_devices();
        if (!runs)
            host.stop();
        host.remove_all();
        EXPECT_THAT(host.files(), ElementsAre(FakeHost::kDiskA));
        EXPECT_THAT(host.log.warnings, IsEmpty());
    }
}

TEST(UnknownFile, ThatStandsOnAnImageOfTheDomainIsTheOverlayThatWasMade) {
    for (const bool runs : {true, false}) {
        UnknownFileHost host;
        for (DomainImage &image : host.domain().images)
            image.mark = {};
        if (!runs)
            host.stop();
        host.remove_all();
        EXPECT_THAT(host.files(), ElementsAre(FakeHost::kDiskA));
        EXPECT_THAT(host.log.warnings, IsEmpty());
    }
}

TEST(UnknownFile, IsLeftToTheUserAndKeepsNoOtherFromBeingMerged) {
    UnknownFileHost host;
    host.list_copy();
    host.remove_all();
    EXPECT_THAT(host.files(), ElementsAre(FakeHost::kDiskA, UnknownFileHost::kCopy));
    EXPECT_THAT(host.log.warnings,
                ElementsAre(AllOf(HasSubstr(UnknownFileHost::kCopy), HasSubstr("remove it"))));
}

TEST(UnknownFile, InThePlaceOfAnOverlayIsLeftToTheUserAndKeepsNoOtherFromBeingMerged) {
    UnknownFileHost host;
    host.list_copy();
    host.domain().images.back().mark = mark(UnknownFileHost::kCopy, FakeImage());
    host.images.replace(UnknownFileHost::kCopy);
    host.remove_all();
    EXPECT_THAT(host.files(), ElementsAre(FakeHost::kDiskA, UnknownFileHost::kCopy));
    EXPECT_THAT(host.log.warnings, ElementsAre(HasSubstr("another file")));
}

} // namespace

} // namespace xlsnap::test
