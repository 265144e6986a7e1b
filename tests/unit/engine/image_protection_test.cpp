// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/image_protection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"
#include "support/fake_catalog.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char *kUuid = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01";
constexpr const char *kBase = "/images/base.raw";
constexpr const char *kMiddle = "/images/middle.qcow2";
constexpr const char *kTop = "/images/top.qcow2";

ImageLayer layer(const std::string &path, const std::string &backing) {
    ImageLayer made;
    made.path = path;
    made.backing = backing;
    return made;
}

// top (which the domain writes to) stands on middle, and that on base.
struct ProtectedHost {
    ProtectedHost() : lock(*catalog.lock(kUuid)) {
        domain.uuid = kUuid;
        for (const char *path : {kBase, kMiddle, kTop})
            domain.images.push_back({path, DiskFormat::Qcow2, {}});
    }

    [[nodiscard]] static ImageLayers all() {
        return {{layer(kTop, kMiddle), layer(kMiddle, kBase), layer(kBase, "")},
                {{LayerUseKind::Active, kTop}}};
    }
    // The middle has been merged.
    [[nodiscard]] static ImageLayers two() {
        return {{layer(kTop, kBase), layer(kBase, "")}, {{LayerUseKind::Active, kTop}}};
    }

    Status settle(const ImageLayers &layers) {
        return ImageProtection(host.ports(), catalog).settle(domain, layers);
    }
    Status release(const std::string &path) {
        return ImageProtection(host.ports(), catalog).release(domain, path);
    }
    [[nodiscard]] std::vector<std::string> recorded() {
        EXPECT_EQ(catalog.contents[kUuid].record.value_or(domain), domain);
        std::vector<std::string> paths;
        for (const DomainImage &image : domain.images)
            if (image.kept)
                paths.push_back(image.path);
        return paths;
    }

    FakeHost host;
    FakeCatalog catalog;
    std::unique_ptr<CatalogLock> lock;
    DomainRecord domain;
};

TEST(ImageProtection, MakesImmutableWhatOthersStandOn) {
    ProtectedHost it;
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, UnorderedElementsAre(kBase, kMiddle));
    EXPECT_THAT(it.recorded(), ElementsAre(kBase, kMiddle));
    EXPECT_THAT(it.host.log.warnings, IsEmpty());
}

TEST(ImageProtection, LeavesAloneWhatTheDomainWritesThoughASnapshotIsThat) {
    ProtectedHost it;
    const ImageLayers layers({layer(kTop, "")},
                             {{LayerUseKind::Active, kTop}, {LayerUseKind::Kept, kTop}});
    ASSERT_TRUE(it.settle(layers));
    EXPECT_THAT(it.host.kept_images.kept, IsEmpty());
    EXPECT_THAT(it.recorded(), IsEmpty());
}

TEST(ImageProtection, RecordsItsIntentBeforeTheImageIsTouched) {
    ProtectedHost it;
    it.host.kept_images.before = [&](const std::string &method) -> Status {
        if (method == "keep") {
            EXPECT_TRUE(it.catalog.contents[kUuid].record.has_value());
            EXPECT_TRUE(it.catalog.contents[kUuid].record->images[0].kept);
            EXPECT_TRUE(it.catalog.contents[kUuid].record->images[1].kept);
        }
        return {};
    };
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.calls, Contains(HasSubstr("keep")));
}

TEST(ImageProtection, TouchesNothingWhenTheIntentCannotBeRecorded) {
    ProtectedHost it;
    it.catalog.fail_next("write_domain", {ErrorCode::Fail, "No space left on device"});
    EXPECT_FALSE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, IsEmpty());
    EXPECT_THAT(it.recorded(), IsEmpty());
}

TEST(ImageProtection, ReleasesWhatMayBeWrittenAgain) {
    ProtectedHost it;
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    const ImageLayers left({layer(kBase, "")}, {{LayerUseKind::Active, kBase}});
    ASSERT_TRUE(it.settle(left));
    EXPECT_THAT(it.host.kept_images.kept, UnorderedElementsAre(kMiddle)) << "nobody found it";
    EXPECT_THAT(it.recorded(), ElementsAre(kMiddle));
}

TEST(ImageProtection, LeavesAsItIsWhatSomebodyElseHasMadeImmutable) {
    ProtectedHost it;
    it.host.kept_images.kept = {kBase};
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.recorded(), ElementsAre(kMiddle));
    const ImageLayers free({layer(kBase, ""), layer(kMiddle, "")}, {});
    ASSERT_TRUE(it.settle(free));
    ASSERT_TRUE(it.release(kBase));
    EXPECT_THAT(it.host.kept_images.kept, ElementsAre(kBase));
}

