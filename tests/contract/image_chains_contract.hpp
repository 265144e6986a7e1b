// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/image_chains.hpp"
#include "support/fake_image_users.hpp"

namespace xlsnap::test {

// Images, and a view of them that owes nothing to ImageChains. Their content is told by one letter.
class ImageChainsHost {
  public:
    virtual ~ImageChainsHost() = default;

    virtual ImageChains &image_chains() = 0;
    // The guard that image_chains() asks.
    virtual FakeImageUsers &users() = 0;

    // The path for a file name.
    virtual std::string path(const std::string &name) = 0;
    // Makes an image of 4 MiB and returns its path.
    virtual std::string add(const std::string &name, char letter,
                            DiskFormat format = DiskFormat::Qcow2) = 0;
    // An overlay made by somebody who did not record the format.
    virtual std::string add_without_format(const std::string &name, const std::string &base) = 0;
    // Another file with the same content takes the path.
    virtual void replace(const std::string &path) = 0;
    virtual bool exists(const std::string &path) = 0;

    virtual void write(const std::string &path, char letter) = 0;
    virtual void tag(const std::string &path, const std::string &tag) = 0;
    virtual void resize(const std::string &path, std::uint64_t bytes) = 0;
    virtual char content(const std::string &path) = 0;
};

using ImageChainsHostFactory = std::function<std::unique_ptr<ImageChainsHost>()>;

// What ports/image_chains.hpp promises, tried through that interface alone.
class ImageChainsContract : public ::testing::TestWithParam<ImageChainsHostFactory> {
  protected:
    static constexpr std::uint64_t kMib = std::uint64_t{1} << 20U;

    void SetUp() override {
        host_ = GetParam()();
        base_ = host_->add("base", 'A');
    }

    // A new overlay; with a letter, written to.
    std::string overlay(const std::string &name, const std::string &base, char letter = 0,
                        DiskFormat format = DiskFormat::Qcow2) {
        const std::string path = host_->path(name);
        const auto made =
            layers().create_overlay(path, base, format, ImageChains::Tables::AsItGrows);
        EXPECT_TRUE(made) << made.error().message;
        if (letter != 0)
            host_->write(path, letter);
        return path;
    }

    ImageChain chain(const std::string &path) {
        const auto chain = layers().chain(path, DiskFormat::Qcow2);
        EXPECT_TRUE(chain) << chain.error().message;
        return chain ? *chain : ImageChain{ChainLayer{}};
    }
    std::vector<std::string> paths(const std::string &path) {
        std::vector<std::string> paths;
        for (const ChainLayer &layer : chain(path))
            paths.push_back(layer.path);
        return paths;
    }

    static void succeeds(const Status &status) { EXPECT_TRUE(status) << status.error().message; }
    static void answers(const Result<bool> &result, bool expected) {
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(*result, expected);
    }
    template <typename T> static void fails(const Result<T> &result, ErrorCode code) {
        ASSERT_FALSE(result) << "it succeeded";
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_FALSE(result.error().message.empty());
    }

    void open(const std::string &path, bool writes) {
        host_->users().users[path] = {{4711, "qemu-system-i38", writes}};
    }

    ImageChains &layers() { return host_->image_chains(); }

