// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/layer_facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake_host.hpp"

namespace xlsnap::test {

namespace {

constexpr const char *kTemplate = "/images/template.qcow2";
constexpr const char *kLower = "/images/lower.qcow2";
constexpr const char *kUpper = "/images/upper.qcow2";

// upper stands on lower, and that on a template that is no image of the domain.
struct LayeredHost {
    LayeredHost() {
        host.images.add(kTemplate, "t");
        add(kLower, kTemplate);
        add(kUpper, kLower);
        known.domain.images = {{kLower, DiskFormat::Qcow2, {}},
                               {kUpper, DiskFormat::Qcow2, {}, true}};
    }
    void add(const std::string &path, const std::string &backing) {
        FakeImage &image = host.images.add(path, "");
        image.backing = backing;
        image.backing_format = DiskFormat::Qcow2;
    }
    Result<ImageLayers> gather() {
        return gather_layers(host.ports(), known, {{kUpper, DiskFormat::Qcow2}});
    }

    FakeHost host;
    DomainCatalog known;
};

TEST(LayerFacts, AreThoseOfTheImagesThatTheRecordsName) {
    LayeredHost it;
    it.host.image_users.users[kUpper] = {{1, "qemu", true}};
    const auto layers = it.gather();
    ASSERT_TRUE(layers) << layers.error().message;
    EXPECT_EQ(layers->find(kTemplate), nullptr);
    ASSERT_NE(layers->find(kLower), nullptr);
    EXPECT_FALSE(layers->find(kLower)->in_use);
    EXPECT_FALSE(layers->find(kLower)->ours);
    EXPECT_TRUE(layers->find(kUpper)->in_use);
    EXPECT_TRUE(layers->find(kUpper)->ours);
    EXPECT_TRUE(layers->is_active(kUpper));
    EXPECT_TRUE(layers->is_frozen(kLower));
    EXPECT_FALSE(layers->is_kept(kLower));
}

TEST(LayerFacts, TellOfAnImageThatSomebodyElseHasOnTopOfOneOfThem) {
    LayeredHost it;
    it.add("/images/other.qcow2", kLower);
    EXPECT_TRUE(it.gather()->has_foreign_child(kLower));
    EXPECT_FALSE(it.gather()->has_foreign_child(kUpper));
    it.host.images.at("/images/other.qcow2").backing =
        "json:{\"filename\":\"/images/upper.qcow2\"}";
    EXPECT_TRUE(it.gather()->has_foreign_child(kUpper));
    EXPECT_FALSE(it.gather()->has_foreign_child(kLower));
}

TEST(LayerFacts, LeaveOutAnImageThatIsGone) {
    LayeredHost it;
    it.known.domain.images.push_back({"/images/gone.qcow2", DiskFormat::Qcow2, {}});
    const auto layers = it.gather();
    ASSERT_TRUE(layers) << layers.error().message;
    EXPECT_EQ(layers->find("/images/gone.qcow2"), nullptr);
}

TEST(LayerFacts, AreNotGuessedWhenAnImageCannotBeRead) {
    for (const char *method : {"chain", "backed_images"}) {
        LayeredHost it;
        it.host.image_chains.fail_next(method, {ErrorCode::Fail, "I/O error"});
        EXPECT_FALSE(it.gather()) << method;
    }
    LayeredHost it;
    it.host.image_users.fail_next("of", {ErrorCode::Fail, "no /proc"});
    EXPECT_FALSE(it.gather());
}

} // namespace

} // namespace xlsnap::test