TEST(ImageProtection, EndsWhatACrashHasInterrupted) {
    ProtectedHost it;
    it.domain.images[0].kept = true; // recorded, and not done
    it.domain.images[1].kept = true; // recorded, and done
    it.host.kept_images.kept = {kMiddle};
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, UnorderedElementsAre(kBase, kMiddle));
    EXPECT_THAT(it.recorded(), ElementsAre(kBase, kMiddle));
}

TEST(ImageProtection, WarnsWhereItCannotBeHad) {
    ProtectedHost it;
    it.host.kept_images.unsupported = {kBase};
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, ElementsAre(kMiddle));
    EXPECT_THAT(it.recorded(), ElementsAre(kMiddle));
    EXPECT_THAT(it.host.log.warnings, ElementsAre(AllOf(HasSubstr(kBase), HasSubstr("old xl.cfg"),
                                                        HasSubstr("xlsnap config --rewrite"))));
}

TEST(ImageProtection, TakesBackAnIntentThatCannotBeCarriedOut) {
    ProtectedHost it;
    it.host.kept_images.fail_next("keep", {ErrorCode::NotImplemented, "no such flag"});
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.recorded(), ElementsAre(kMiddle));
    EXPECT_THAT(it.host.log.warnings, ElementsAre(HasSubstr(kBase)));
}

TEST(ImageProtection, DoesNotStopTheWritesOfWhoHasTheImageOpen) {
    ProtectedHost it;
    it.host.image_users.users[kMiddle] = {{4711, "qemu-nbd", true}};
    it.host.image_users.users[kBase] = {{4712, "qemu-system-i386", false}};
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, ElementsAre(kBase));
    EXPECT_THAT(it.recorded(), ElementsAre(kBase));
    EXPECT_THAT(it.host.log.warnings, ElementsAre(AllOf(HasSubstr(kMiddle), HasSubstr("4711"))));
}

TEST(ImageProtection, ReleasesOnlyWhatItHasKept) {
    ProtectedHost it;
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    ASSERT_TRUE(it.release(kMiddle));
    EXPECT_THAT(it.host.kept_images.kept, ElementsAre(kBase));
    EXPECT_THAT(it.recorded(), ElementsAre(kBase));
    ASSERT_TRUE(it.release("/images/unknown"));
    EXPECT_THAT(it.host.kept_images.kept, ElementsAre(kBase));
}

TEST(ImageProtection, ForgetsAnImageThatIsGone) {
    ProtectedHost it;
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    it.host.kept_images.missing = {kMiddle};
    ASSERT_TRUE(it.release(kMiddle));
    EXPECT_THAT(it.recorded(), ElementsAre(kBase));
}

TEST(ImageProtection, OfOtherImagesDoesNotSufferFromAFailure) {
    ProtectedHost it;
    for (const char *method : {"is_kept", "keep"}) {
        it.host.kept_images.fail_next(method, {ErrorCode::Fail, "busy"});
        const Status settled = it.settle(ProtectedHost::all());
        ASSERT_FALSE(settled);
        EXPECT_THAT(settled.error().message, HasSubstr(kBase));
        EXPECT_THAT(it.host.kept_images.kept, Contains(kMiddle));
    }
    ASSERT_TRUE(it.settle(ProtectedHost::all()));
    EXPECT_THAT(it.host.kept_images.kept, UnorderedElementsAre(kBase, kMiddle));
}

// Each call of either operation fails once: an image of ours is never immutable without a record
// of that, and what was begun can be repeated.
TEST(ImageProtection, LeavesNoImageImmutableWithoutARecordOfIt) {
    for (std::size_t index = 0;; ++index) {
        ProtectedHost it;
        ASSERT_TRUE(it.settle(ProtectedHost::all()));
        std::size_t calls = 0;
        const auto hook = [&](const std::string &) -> Status {
            return calls++ == index ? Status(fail(ErrorCode::Fail, "injected")) : Status();
        };
        it.host.kept_images.before = it.host.image_users.before = it.catalog.before = hook;
        const auto change = [&]() -> Status {
            const Status first = it.settle(ProtectedHost::two()); // middle is not found
            const Status second = it.release(kBase);
            const Status third = it.settle(ProtectedHost::all());
            return first && second ? third : fail(ErrorCode::Fail, "one of them failed");
        };
        const bool done = change().has_value();
        const std::vector<std::string> recorded = it.recorded();
        for (const std::string &path : it.host.kept_images.kept)
            EXPECT_THAT(recorded, Contains(path)) << "call " << index;
        if (done)
            break;
        ASSERT_TRUE(it.settle(ProtectedHost::all())) << "call " << index;
        EXPECT_THAT(it.recorded(), ElementsAre(kBase, kMiddle)) << "call " << index;
        EXPECT_THAT(it.host.kept_images.kept, UnorderedElementsAre(kBase, kMiddle));
    }
}

} // namespace

} // namespace xlsnap::test