    std::unique_ptr<ImageChainsHost> host_;
    std::string base_;
};

TEST_P(ImageChainsContract, AnOverlayReadsAsItsBaseUntilItIsWritten) {
    const std::string top = overlay("top", base_);
    EXPECT_EQ(host_->content(top), 'A');
    host_->write(top, 'B');
    EXPECT_EQ(host_->content(top), 'B');
    EXPECT_EQ(host_->content(base_), 'A');
}

TEST_P(ImageChainsContract, AChainTellsEachLayer) {
    const std::string raw = host_->add("disk", 'A', DiskFormat::Raw);
    const std::string middle = overlay("middle", raw, 'B', DiskFormat::Raw);
    host_->tag(middle, "t");
    const std::string top = overlay("top", middle);
    const ImageChain layers = chain(top);
    ASSERT_EQ(layers.size(), 3U);
    EXPECT_EQ(layers[0].path, top);
    EXPECT_EQ(layers[0].backing, middle);
    EXPECT_EQ(layers[0].backing_format, DiskFormat::Qcow2);
    EXPECT_TRUE(layers[0].tags.empty());
    EXPECT_EQ(layers[1].path, middle);
    EXPECT_EQ(layers[1].backing_format, DiskFormat::Raw);
    EXPECT_THAT(layers[1].tags, ::testing::ElementsAre(Tag{"1", "t"}));
    EXPECT_EQ(layers[2].path, raw);
    EXPECT_EQ(layers[2].format, DiskFormat::Raw);
    EXPECT_EQ(layers[2].backing, "");
    for (const ChainLayer &layer : layers) {
        EXPECT_EQ(layer.virtual_bytes, 4 * kMib);
        EXPECT_NE(layer.mark.inode, 0U);
    }
    EXPECT_GT(layers[1].allocated_bytes, layers[0].allocated_bytes);
}

TEST_P(ImageChainsContract, ImagesInUseCanBeABaseAndBeRead) {
    open(base_, true);
    const std::string top = overlay("top", base_);
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, base_));
}

TEST_P(ImageChainsContract, AnOverlayReplacesNothing) {
    const std::string taken = host_->add("taken", 'T');
    fails(layers().create_overlay(taken, base_, DiskFormat::Qcow2, ImageChains::Tables::AsItGrows),
          ErrorCode::Invalid);
    EXPECT_EQ(host_->content(taken), 'T');
}

TEST_P(ImageChainsContract, AnOverlayNeedsABaseInAKnownFormat) {
    const std::string top = host_->path("top");
    fails(layers().create_overlay(top, host_->path("no"), DiskFormat::Raw,
                                  ImageChains::Tables::AsItGrows),
          ErrorCode::NotFound);
    fails(layers().create_overlay(top, base_, DiskFormat::Unknown, ImageChains::Tables::AsItGrows),
          ErrorCode::Invalid);
    fails(layers().create_overlay(top, base_, DiskFormat::Vhd, ImageChains::Tables::AsItGrows),
          ErrorCode::NotImplemented);
    fails(layers().create_overlay("top", base_, DiskFormat::Qcow2, ImageChains::Tables::AsItGrows),
          ErrorCode::Invalid);
    EXPECT_FALSE(host_->exists(top));
}

TEST_P(ImageChainsContract, ABackingFileWithoutAFormatIsRefused) {
    const std::string top = host_->add_without_format("top", base_);
    fails(layers().chain(top, DiskFormat::Qcow2), ErrorCode::Invalid);
    fails(layers().stream(top, ""), ErrorCode::Invalid);
    fails(layers().create_overlay(host_->path("x"), top, DiskFormat::Qcow2,
                                  ImageChains::Tables::AsItGrows),
          ErrorCode::Invalid);
    EXPECT_EQ(chain(base_).size(), 1U);
}

TEST_P(ImageChainsContract, AMissingLayerIsNotFound) {
    const std::string top = overlay("top", base_);
    const auto removed = layers().remove_image(base_, chain(base_).front().mark);
    ASSERT_TRUE(removed) << removed.error().message;
    fails(layers().chain(top, DiskFormat::Qcow2), ErrorCode::NotFound);
    fails(layers().chain(base_, DiskFormat::Qcow2), ErrorCode::NotFound);
}

TEST_P(ImageChainsContract, ACommitMakesTheBaseWhatTheTopWas) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle);
    succeeds(layers().commit(top, base_));
    EXPECT_EQ(host_->content(base_), 'B');
    EXPECT_EQ(host_->content(top), 'B');
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, middle, base_));
}

