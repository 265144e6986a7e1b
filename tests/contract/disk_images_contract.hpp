// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/disk_images.hpp"
#include "support/fake_image_users.hpp"

namespace xlsnap::test {

// Images, and a view of them that owes nothing to DiskImages. Their content is told by one letter.
class DiskImagesHost {
  public:
    virtual ~DiskImagesHost() = default;

    virtual DiskImages &disk_images() = 0;
    // The guard that disk_images() asks.
    virtual FakeImageUsers &users() = 0;

    // Makes an image and returns its path. The name may be any file name.
    virtual std::string add(const std::string &name, char letter,
                            DiskFormat format = DiskFormat::Qcow2) = 0;
    virtual std::string missing() = 0;

    virtual void write(const std::string &path, char letter) = 0;
    virtual char content(const std::string &path) = 0;
    virtual std::vector<std::string> tags(const std::string &path) = 0;
};

using DiskImagesHostFactory = std::function<std::unique_ptr<DiskImagesHost>()>;

// What ports/disk_images.hpp promises, tried through that interface alone.
class DiskImagesContract : public ::testing::TestWithParam<DiskImagesHostFactory> {
  protected:
    void SetUp() override {
        host_ = GetParam()();
        path_ = host_->add("a.qcow2", 'A');
    }

    // Each of these fails the test unless it succeeds.
    void create(const std::string &tag) { create(path_, tag); }
    void create(const std::string &path, const std::string &tag) {
        succeeds(images().create_tag(path, DiskFormat::Qcow2, tag));
    }
    void revert(const std::string &tag) {
        succeeds(images().revert_to_tag(path_, DiskFormat::Qcow2, tag));
    }
    void remove(const std::string &tag) {
        succeeds(images().delete_tag(path_, DiskFormat::Qcow2, tag));
    }

    static void succeeds(const Status &status) { EXPECT_TRUE(status) << status.error().message; }
    template <typename T> static void fails(const Result<T> &result, ErrorCode code) {
        ASSERT_FALSE(result) << "it succeeded";
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_FALSE(result.error().message.empty());
    }

    StorageUsage usage(const std::string &tag) {
        const auto measured = usage(path_, DiskFormat::Qcow2, tag);
        EXPECT_TRUE(measured) << measured.error().message;
        return measured ? *measured : StorageUsage{};
    }
    Result<StorageUsage> usage(const std::string &path, DiskFormat format, const std::string &tag) {
        const auto usages = images().usage(path, format, {tag});
        EXPECT_EQ(usages.size(), 1U);
        return usages.at(0);
    }

    DiskImages &images() { return host_->disk_images(); }

