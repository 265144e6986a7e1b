// SPDX-License-Identifier: LGPL-2.1-only
#include <map>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/image_layers.hpp"
#include "core/layer_tidy.hpp"

namespace xlsnap {

namespace {

using layer_step::Commit;
using layer_step::RemoveImage;
using layer_step::RemoveTag;
using layer_step::Stream;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Kind = LayerUseKind;

ImageLayer layer(const std::string &path, const std::string &backing, std::uint64_t bytes = 100) {
    ImageLayer made;
    made.path = path;
    made.format = DiskFormat::Qcow2;
    made.backing = backing;
    made.virtual_bytes = 1000;
    made.allocated_bytes = bytes;
    made.ours = true;
    return made;
}

ImageLayer with_tag(ImageLayer made, const std::string &tag) {
    made.tags.push_back(tag);
    return made;
}

Tidying merges(std::vector<ImageLayer> layers, std::vector<LayerUse> uses) {
    return tidy(ImageLayers(std::move(layers), std::move(uses)), TidyDepth::Merges);
}

TEST(Tidy, LeavesWhatIsNeeded) {
    const Tidying tidying =
        merges({layer("base", ""), layer("kept", "base"), layer("active", "kept")},
               {{Kind::Active, "active"}, {Kind::Kept, "base"}, {Kind::Kept, "kept"}});
    EXPECT_THAT(tidying.steps, IsEmpty());
    EXPECT_THAT(tidying.nameless, IsEmpty());
}

TEST(Tidy, RemovesABranchThatNobodyNeedsFromItsEnd) {
    const Tidying tidying = merges(
        {layer("base", ""), layer("old", "base"), layer("older", "old"), layer("active", "base")},
        {{Kind::Active, "active"}, {Kind::Kept, "base"}});
    EXPECT_THAT(tidying.steps,
                ElementsAre(LayerStep(RemoveImage{"older"}), LayerStep(RemoveImage{"old"})));
}

// QEMU would die of it.
TEST(Tidy, StreamsIntoNoImageOfPartsOfClustersThatIsInUse) {
    ImageLayer active = layer("active", "base", 1000);
    active.extended_l2 = true;
    EXPECT_THAT(merges({layer("base", "", 10), active}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Stream{"active", "base", 10})));
    active.in_use = true;
    EXPECT_THAT(merges({layer("base", "", 10), active}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Commit{"active", "base", 1000})));
}

// Its job would show the guest what lies in the base behind the end of the middle one.
TEST(Tidy, StreamsNoImageThatHidesTheEndOfALongerOneWhileItIsInUse) {
    for (const auto &[base_bytes, streams] : {std::pair{90U, false}, {50U, true}}) {
        ImageLayer base = layer("base", "", 1000);
        ImageLayer middle = layer("middle", "base", 10);
        ImageLayer active = layer("active", "middle", 1000);
        base.virtual_bytes = base_bytes;
        middle.virtual_bytes = 50;
        active.virtual_bytes = 100;
        active.in_use = true;
        const Tidying tidying =
            merges({base, middle, active}, {{Kind::Active, "active"}, {Kind::Kept, "base"}});
        EXPECT_THAT(tidying.steps,
                    ElementsAre(streams ? LayerStep(Stream{"active", "middle", 10})
                                        : LayerStep(Commit{"active", "middle", 1000})));
    }
}

TEST(Tidy, LeavesNoDeadTagInAnImageThatXlsnapDidNotMake) {
    ImageLayer left = layer("left", "");
    left.ours = false;
    left.dead_tags = {"t"};
    EXPECT_THAT(
        merges({left, layer("active", "")}, {{Kind::Active, "active"}}).steps,
        ElementsAre(LayerStep(RemoveTag{"left", "t"}), LayerStep(RemoveImage{"left", false})));
}

TEST(Tidy, OfLeavesMovesNoData) {
    const ImageLayers layers({layer("base", ""), layer("active", "base"), layer("old", "base")},
                             {{Kind::Active, "active"}});
    const Tidying tidying = tidy(layers, TidyDepth::Leaves);
    EXPECT_THAT(tidying.steps, ElementsAre(LayerStep(RemoveImage{"old"})));
    EXPECT_THAT(tidying.nameless, ElementsAre("base"));
}