TEST_P(ImageChainsContract, ACommitMovesOneLayerIntoTheNext) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle, 'C');
    succeeds(layers().commit(top, middle));
    EXPECT_EQ(host_->content(middle), 'C');
    EXPECT_EQ(host_->content(base_), 'A');
}

TEST_P(ImageChainsContract, ACommitReachesARawBase) {
    const std::string raw = host_->add("disk", 'A', DiskFormat::Raw);
    const std::string top = overlay("top", raw, 'B', DiskFormat::Raw);
    host_->resize(top, 8 * kMib);
    succeeds(layers().commit(top, raw));
    EXPECT_EQ(host_->content(raw), 'B');
    EXPECT_EQ(layers().chain(raw, DiskFormat::Raw)->front().virtual_bytes, 8 * kMib);
}

TEST_P(ImageChainsContract, ACommitGrowsTheBaseAndNeverShrinksIt) {
    const std::string top = overlay("top", base_, 'B');
    host_->resize(top, 8 * kMib);
    succeeds(layers().commit(top, base_));
    EXPECT_EQ(chain(base_).front().virtual_bytes, 8 * kMib);
    const std::string small = overlay("small", base_, 'C');
    host_->resize(small, 2 * kMib);
    fails(layers().commit(small, base_), ErrorCode::Invalid);
    EXPECT_EQ(host_->content(base_), 'B');
}

TEST_P(ImageChainsContract, AStreamMakesTheTopStandOnNothing) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle);
    succeeds(layers().stream(top, ""));
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top));
    host_->write(middle, 'X');
    EXPECT_EQ(host_->content(top), 'B');
}

TEST_P(ImageChainsContract, AStreamLeavesOutWhatIsBetween) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle);
    succeeds(layers().stream(top, base_));
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, base_));
    EXPECT_EQ(host_->content(top), 'B');
    EXPECT_EQ(host_->content(base_), 'A');
    succeeds(layers().stream(top, base_));
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, base_));
}

TEST_P(ImageChainsContract, OnlyWhatStandsThereIsMerged) {
    const std::string other = host_->add("other", 'O');
    const std::string top = overlay("top", base_, 'B');
    fails(layers().commit(top, other), ErrorCode::Invalid);
    fails(layers().commit(top, top), ErrorCode::Invalid);
    fails(layers().commit(base_, top), ErrorCode::Invalid);
    fails(layers().commit(top, host_->path("no")), ErrorCode::NotFound);
    fails(layers().stream(top, other), ErrorCode::Invalid);
    EXPECT_EQ(host_->content(other), 'O');
}

TEST_P(ImageChainsContract, AnImageThatHoldsATagIsNotMergedAway) {
    const std::string middle = overlay("middle", base_, 'B');
    host_->tag(middle, "t");
    const std::string top = overlay("top", middle, 'C');
    fails(layers().commit(top, base_), ErrorCode::Invalid);
    fails(layers().commit(middle, base_), ErrorCode::Invalid);
    fails(layers().stream(middle, ""), ErrorCode::Invalid);
    EXPECT_EQ(host_->content(base_), 'A');
    EXPECT_EQ(chain(middle).size(), 2U);
    succeeds(layers().commit(top, middle));
}

TEST_P(ImageChainsContract, NoMergeTouchesWhatSomebodyHasOpen) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle, 'C');
    for (const std::string &path : {top, middle, base_}) {
        open(path, false);
        fails(layers().commit(top, base_), ErrorCode::NotReady);
        host_->users().users.clear();
    }
    open(top, false);
    fails(layers().stream(top, ""), ErrorCode::NotReady);
    fails(layers().set_backing(top, base_, DiskFormat::Qcow2), ErrorCode::NotReady);
    host_->users().users.clear();
    open(base_, true);
    fails(layers().commit(top, middle), ErrorCode::NotReady);
    fails(layers().stream(top, ""), ErrorCode::NotReady);
    EXPECT_EQ(host_->content(base_), 'A');
    EXPECT_EQ(host_->content(middle), 'B');
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, middle, base_));
}