    std::unique_ptr<DiskImagesHost> host_;
    std::string path_;
};

TEST_P(DiskImagesContract, ANewImageHasNoTags) {
    const auto tags = images().list_tags(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(tags) << tags.error().message;
    EXPECT_TRUE(tags->empty());
}

TEST_P(DiskImagesContract, AnImageIsMarkedByWhatIsWrittenToIt) {
    const auto first = images().examine(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->virtual_bytes, 4U << 20U);
    EXPECT_NE(first->mark.inode, 0U);
    EXPECT_EQ(images().examine(path_, DiskFormat::Qcow2)->mark, first->mark);
    host_->write(path_, 'B');
    const auto second = images().examine(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(second->mark, first->mark);
    EXPECT_EQ(second->mark.device, first->mark.device);
    EXPECT_EQ(second->mark.inode, first->mark.inode);
}

TEST_P(DiskImagesContract, ImagesInUseAreExaminedInEachFormat) {
    const std::string raw = host_->add("b.raw", 'A', DiskFormat::Raw);
    host_->users().users[raw] = {{4711, "qemu-system-i386", true}};
    const auto facts = images().examine(raw, DiskFormat::Raw);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->virtual_bytes, 4U << 20U);
    EXPECT_NE(facts->mark.inode, images().examine(path_, DiskFormat::Qcow2)->mark.inode);
    fails(images().examine(host_->missing(), DiskFormat::Qcow2), ErrorCode::NotFound);
    fails(images().examine(path_, DiskFormat::Unknown), ErrorCode::Invalid);
}

TEST_P(DiskImagesContract, TagsAreListedInTheOrderOfTheirCreation) {
    for (const char *tag : {"t", "another one", "-d"})
        create(tag);
    const auto tags = images().list_tags(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(tags) << tags.error().message;
    EXPECT_THAT(*tags,
                ::testing::ElementsAre(Tag{"1", "t"}, Tag{"2", "another one"}, Tag{"3", "-d"}));
    EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("t", "another one", "-d"));
}

TEST_P(DiskImagesContract, ATagHoldsAloneWhatIsWrittenOver) {
    create("t");
    const StorageUsage shared = usage("t");
    EXPECT_GT(shared.held, shared.freed);
    host_->write(path_, 'B');
    const StorageUsage alone = usage("t");
    EXPECT_EQ(alone.held, shared.held);
    EXPECT_EQ(alone.freed, alone.held);
}

TEST_P(DiskImagesContract, WhatTwoTagsHoldIsFreedByTheLastOne) {
    create("t");
    create("u");
    host_->write(path_, 'B');
    EXPECT_GT(usage("t").held, usage("t").freed);
    EXPECT_GT(usage("u").held, usage("u").freed);
    host_->users().users[path_] = {{4711, "qemu-system-i386", true}};
    EXPECT_EQ(usage("u").held, usage("t").held);
    host_->users().users.clear();
    remove("t");
    EXPECT_EQ(usage("u").freed, usage("u").held);
}

TEST_P(DiskImagesContract, OnlyATagThatIsThereIsMeasured) {
    create("t");
    fails(usage(path_, DiskFormat::Qcow2, "u"), ErrorCode::NotFound);
    fails(usage(host_->missing(), DiskFormat::Qcow2, "t"), ErrorCode::NotFound);
    fails(usage(path_, DiskFormat::Unknown, "t"), ErrorCode::Invalid);
    const std::string raw = host_->add("a.raw", 'A', DiskFormat::Raw);
    fails(usage(raw, DiskFormat::Raw, "t"), ErrorCode::NotFound);
    fails(usage(raw, DiskFormat::Qcow2, "t"), ErrorCode::Fail);
}

TEST_P(DiskImagesContract, TagsThatAreMeasuredTogetherHoldWhatEachHoldsAlone) {
    create("t");
    host_->write(path_, 'B');
    create("u");
    create("v");
    host_->write(path_, 'C');
    const std::vector<std::string> tags = {"v", "t", "missing", "u", "t"};
    const auto together = images().usage(path_, DiskFormat::Qcow2, tags);
    ASSERT_EQ(together.size(), tags.size());
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const auto alone = usage(path_, DiskFormat::Qcow2, tags[i]);
        ASSERT_EQ(together[i].has_value(), alone.has_value()) << tags[i];
        if (!alone) {
            EXPECT_EQ(together[i].error().code, alone.error().code);
            continue;
        }
        EXPECT_EQ(together[i]->held, alone->held) << tags[i];
        EXPECT_EQ(together[i]->freed, alone->freed) << tags[i];
    }
    for (const auto &missing : images().usage(host_->missing(), DiskFormat::Qcow2, tags))
        fails(missing, ErrorCode::NotFound);
    EXPECT_TRUE(images().usage(path_, DiskFormat::Qcow2, {}).empty());
}

TEST_P(DiskImagesContract, ARevertBringsTheContentBackAndKeepsTheTag) {
    create("t");
    for (const char letter : {'B', 'C'}) {
        host_->write(path_, letter);
        ASSERT_EQ(host_->content(path_), letter);
        revert("t");
        EXPECT_EQ(host_->content(path_), 'A');
        EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("t"));
    }
}

TEST_P(DiskImagesContract, ARevertReachesAnyTag) {
    create("first");
    host_->write(path_, 'B');
    create("second");
    host_->write(path_, 'C');
    create("third");
    revert("first");
    EXPECT_EQ(host_->content(path_), 'A');
    revert("third");
    EXPECT_EQ(host_->content(path_), 'C');
    revert("second");
    EXPECT_EQ(host_->content(path_), 'B');
}

TEST_P(DiskImagesContract, ARevertTakesNoIdForAName) {
    create("2");
    host_->write(path_, 'B');
    create("other"); // its id is 2
    revert("2");
    EXPECT_EQ(host_->content(path_), 'A');
}

TEST_P(DiskImagesContract, ADeletionTakesNoIdForAName) {
    create("2");
    create("other");
    remove("2");
    EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("other"));
    fails(images().delete_tag(path_, DiskFormat::Qcow2, "2"), ErrorCode::NotFound);
}

TEST_P(DiskImagesContract, ADeletionLeavesContentAndOtherTags) {
    create("t");
    host_->write(path_, 'B');
    create("u");
    host_->write(path_, 'C');
    remove("t");
    EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("u"));
    EXPECT_EQ(host_->content(path_), 'C');
    revert("u");
    EXPECT_EQ(host_->content(path_), 'B');
}