TEST(Tidy, MovesTheSmallerSide) {
    EXPECT_THAT(
        merges({layer("base", "", 1000), layer("active", "base", 10)}, {{Kind::Active, "active"}})
            .steps,
        ElementsAre(LayerStep(Commit{"active", "base", 10})));
    EXPECT_THAT(
        merges({layer("base", "", 10), layer("active", "base", 1000)}, {{Kind::Active, "active"}})
            .steps,
        ElementsAre(LayerStep(Stream{"active", "base", 10})));
}

TEST(Tidy, KeepsAnImageThatSeveralStandOn) {
    const Tidying tidying =
        merges({layer("base", ""), layer("one", "base"), layer("active", "base")},
               {{Kind::Active, "active"}, {Kind::Kept, "one"}});
    EXPECT_THAT(tidying.steps, IsEmpty());
    EXPECT_THAT(tidying.nameless, ElementsAre("base"));
}

TEST(Tidy, ChangesNothingBelowAnImageThatHoldsTags) {
    const Tidying tidying = merges({layer("base", ""), with_tag(layer("active", "base"), "t")},
                                   {{Kind::Active, "active"}});
    EXPECT_THAT(tidying.steps, IsEmpty());
    EXPECT_THAT(tidying.nameless, ElementsAre("base"));
}

TEST(Tidy, MovesNoImageUnderOneThatHoldsTags) {
    const Tidying tidying = merges({layer("base", "", 1000), layer("middle", "base", 10),
                                    with_tag(layer("active", "middle"), "t")},
                                   {{Kind::Active, "active"}, {Kind::Kept, "middle"}});
    EXPECT_THAT(tidying.steps, ElementsAre(LayerStep(Stream{"middle", "base", 1000})))
        << "the image that stands on it keeps its backing file";
}

TEST(Tidy, BringsDataDownIntoAnImageThatHoldsTags) {
    const Tidying tidying = merges({with_tag(layer("base", "", 10), "t"), layer("active", "base")},
                                   {{Kind::Active, "active"}});
    EXPECT_THAT(tidying.steps, ElementsAre(LayerStep(Commit{"active", "base", 100})));
}

TEST(Tidy, KeepsAnImageForItsTags) {
    EXPECT_THAT(
        merges({layer("base", ""), with_tag(layer("old", "base"), "t"), layer("active", "base")},
               {{Kind::Active, "active"}, {Kind::Kept, "base"}})
            .steps,
        IsEmpty());
}

TEST(Tidy, KeepsWhatAForeignImageStandsOn) {
    EXPECT_THAT(merges({layer("base", ""), layer("old", "base"), layer("active", "base")},
                       {{Kind::Active, "active"}, {Kind::Foreign, "old"}, {Kind::Kept, "base"}})
                    .steps,
                IsEmpty());
    EXPECT_THAT(merges({layer("base", "", 1000), layer("middle", "base", 10)},
                       {{Kind::Active, "middle"}, {Kind::Foreign, "middle"}})
                    .steps,
                ElementsAre(LayerStep(Stream{"middle", "base", 1000})));
}

ImageLayer pinned_layer(const std::string &path, const std::string &backing,
                        std::uint64_t bytes = 100) {
    ImageLayer made = layer(path, backing, bytes);
    made.pinned = true;
    made.ours = false;
    return made;
}

TEST(Tidy, MergesNoPinnedImageWhicheverWayIsLess) {
    for (const std::uint64_t bytes : {1U, 1000U}) {
        const Tidying lowest = merges({pinned_layer("base", "", bytes), layer("active", "base")},
                                      {{Kind::Active, "active"}});
        EXPECT_THAT(lowest.steps, IsEmpty());
        EXPECT_THAT(lowest.nameless, IsEmpty());
        EXPECT_THAT(merges({layer("base", "", 50), pinned_layer("middle", "base", bytes),
                            layer("active", "middle")},
                           {{Kind::Active, "active"}})
                        .steps,
                    ElementsAre(LayerStep(Stream{"middle", "base", 50})))
            << "what is pinned keeps its name";
    }
}

TEST(Tidy, LeavesAPinnedImageThatNothingStandsOnAnyMore) {
    EXPECT_THAT(
        merges({pinned_layer("pinned", ""), layer("old", "pinned"), layer("active", "")},
               {{Kind::Active, "active"}})
            .steps,
        ElementsAre(LayerStep(RemoveImage{"old"}), LayerStep(RemoveImage{"pinned", false})));
}