TEST_P(ImageChainsContract, AStreamReadsWhatOthersRead) {
    const std::string top = overlay("top", base_);
    open(base_, false);
    succeeds(layers().stream(top, ""));
    EXPECT_EQ(host_->content(top), 'A');
}

TEST_P(ImageChainsContract, AnImageTakesThePlaceOfThatWhichWasCommittedToIt) {
    const std::string middle = overlay("middle", base_, 'B');
    const std::string top = overlay("top", middle);
    succeeds(layers().commit(middle, base_));
    succeeds(layers().set_backing(top, base_, DiskFormat::Qcow2));
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, base_));
    EXPECT_EQ(host_->content(top), 'B');
}

TEST_P(ImageChainsContract, NoImageIsMadeToStandOnItself) {
    const std::string middle = overlay("middle", base_);
    const std::string top = overlay("top", middle);
    fails(layers().set_backing(middle, top, DiskFormat::Qcow2), ErrorCode::Invalid);
    fails(layers().set_backing(middle, middle, DiskFormat::Qcow2), ErrorCode::Invalid);
    fails(layers().set_backing(base_, host_->add("o", 'O'), DiskFormat::Qcow2), ErrorCode::Invalid);
    fails(layers().set_backing(top, host_->path("no"), DiskFormat::Qcow2), ErrorCode::NotFound);
    fails(layers().set_backing(top, base_, DiskFormat::Unknown), ErrorCode::Invalid);
    EXPECT_THAT(paths(top), ::testing::ElementsAre(top, middle, base_));
}

TEST_P(ImageChainsContract, ATagIsCopiedOutWhileOthersReadItsImage) {
    host_->tag(base_, "t");
    host_->write(base_, 'B');
    open(base_, false);
    const std::string copy = host_->path("copy");
    const auto made = layers().copy_tag_out(base_, "t", copy);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(host_->content(copy), 'A');
    EXPECT_EQ(host_->content(base_), 'B');
    EXPECT_THAT(paths(copy), ::testing::ElementsAre(copy));
    EXPECT_TRUE(chain(copy).front().tags.empty());
    EXPECT_EQ(made->inode, chain(copy).front().mark.inode);
}

TEST_P(ImageChainsContract, ACopyOfATagNeedsNothingOfWhatItsImageStandsOn) {
    const std::string top = overlay("top", base_);
    host_->tag(top, "t");
    host_->write(top, 'B');
    const std::string copy = host_->path("copy");
    ASSERT_TRUE(layers().copy_tag_out(top, "t", copy));
    host_->write(base_, 'X');
    EXPECT_EQ(host_->content(copy), 'A');
}

TEST_P(ImageChainsContract, ACopyOfATagHasTheSizeThatTheDiskHadThen) {
    host_->tag(base_, "t");
    host_->write(base_, 'B');
    for (const std::uint64_t now : {2 * kMib, 8 * kMib}) {
        host_->resize(base_, now);
        const std::string copy = host_->path("copy" + std::to_string(now));
        const auto made = layers().copy_tag_out(base_, "t", copy);
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(chain(copy).front().virtual_bytes, 4 * kMib);
        EXPECT_EQ(host_->content(copy), 'A');
        EXPECT_EQ(chain(base_).front().virtual_bytes, now);
        EXPECT_EQ(host_->content(base_), 'B');
    }
}

TEST_P(ImageChainsContract, ACopyTakesNoIdForAName) {
    host_->tag(base_, "2");
    host_->write(base_, 'B');
    host_->tag(base_, "other"); // its id is 2
    const std::string copy = host_->path("copy");
    ASSERT_TRUE(layers().copy_tag_out(base_, "2", copy));
    EXPECT_EQ(host_->content(copy), 'A');
}

