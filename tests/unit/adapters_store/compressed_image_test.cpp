// SPDX-License-Identifier: LGPL-2.1-only
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/file_memory_store.hpp"
#include "adapters/store/save_header.hpp"
#include "support/save_stream_builder.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string plain_image() {
    return *encode_save_header({R"({"c_info":{"name":"g"}})", true}) + pvh_save_stream().bytes();
}

// One frame, made by another way of libzstd than ours.
std::string frame_of(const std::string &content, int states_size = 1) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, states_size);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    std::string frame(ZSTD_compressBound(content.size()), '\0');
    frame.resize(
        ZSTD_compress2(context, frame.data(), frame.size(), content.data(), content.size()));
    ZSTD_freeCCtx(context);
    return frame;
}

// The head of a frame that states this size, with one window of 1 KiB.
std::string head_stating(std::uint64_t size) {
    std::string head("\x28\xb5\x2f\xfd\xc0\x00", 6);
    for (unsigned shift = 0; shift < 64; shift += 8)
        head += static_cast<char>(size >> shift & 0xffU);
    return head;
}

class CompressedImageTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::string put(const std::string &content) const {
        std::ofstream(path_) << content;
        return content;
    }
    [[nodiscard]] std::string content() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(scratch_.path()))
            names.insert(entry.path().filename());
        return names;
    }

    // The image cannot be opened, for this reason, and nothing is left of the attempt.
    void refuse(ErrorCode code, const std::string &reason) {
        const auto image = store_.open(path_);
        ASSERT_FALSE(image.has_value()) << reason;
        EXPECT_EQ(image.error().code, code) << image.error().message;
        EXPECT_THAT(image.error().message, AllOf(HasSubstr(path_), HasSubstr(reason)));
        EXPECT_THAT(names(), ElementsAre("memory.save"));
    }

    // Compressing fails, for this reason, and the plain image stays as it is.
    void stays_plain(const std::string &reason) {
        const Status failed = store_.compress(path_);
        ASSERT_FALSE(failed.has_value()) << reason;
        EXPECT_THAT(failed.error().message, AllOf(HasSubstr("memory.save"), HasSubstr(reason)));
        EXPECT_EQ(content(), plain_image());
        EXPECT_THAT(names(), ElementsAre("memory.save"));
    }

    TemporaryDirectory scratch_;
    std::string path_ = scratch_ / "memory.save";
    FileMemoryStore store_;
};

TEST_F(CompressedImageTest, IsOneFrameThatStatesItsSizeAndHasAChecksum) {
    const std::string plain = put(plain_image());
    const Status done = store_.compress(path_);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    const std::string frame = content();
    EXPECT_LT(frame.size(), plain.size());
    EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), plain.size());
    EXPECT_NE(static_cast<unsigned char>(frame.at(4)) & 4U, 0U) << "no checksum";
    std::string back(plain.size(), '\0');
    EXPECT_EQ(ZSTD_decompress(back.data(), back.size(), frame.data(), frame.size()), plain.size());
    EXPECT_EQ(back, plain);
}

TEST_F(CompressedImageTest, IsWholeThoughItHasManyPieces) {
    const std::string plain = put(plain_image() + std::string(5U << 20U, 'x'));
    ASSERT_TRUE(store_.compress(path_));
    const std::string frame = content();
    std::string back(plain.size(), '\0');
    EXPECT_EQ(ZSTD_decompress(back.data(), back.size(), frame.data(), frame.size()), plain.size());
    EXPECT_EQ(back, plain);
    refuse(ErrorCode::Invalid, "bytes follow the end of the stream");
}

