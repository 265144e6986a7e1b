// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/memory_store.hpp"
#include "support/save_stream_builder.hpp"

namespace xlsnap::test {

// A store, and a view of what is in it that owes nothing to MemoryStore.
class MemoryStoreHost {
  public:
    virtual ~MemoryStoreHost() = default;

    virtual MemoryStore &store() = 0;

    // A path where an image may be made.
    virtual std::string path_of(const std::string &name) = 0;
    // Every path that is taken, and how many temporary files there are.
    virtual std::set<std::string> paths() = 0;
    virtual std::size_t temporary_files() = 0;

    // Takes the end of an image away.
    virtual void damage(const std::string &path) = 0;
    // Puts something that is no memory image there.
    virtual void put_something_else(const std::string &path) = 0;
};

using MemoryStoreHostFactory = std::function<std::unique_ptr<MemoryStoreHost>()>;

// What ports/memory_store.hpp promises, tried through that interface alone.
class MemoryStoreContract : public ::testing::TestWithParam<MemoryStoreHostFactory> {
  protected:
    void SetUp() override {
        host_ = GetParam()();
        path_ = host_->path_of("memory.save");
    }

    MemoryStore &store() { return host_->store(); }

    std::unique_ptr<MemoryImageWriter> create(const std::string &path,
                                              const MemoryImageInfo &info = kInfo) {
        auto writer = store().create(path, info);
        EXPECT_TRUE(writer.has_value()) << writer.error().message;
        return writer ? std::move(*writer) : nullptr;
    }