TEST_P(ImageChainsContract, NoTagIsCopiedOverAFileOrOutOfWhatIsWritten) {
    host_->tag(base_, "t");
    const std::string copy = host_->path("copy");
    fails(layers().copy_tag_out(base_, "u", copy), ErrorCode::NotFound);
    const std::string taken = host_->add("taken", 'T');
    fails(layers().copy_tag_out(base_, "t", taken), ErrorCode::Invalid);
    EXPECT_EQ(host_->content(taken), 'T');
    open(base_, true);
    fails(layers().copy_tag_out(base_, "t", copy), ErrorCode::NotReady);
    EXPECT_FALSE(host_->exists(copy));
}

TEST_P(ImageChainsContract, AnImageIsRemovedOnce) {
    const std::string top = host_->path("top");
    const auto mark =
        layers().create_overlay(top, base_, DiskFormat::Qcow2, ImageChains::Tables::AsItGrows);
    ASSERT_TRUE(mark) << mark.error().message;
    host_->write(top, 'B');
    answers(layers().remove_image(top, *mark), true);
    EXPECT_FALSE(host_->exists(top));
    answers(layers().remove_image(top, *mark), false);
}

TEST_P(ImageChainsContract, OnlyTheFileThatIsMeantIsRemoved) {
    const ImageMark mark = chain(base_).front().mark;
    open(base_, false);
    fails(layers().remove_image(base_, mark), ErrorCode::NotReady);
    host_->users().users.clear();
    host_->replace(base_);
    fails(layers().remove_image(base_, mark), ErrorCode::Invalid);
    fails(layers().remove_image(base_, {}), ErrorCode::Invalid);
    EXPECT_EQ(host_->content(base_), 'A');
}

TEST_P(ImageChainsContract, AnImageIsTheSameFileAfterABootThatGivesItsDeviceAnotherNumber) {
    ImageMark mark = chain(base_).front().mark;
    ++mark.device;
    answers(layers().remove_image(base_, mark), true);
    EXPECT_FALSE(host_->exists(base_));
}

TEST_P(ImageChainsContract, ADirectoryTellsWhichOfItsImagesStandOnOthers) {
    const std::string raw = host_->add("disk", 'A', DiskFormat::Raw);
    const std::string middle = overlay("middle", raw, 'B', DiskFormat::Raw);
    const std::string top = overlay("top", middle);
    const std::string folder = base_.substr(0, base_.rfind('/'));
    const auto found = layers().backed_images(folder);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).path, middle);
    EXPECT_EQ(found->at(0).mark.inode, chain(middle).front().mark.inode);
    EXPECT_EQ(found->at(0).backing, raw);
    EXPECT_EQ(found->at(1).path, top);
    EXPECT_EQ(found->at(1).backing, middle);
    EXPECT_EQ(found->at(1).backing_mark.device, chain(middle).front().mark.device);
    EXPECT_EQ(found->at(1).backing_mark.inode, chain(middle).front().mark.inode);
}

TEST_P(ImageChainsContract, AnImageStandsOnOneThatIsGoneToo) {
    const std::string top = overlay("top", base_);
    ASSERT_TRUE(layers().remove_image(base_, chain(base_).front().mark));
    const auto found = layers().backed_images(top.substr(0, top.rfind('/')));
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->at(0).backing, base_);
    EXPECT_EQ(found->at(0).backing_mark.inode, 0U);
    fails(layers().backed_images(host_->path("no/such")), ErrorCode::NotFound);
}

TEST_P(ImageChainsContract, FreeSpaceIsToldOfPathsWithoutAFileToo) {
    const auto free = layers().free_space(host_->path("no"));
    ASSERT_TRUE(free) << free.error().message;
    EXPECT_GT(free->bytes, 0U);
    const auto beside = layers().free_space(base_);
    ASSERT_TRUE(beside) << beside.error().message;
    EXPECT_EQ(beside->file_system, free->file_system);
}

} // namespace xlsnap::test