TEST_P(DiskImagesContract, ATagIsNotMadeTwice) {
    create("t");
    host_->write(path_, 'B');
    fails(images().create_tag(path_, DiskFormat::Qcow2, "t"), ErrorCode::Invalid);
    EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("t"));
    revert("t");
    EXPECT_EQ(host_->content(path_), 'A');
}

TEST_P(DiskImagesContract, AMissingTagIsNotFound) {
    create("t");
    fails(images().revert_to_tag(path_, DiskFormat::Qcow2, "u"), ErrorCode::NotFound);
    fails(images().delete_tag(path_, DiskFormat::Qcow2, "u"), ErrorCode::NotFound);
    EXPECT_EQ(host_->content(path_), 'A');
    EXPECT_THAT(host_->tags(path_), ::testing::ElementsAre("t"));
}

TEST_P(DiskImagesContract, AMissingImageIsNotFound) {
    const std::string missing = host_->missing();
    fails(images().list_tags(missing, DiskFormat::Qcow2), ErrorCode::NotFound);
    fails(images().create_tag(missing, DiskFormat::Qcow2, "t"), ErrorCode::NotFound);
    fails(images().revert_to_tag(missing, DiskFormat::Qcow2, "t"), ErrorCode::NotFound);
    fails(images().delete_tag(missing, DiskFormat::Qcow2, "t"), ErrorCode::NotFound);
}

TEST_P(DiskImagesContract, AnImageThatSomebodyHasOpenIsOnlyListed) {
    create("t");
    host_->write(path_, 'B');
    host_->users().users[path_] = {{4711, "qemu-system-i38", false}};
    fails(images().create_tag(path_, DiskFormat::Qcow2, "u"), ErrorCode::NotReady);
    fails(images().revert_to_tag(path_, DiskFormat::Qcow2, "t"), ErrorCode::NotReady);
    fails(images().delete_tag(path_, DiskFormat::Qcow2, "t"), ErrorCode::NotReady);
    const auto tags = images().list_tags(path_, DiskFormat::Qcow2);
    ASSERT_TRUE(tags) << tags.error().message;
    EXPECT_THAT(*tags, ::testing::ElementsAre(Tag{"1", "t"}));
    EXPECT_EQ(host_->content(path_), 'B');
}

TEST_P(DiskImagesContract, AFormatWithoutTagsTakesNone) {
    const std::string raw = host_->add("a.raw", 'A', DiskFormat::Raw);
    const auto tags = images().list_tags(raw, DiskFormat::Raw);
    ASSERT_TRUE(tags) << tags.error().message;
    EXPECT_TRUE(tags->empty());
    fails(images().create_tag(raw, DiskFormat::Raw, "t"), ErrorCode::Fail);
    EXPECT_EQ(host_->content(raw), 'A');
}

TEST_P(DiskImagesContract, AnImageIsNotOpenedInAnotherFormat) {
    const std::string raw = host_->add("a.raw", 'A', DiskFormat::Raw);
    fails(images().list_tags(raw, DiskFormat::Qcow2), ErrorCode::Fail);
    fails(images().create_tag(raw, DiskFormat::Qcow2, "t"), ErrorCode::Fail);
    EXPECT_EQ(host_->content(raw), 'A');
}

TEST_P(DiskImagesContract, AFormatIsNeverGuessed) {
    for (const DiskFormat format : {DiskFormat::Unknown, DiskFormat::Empty}) {
        fails(images().list_tags(path_, format), ErrorCode::Invalid);
        fails(images().create_tag(path_, format, "t"), ErrorCode::Invalid);
    }
    EXPECT_TRUE(host_->tags(path_).empty());
}

TEST_P(DiskImagesContract, AnyFileNameIsAFileName) {
    for (const char *name : {"-U", "a,b=c,,driver=raw", "nbd:localhost:10809", "two\nlines",
                             "json:{\"driver\":\"null-co\"}", "a b'c\"$(d)", "file:a"}) {
        const std::string path = host_->add(name, 'A');
        create(path, "t");
        host_->write(path, 'B');
        succeeds(images().revert_to_tag(path, DiskFormat::Qcow2, "t"));
        EXPECT_EQ(host_->content(path), 'A') << name;
        succeeds(images().delete_tag(path, DiskFormat::Qcow2, "t"));
        EXPECT_TRUE(host_->tags(path).empty()) << name;
    }
}

} // namespace xlsnap::test