    static void write(const MemoryImageWriter &writer, const std::string &bytes) {
        ASSERT_EQ(::write(writer.fd(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
    }

    void make_image(const std::string &path, const MemoryImageInfo &info = kInfo,
                    const std::string &stream = pvh_save_stream().bytes()) {
        const auto writer = create(path, info);
        ASSERT_NE(writer, nullptr);
        write(*writer, stream);
        const Status published = writer->publish();
        ASSERT_TRUE(published.has_value()) << published.error().message;
    }

    static std::string rest_of(int fd) {
        std::string text;
        std::array<char, 4096> buffer{};
        for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;)
            text.append(buffer.data(), static_cast<std::size_t>(count));
        return text;
    }

    template <typename T>
    static void fails(const Result<T> &result, ErrorCode code, const std::string &path) {
        ASSERT_FALSE(result.has_value()) << "it succeeded";
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_THAT(result.error().message, ::testing::HasSubstr(path));
    }

    inline static const MemoryImageInfo kInfo{R"({"c_info":{"name":"g"}})", false};

    std::unique_ptr<MemoryStoreHost> host_;
    std::string path_;
};

TEST_P(MemoryStoreContract, AnImageGivesBackWhatWasPutIn) {
    for (const bool paused : {true, false}) {
        const std::string path = host_->path_of(paused ? "paused" : "running");
        const std::string stream = hvm_save_stream().bytes();
        make_image(path, {kInfo.config_json, paused}, stream);
        const auto image = store().open(path);
        ASSERT_TRUE(image.has_value()) << image.error().message;
        EXPECT_EQ(image->info.config_json, kInfo.config_json);
        EXPECT_EQ(image->info.was_paused, paused);
        EXPECT_EQ(rest_of(image->fd.get()), stream);
    }
}

TEST_P(MemoryStoreContract, AnImageCanBeOpenedAgainAndAgain) {
    make_image(path_);
    const auto first = store().open(path_);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(rest_of(first->fd.get()), pvh_save_stream().bytes());
    const auto second = store().open(path_);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(rest_of(second->fd.get()), pvh_save_stream().bytes());
}

TEST_P(MemoryStoreContract, NothingHasTheNameBeforeItIsPublished) {
    const auto writer = create(path_);
    ASSERT_NE(writer, nullptr);
    write(*writer, pvh_save_stream().bytes());
    EXPECT_EQ(host_->paths().count(path_), 0U);
    EXPECT_EQ(host_->temporary_files(), 1U);
    ASSERT_TRUE(writer->publish().has_value());
    EXPECT_EQ(host_->paths().count(path_), 1U);
    EXPECT_EQ(host_->temporary_files(), 0U);
}

TEST_P(MemoryStoreContract, AWriterThatIsGivenUpLeavesNothing) {
    {
        const auto writer = create(path_);
        ASSERT_NE(writer, nullptr);
        write(*writer, "half");
    }
    EXPECT_TRUE(host_->paths().empty());
    EXPECT_EQ(host_->temporary_files(), 0U);
}

TEST_P(MemoryStoreContract, APublishedImageOutlivesItsWriter) {
    make_image(path_);
    EXPECT_EQ(host_->paths(), std::set<std::string>{path_});
}

TEST_P(MemoryStoreContract, CreatingRefusesANameThatExists) {
    make_image(path_);
    fails(store().create(path_, kInfo), ErrorCode::Invalid, path_);
    const std::string other = host_->path_of("other");
    host_->put_something_else(other);
    fails(store().create(other, kInfo), ErrorCode::Invalid, other);
    EXPECT_EQ(host_->temporary_files(), 0U);
}

TEST_P(MemoryStoreContract, PublishingNeverReplacesAFile) {
    const auto late = create(path_, {kInfo.config_json, true});
    ASSERT_NE(late, nullptr);
    write(*late, pvh_save_stream().bytes());
    make_image(path_);
    const Status published = late->publish();
    ASSERT_FALSE(published.has_value());
    EXPECT_THAT(published.error().message, ::testing::HasSubstr(path_));
    EXPECT_EQ(host_->temporary_files(), 0U);
    const auto image = store().open(path_);
    ASSERT_TRUE(image.has_value());
    EXPECT_FALSE(image->info.was_paused) << "the first image was replaced";
}

TEST_P(MemoryStoreContract, PublishingTwiceFailsAndKeepsTheImage) {
    const auto writer = create(path_);
    ASSERT_NE(writer, nullptr);
    write(*writer, pvh_save_stream().bytes());
    ASSERT_TRUE(writer->publish().has_value());
    EXPECT_FALSE(writer->publish().has_value());
    EXPECT_TRUE(store().open(path_).has_value());
}

TEST_P(MemoryStoreContract, PathsAreAbsolute) {
    fails(store().create("memory.save", kInfo), ErrorCode::Invalid, "memory.save");
}

TEST_P(MemoryStoreContract, AnImageThatIsNotThereIsNotFound) {
    fails(store().open(path_), ErrorCode::NotFound, path_);
    const auto removed = store().remove(path_);
    ASSERT_TRUE(removed.has_value()) << removed.error().message;
    EXPECT_FALSE(*removed);
}

TEST_P(MemoryStoreContract, AnImageThatIsNotWholeIsRefused) {
    make_image(path_);
    host_->damage(path_);
    fails(store().open(path_), ErrorCode::Invalid, path_);
    const std::string empty = host_->path_of("empty");
    make_image(empty, kInfo, "");
    fails(store().open(empty), ErrorCode::Invalid, empty);
}

TEST_P(MemoryStoreContract, AFingerprintTellsWhetherAnImageIsStillTheSame) {
    make_image(path_);
    const auto print = store().fingerprint(path_);
    ASSERT_TRUE(print.has_value()) << print.error().message;
    EXPECT_GE(print->bytes, pvh_save_stream().bytes().size());
    EXPECT_EQ(store().fingerprint(path_)->sha256, print->sha256);
    host_->damage(path_);
    const auto after = store().fingerprint(path_);
    ASSERT_TRUE(after.has_value()) << after.error().message;
    EXPECT_NE(after->sha256, print->sha256);
    const std::string missing = host_->path_of("missing");
    fails(store().fingerprint(missing), ErrorCode::NotFound, missing);
}

TEST_P(MemoryStoreContract, ACompressedImageGivesBackWhatWasPutIn) {
    make_image(path_, {kInfo.config_json, true}, hvm_save_stream().bytes());
    const auto plain = store().fingerprint(path_);
    ASSERT_TRUE(plain.has_value()) << plain.error().message;
    EXPECT_EQ(plain->compression, MemoryCompression::None);
    const Status done = store().compress(path_);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(host_->paths(), std::set<std::string>{path_});
    EXPECT_EQ(host_->temporary_files(), 0U);
    const auto print = store().fingerprint(path_);
    ASSERT_TRUE(print.has_value()) << print.error().message;
    EXPECT_EQ(print->compression, MemoryCompression::Zstd);
    EXPECT_NE(print->sha256, plain->sha256);
    for (int time = 0; time < 2; ++time) {
        const auto image = store().open(path_);
        ASSERT_TRUE(image.has_value()) << image.error().message;
        EXPECT_EQ(image->info.config_json, kInfo.config_json);
        EXPECT_TRUE(image->info.was_paused);
        EXPECT_EQ(rest_of(image->fd.get()), hvm_save_stream().bytes());
        EXPECT_EQ(host_->paths(), std::set<std::string>{path_});
        EXPECT_EQ(host_->temporary_files(), 0U);
    }
}

TEST_P(MemoryStoreContract, CompressingTwiceIsCompressingOnce) {
    make_image(path_);
    ASSERT_TRUE(store().compress(path_));
    const auto once = store().fingerprint(path_);
    ASSERT_TRUE(once.has_value()) << once.error().message;
    ASSERT_TRUE(store().compress(path_));
    EXPECT_EQ(store().fingerprint(path_).value(), *once);
}

TEST_P(MemoryStoreContract, ACompressedImageIsRemovedAndRefusedAsAPlainOne) {
    make_image(path_);
    ASSERT_TRUE(store().compress(path_));
    host_->damage(path_);
    fails(store().open(path_), ErrorCode::Invalid, path_);
    EXPECT_TRUE(store().held_bytes(path_));
    const auto removed = store().remove(path_);
    ASSERT_TRUE(removed.has_value()) << removed.error().message;
    EXPECT_TRUE(*removed);
    EXPECT_TRUE(host_->paths().empty());
    fails(store().compress(path_), ErrorCode::NotFound, path_);
}

TEST_P(MemoryStoreContract, TellsWhatAnImageTakes) {
    make_image(path_);
    const auto held = store().held_bytes(path_);
    ASSERT_TRUE(held.has_value()) << held.error().message;
    EXPECT_GE(*held, pvh_save_stream().bytes().size());
    const std::string missing = host_->path_of("missing");
    fails(store().held_bytes(missing), ErrorCode::NotFound, missing);
}

TEST_P(MemoryStoreContract, RemovingLeavesNothing) {
    make_image(path_);
    const auto removed = store().remove(path_);
    ASSERT_TRUE(removed.has_value()) << removed.error().message;
    EXPECT_TRUE(*removed);
    EXPECT_TRUE(host_->paths().empty());
}

TEST_P(MemoryStoreContract, WhatIsNoImageIsNeitherOpenedNorRemoved) {
    host_->put_something_else(path_);
    fails(store().open(path_), ErrorCode::Invalid, path_);
    fails(store().remove(path_), ErrorCode::Invalid, path_);
    EXPECT_EQ(host_->paths(), std::set<std::string>{path_});
}

TEST_P(MemoryStoreContract, ANewImageNeedsAFreePathAndSpace) {
    EXPECT_TRUE(store().check_new(path_, 1));
    EXPECT_EQ(store().check_new("memory.save", 1).error().code, ErrorCode::Invalid);
    const Status no_space = store().check_new(path_, UINT64_MAX);
    EXPECT_EQ(no_space.error().code, ErrorCode::Fail);
    EXPECT_THAT(no_space.error().message, ::testing::HasSubstr("space"));
    host_->put_something_else(path_);
    EXPECT_EQ(store().check_new(path_, 1).error().code, ErrorCode::Invalid);
}

TEST_P(MemoryStoreContract, ANewImageMayWaitForItsDirectory) {
    const std::string path = host_->path_of("not-there/nor-this/image");
    EXPECT_TRUE(store().check_new_directory(path, 1));
    fails(store().check_new_directory(path, std::uint64_t{1} << 60U), ErrorCode::Fail, path);
    make_image(path_);
    fails(store().check_new_directory(path_, 1), ErrorCode::Invalid, path_);
}

TEST_P(MemoryStoreContract, ADiscardedImageLeavesNothing) {
    auto writer = create(path_);
    ASSERT_NE(writer, nullptr);
    EXPECT_TRUE(writer->discard());
    EXPECT_EQ(host_->temporary_files(), 0U);
    EXPECT_THAT(host_->paths(), ::testing::IsEmpty());
    EXPECT_TRUE(writer->discard());
}

} // namespace xlsnap::test