TEST(Tidy, KeepsWhatAnImageThatItLeavesStandsOn) {
    EXPECT_THAT(merges({layer("base", ""), pinned_layer("pinned", "base"), layer("active", "base")},
                       {{Kind::Active, "active"}})
                    .steps,
                ElementsAre(LayerStep(RemoveImage{"pinned", false})));
}

TEST(Tidy, LeavesAnImageWhereItIsThatIsNotOurs) {
    ImageLayer base = layer("base", "", 10);
    base.ours = false;
    const Tidying tidying = merges({base, layer("active", "")}, {{Kind::Active, "active"}});
    EXPECT_THAT(tidying.steps, ElementsAre(LayerStep(RemoveImage{"base", false})));
}

TEST(Tidy, KeepsTheSizeOfADisk) {
    ImageLayer device = layer("/dev/vg/g1", "", 1000);
    device.fixed_size = true;
    ImageLayer grown = layer("active", "/dev/vg/g1", 10);
    EXPECT_THAT(merges({device, grown}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Commit{"active", "/dev/vg/g1", 10})));
    grown.virtual_bytes = 2000;
    EXPECT_THAT(merges({device, grown}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Stream{"active", "/dev/vg/g1", 1000})));
    device.fixed_size = false;
    EXPECT_THAT(merges({device, grown}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Commit{"active", "/dev/vg/g1", 10})));
    grown.virtual_bytes = 500;
    EXPECT_THAT(merges({device, grown}, {{Kind::Active, "active"}}).steps,
                ElementsAre(LayerStep(Stream{"active", "/dev/vg/g1", 1000})));
}

TEST(Tidy, RemovesDeadTagsWhereNoQemuHasThemBelow) {
    ImageLayer base = layer("base", "");
    base.dead_tags = {"d"};
    ImageLayer active = layer("active", "base");
    active.dead_tags = {"e"};
    base.in_use = active.in_use = true;
    const std::vector<LayerUse> uses = {{Kind::Active, "active"}, {Kind::Kept, "base"}};
    const Tidying running = merges({base, active}, uses);
    EXPECT_THAT(running.steps, ElementsAre(LayerStep(RemoveTag{"active", "e"})));
    EXPECT_THAT(running.dead_tags, ElementsAre(Pair("base", "d")));
    base.in_use = active.in_use = false;
    const Tidying at_rest = merges({base, active}, uses);
    EXPECT_THAT(at_rest.steps, ElementsAre(LayerStep(RemoveTag{"base", "d"}),
                                           LayerStep(RemoveTag{"active", "e"})));
    EXPECT_THAT(at_rest.dead_tags, IsEmpty());
}

TEST(Tidy, LetsDeadTagsGoWithTheirImage) {
    ImageLayer old = layer("old", "base");
    old.dead_tags = {"d"};
    const Tidying tidying = merges({layer("base", ""), old, layer("active", "base")},
                                   {{Kind::Active, "active"}, {Kind::Kept, "base"}});
    EXPECT_THAT(tidying.steps, ElementsAre(LayerStep(RemoveImage{"old"})));
}

TEST(WayToRevert, NeverWritesToAnImageThatOthersNeed) {
    const ImageLayers layers({with_tag(layer("base", ""), "t"), layer("active", "base"),
                              with_tag(layer("old", "base"), "u")},
                             {{Kind::Active, "active"}});
    EXPECT_EQ(way_to_revert(layers, "base", ""), RevertWay::NewOverlay);
    EXPECT_EQ(way_to_revert(layers, "base", "t"), RevertWay::CopyOut);
    EXPECT_EQ(way_to_revert(layers, "old", "u"), RevertWay::InPlace);
    const ImageLayers kept({with_tag(layer("base", ""), "t")}, {{Kind::Kept, "base"}});
    EXPECT_EQ(way_to_revert(kept, "base", "t"), RevertWay::CopyOut);
}

// What images hold, by number of cluster, as qcow2 has it: a cluster that neither an image nor a
// tag in it has is that of its present backing file.
class Contents {
  public:
    using Clusters = std::map<int, int>;

    struct Image {
        Clusters data;
        std::string backing;
        std::map<std::string, Clusters> tags;
    };

    std::map<std::string, Image> images;

    [[nodiscard]] Clusters read(const std::string &path) const {
        if (path.empty())
            return {};
        const Image &image = images.at(path);
        return over(image.data, read(image.backing));
    }
    [[nodiscard]] Clusters read_tag(const std::string &path, const std::string &tag) const {
        const Image &image = images.at(path);
        return over(image.tags.at(tag), read(image.backing));
    }