TEST_F(CompressedImageTest, BelongsToItsOwnerAlone) {
    static_cast<void>(put(plain_image()));
    const mode_t before = ::umask(0);
    ASSERT_TRUE(store_.compress(path_));
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(CompressedImageTest, IsKnownByItsFirstBytesWhoeverMadeIt) {
    static_cast<void>(put(frame_of(plain_image())));
    const auto image = store_.open(path_);
    ASSERT_TRUE(image.has_value()) << image.error().message;
    EXPECT_TRUE(image->info.was_paused);
    EXPECT_EQ(store_.fingerprint(path_)->compression, MemoryCompression::Zstd);
    EXPECT_THAT(names(), ElementsAre("memory.save"));
}

TEST_F(CompressedImageTest, IsRefusedWhereverItIsCutShort) {
    const std::string frame = frame_of(plain_image());
    for (std::size_t length = 4; length < frame.size(); ++length) {
        static_cast<void>(put(frame.substr(0, length)));
        const auto image = store_.open(path_);
        ASSERT_FALSE(image.has_value()) << length;
        EXPECT_EQ(image.error().code, ErrorCode::Invalid) << image.error().message;
    }
    refuse(ErrorCode::Invalid, "the compressed file is cut short");
}

TEST_F(CompressedImageTest, IsRefusedWhenAByteChanged) {
    std::string frame = frame_of(plain_image());
    frame.back() = static_cast<char>(frame.back() ^ 1);
    static_cast<void>(put(frame));
    refuse(ErrorCode::Invalid, "the compressed file is damaged (Restored data doesn't match "
                               "checksum)");
}

TEST_F(CompressedImageTest, IsRefusedWhenSomethingFollows) {
    static_cast<void>(put(frame_of(plain_image()) + "x"));
    refuse(ErrorCode::Invalid, "something follows the compressed file's end");
    static_cast<void>(put(frame_of(plain_image()) + frame_of(plain_image())));
    refuse(ErrorCode::Invalid, "something follows the compressed file's end");
}

TEST_F(CompressedImageTest, MustStateItsSize) {
    static_cast<void>(put(frame_of(plain_image(), 0)));
    refuse(ErrorCode::Invalid, "does not state how much comes out of it");
}

TEST_F(CompressedImageTest, ThatStatesMoreThanThereIsRoomForIsNotBegun) {
    static_cast<void>(put(head_stating(std::uint64_t{1} << 50U)));
    refuse(ErrorCode::Fail, "free space");
}

TEST_F(CompressedImageTest, FillsNoMoreThanItStates) {
    // One block, the last: a byte that is repeated 1000 times.
    static_cast<void>(put(head_stating(4) + std::string("\x43\x1f\x00x", 4)));
    refuse(ErrorCode::Invalid, "the compressed file");
    static_cast<void>(put(head_stating(4096) + std::string("\x43\x1f\x00x", 4)));
    refuse(ErrorCode::Invalid, "the compressed file");
}

TEST_F(CompressedImageTest, ThatHoldsNoImageIsNeitherOpenedNorRemoved) {
    const std::string other = put(frame_of("no save file at all"));
    refuse(ErrorCode::Invalid, "decompressed");
    const auto removed = store_.remove(path_);
    ASSERT_FALSE(removed.has_value());
    EXPECT_THAT(removed.error().message, HasSubstr("is not a file of xl save"));
    EXPECT_EQ(content(), other);
}

TEST_F(CompressedImageTest, ThatIsCutShortCanBeRemoved) {
    static_cast<void>(put(plain_image() + std::string(5U << 20U, 'x')));
    ASSERT_TRUE(store_.compress(path_));
    std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 8);
    const auto removed = store_.remove(path_);
    ASSERT_TRUE(removed.has_value()) << removed.error().message;
    EXPECT_TRUE(names().empty());
}

TEST_F(CompressedImageTest, IsNotBegunWithoutRoomForBothFiles) {
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10U, [this] {
        static_cast<void>(put(plain_image()));
        std::ofstream filler(scratch_ / "filler");
        while (filler << std::string(4096, 'x') << std::flush) {
        }
        const Status failed = store_.compress(path_);
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().code, ErrorCode::Fail);
        EXPECT_THAT(failed.error().message,
                    AllOf(StartsWith("while it is compressed, " + path_ + " takes"),
                          HasSubstr("free space")));
        EXPECT_EQ(content(), plain_image());
        EXPECT_THAT(names(), ElementsAre("filler", "memory.save"));
    });
}

TEST_F(CompressedImageTest, NeedsRoomForWhatComesOutOfIt) {
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10U, [this] {
        static_cast<void>(put(frame_of(plain_image() + std::string(1U << 20U, '\0'))));
        refuse(ErrorCode::Fail, "what comes out of");
    });
}

TEST_F(CompressedImageTest, TheFileSystemThatRunsFullMeanwhileLosesNothing) {
    static_cast<void>(put(plain_image()));
    with_failing({SYS_write}, ENOSPC, [this] { stays_plain("No space left on device"); });
}

TEST_F(CompressedImageTest, APlainImageThatCannotBeReplacedStays) {
    static_cast<void>(put(plain_image()));
    with_failing({SYS_fsync}, EIO, [this] { stays_plain("Input/output error"); });
    with_failing({SYS_renameat}, EPERM, [this] { stays_plain("Operation not permitted"); });
    with_failing({SYS_openat}, EMFILE, [this] {
        EXPECT_THAT(store_.compress(path_).error().message, HasSubstr("Too many open files"));
    });
}

TEST_F(CompressedImageTest, WhatCannotBeRemovedIsNamed) {
    static_cast<void>(put(plain_image()));
    with_failing({SYS_renameat}, EPERM, [this] {
        with_failing({SYS_unlinkat}, EACCES, [this] {
            EXPECT_THAT(store_.compress(path_).error().message,
                        AllOf(HasSubstr("not permitted"), HasSubstr("cannot remove")));
        });
    });
    EXPECT_THAT(names(),
                ElementsAre(AllOf(StartsWith(".memory.save."), EndsWith(".tmp")), "memory.save"));
}

} // namespace
} // namespace xlsnap::test