    void carry_out(const LayerStep &step) {
        std::visit([this](const auto &one) { act(one); }, step);
    }

    // What `path` is called by now.
    [[nodiscard]] std::string name_now(std::string path) const {
        while (renamed_.contains(path))
            path = renamed_.at(path);
        return path;
    }

  private:
    static Clusters over(Clusters upper, const Clusters &lower) {
        upper.insert(lower.begin(), lower.end());
        return upper;
    }

    void act(const RemoveTag &step) { images.at(step.path).tags.erase(step.tag); }
    void act(const RemoveImage &step) {
        if (step.ours)
            images.erase(step.path);
    }
    void act(const Commit &step) {
        images.at(step.lower).data = over(images.at(step.upper).data, images.at(step.lower).data);
        images.erase(step.upper);
        renamed_[step.upper] = step.lower;
        for (auto &[path, image] : images)
            if (image.backing == step.upper)
                image.backing = step.lower;
    }
    void act(const Stream &step) {
        Image &upper = images.at(step.upper);
        upper.data = over(upper.data, images.at(step.lower).data);
        upper.backing = images.at(step.lower).backing;
        images.erase(step.lower);
    }

    std::map<std::string, std::string> renamed_;
};

class RandomForest {
  public:
    explicit RandomForest(unsigned seed) : random_(seed) {
        const int count = up_to(8) + 1;
        for (int i = 0; i < count; ++i)
            add(fmt::format("i{}", i), i == 0 || up_to(5) == 0 ? "" : fmt::format("i{}", up_to(i)));
        uses.push_back({Kind::Active, fmt::format("i{}", count - 1)});
    }

    Contents contents;
    std::vector<ImageLayer> layers;
    std::vector<LayerUse> uses;

  private:
    int up_to(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

    Contents::Clusters clusters() {
        Contents::Clusters made;
        for (int i = 0; i < 6; ++i)
            if (up_to(3) == 0)
                made[i] = ++last_value_;
        return made;
    }

    void add(const std::string &path, const std::string &backing) {
        ImageLayer made = layer(path, backing, static_cast<std::uint64_t>(up_to(1000)));
        Contents::Image image{clusters(), backing, {}};
        if (up_to(5) == 0)
            made.tags.push_back("t");
        if (up_to(5) == 0)
            made.dead_tags.push_back("d");
        for (const auto *names : {&made.tags, &made.dead_tags})
            for (const std::string &tag : *names)
                image.tags[tag] = clusters();
        made.in_use = up_to(2) == 0;
        made.pinned = up_to(8) == 0;
        made.ours = !made.pinned && up_to(8) != 0;
        if (up_to(3) == 0)
            uses.push_back({Kind::Kept, path});
        if (up_to(12) == 0)
            uses.push_back({Kind::Foreign, path});
        layers.push_back(made);
        contents.images[path] = image;
    }

    std::mt19937 random_;
    int last_value_ = 0;
};

// Whatever is needed reads the same after every single step, and in the end nothing can go any
// more.
TEST(Tidy, ChangesNothingThatAnybodyNeeds) {
    int merged = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        RandomForest forest(seed);
        const Contents before = forest.contents;
        Contents now = before;
        const Tidying tidying = merges(forest.layers, forest.uses);
        for (const LayerStep &step : tidying.steps) {
            now.carry_out(step);
            merged += std::holds_alternative<Commit>(step) || std::holds_alternative<Stream>(step);
            for (const LayerUse &use : forest.uses) {
                const std::string path =
                    use.kind == Kind::Foreign ? use.path : now.name_now(use.path);
                ASSERT_EQ(now.read(path), before.read(use.path)) << "seed " << seed;
            }
            for (const ImageLayer &one : forest.layers) {
                if (one.pinned) {
                    ASSERT_TRUE(now.images.contains(one.path)) << "seed " << seed;
                    ASSERT_EQ(now.read(one.path), before.read(one.path)) << "seed " << seed;
                }
                for (const std::string &tag : one.tags)
                    ASSERT_EQ(now.read_tag(one.path, tag), before.read_tag(one.path, tag))
                        << "seed " << seed;
            }
        }
    }
    EXPECT_GT(merged, 150);
}

} // namespace

} // namespace xlsnap
