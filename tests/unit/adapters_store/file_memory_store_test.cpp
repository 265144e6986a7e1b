// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/file_memory_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using ::testing::IsEmpty;
using ::testing::StartsWith;

const MemoryImageInfo kInfo{R"({"c_info":{"name":"g"}})", true};

std::string text_of(const std::string &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool write_all(int fd, const std::string &bytes) {
    return ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

class FileMemoryStoreTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(scratch_.path()))
            names.insert(entry.path().filename());
        return names;
    }

    void put(const std::string &name, const std::string &content) const {
        std::ofstream(scratch_ / name) << content;
    }

    // A published image.
    void make_image(const std::string &name) {
        auto writer = store_.create(scratch_ / name, kInfo);
        ASSERT_TRUE(writer.has_value()) << writer.error().message;
        ASSERT_TRUE(write_all((*writer)->fd(), pvh_save_stream().bytes()));
        ASSERT_TRUE((*writer)->publish().has_value());
    }

    // The number of our descriptor of the scratch directory.
    [[nodiscard]] std::uint32_t directory_fd() const {
        for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone) == scratch_.path())
                return static_cast<std::uint32_t>(std::stoul(entry.path().filename()));
        }
        ADD_FAILURE() << "the directory is not open";
        return 0;
    }

    TemporaryDirectory scratch_;
    FileMemoryStore store_;
};

TEST_F(FileMemoryStoreTest, ThePublishedFileIsHeaderAndStream) {
    make_image("memory.save");
    const auto header = encode_save_header(kInfo);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(text_of(scratch_ / "memory.save"), *header + pvh_save_stream().bytes());
    EXPECT_THAT(names(), ElementsAre("memory.save"));
}

TEST_F(FileMemoryStoreTest, OpensWhatStockXlSaved) {
    std::string file("Xen saved domain, xl format\n \0 \r", 32);
    file += le32({0x0102'0304, 3, 0, 4 + 3, 3}) + std::string("{}\0", 3);
    const std::size_t stream_position = file.size();
    put("memory.save", file + hvm_save_stream().bytes());
    const auto image = store_.open(scratch_ / "memory.save");
    ASSERT_TRUE(image.has_value()) << image.error().message;
    EXPECT_EQ(image->info.config_json, "{}");
    EXPECT_FALSE(image->info.was_paused);
    EXPECT_EQ(::lseek(image->fd.get(), 0, SEEK_CUR), static_cast<off_t>(stream_position));
}

TEST_F(FileMemoryStoreTest, ImagesBelongToTheirOwnerAlone) {
    const mode_t before = ::umask(0);
    make_image("memory.save");
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat((scratch_ / "memory.save").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(FileMemoryStoreTest, TheTemporaryFileIsHiddenAndNamesItsImage) {
    const auto writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    EXPECT_THAT(names(), ElementsAre(AllOf(StartsWith(".memory.save."), EndsWith(".tmp"))));
}

TEST_F(FileMemoryStoreTest, TwoWritersOfOneImageDoNotShareAFile) {
    const auto first = store_.create(scratch_ / "memory.save", kInfo);
    const auto second = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(first.has_value());
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(names().size(), 2U);
}

TEST_F(FileMemoryStoreTest, NamesAsLongAsTheFileSystemTakesWork) {
    const std::string ascii(255, 'n');
    std::string umlauts = "x"; // each umlaut has two bytes, so that a cut may fall inside one
    while (umlauts.size() < 255)
        umlauts += "\xc3\xbc";
    for (const std::string &name : {ascii, umlauts, std::string("n")}) {
        {
            const auto writer = store_.create(scratch_ / name, kInfo);
            ASSERT_TRUE(writer.has_value()) << writer.error().message;
            const std::string temporary = *names().begin();
            EXPECT_LE(temporary.size(), 255U);
            // Cut between two characters: what is kept has an odd number of bytes.
            const std::string kept = temporary.substr(1, temporary.size() - 1 - 21);
            EXPECT_TRUE(name.starts_with(kept));
            EXPECT_EQ(kept.size() % 2, name == ascii ? kept.size() % 2 : 1U);
        }
        make_image(name);
        EXPECT_TRUE(store_.open(scratch_ / name).has_value());
        EXPECT_TRUE(*store_.remove(scratch_ / name));
    }
    const auto too_long = store_.create(scratch_ / std::string(256, 'n'), kInfo);
    ASSERT_FALSE(too_long.has_value());
    EXPECT_THAT(too_long.error().message, HasSubstr("File name too long"));
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileMemoryStoreTest, PathsThatNameNoFileAreRefused) {
    for (const std::string &path :
         {std::string("memory.save"), std::string(), scratch_.path() + "/", std::string("/"),
          scratch_ / ".", scratch_ / "..", scratch_ / std::string("a\0b", 3)}) {
        const auto created = store_.create(path, kInfo);
        ASSERT_FALSE(created.has_value()) << path;
        EXPECT_EQ(created.error().code, ErrorCode::Invalid);
        EXPECT_EQ(store_.open(path).error().code, ErrorCode::Invalid);
        EXPECT_EQ(store_.remove(path).error().code, ErrorCode::Invalid);
    }
}

TEST_F(FileMemoryStoreTest, TheDirectoryMustExist) {
    const std::string path = scratch_ / "nowhere/memory.save";
    const auto created = store_.create(path, kInfo);
    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().code, ErrorCode::NotFound);
    EXPECT_EQ(created.error().message,
              "there is no directory " + (scratch_ / "nowhere") + "; make it, or name another");
    EXPECT_EQ(store_.open(path).error().code, ErrorCode::NotFound);
    const auto removed = store_.remove(path);
    ASSERT_TRUE(removed.has_value());
    EXPECT_FALSE(*removed);
    put("file", "");
    EXPECT_THAT(store_.remove(scratch_ / "file/memory.save").error().message,
                HasSubstr("Not a directory"));
}

TEST_F(FileMemoryStoreTest, AnythingThatHasTheNameIsInTheWay) {
    put("file", "");
    std::filesystem::create_directory(scratch_ / "directory");
    std::filesystem::create_symlink("nowhere", scratch_ / "dangling");
    const auto before = names();
    for (const char *name : {"file", "directory", "dangling"}) {
        const auto created = store_.create(scratch_ / name, kInfo);
        ASSERT_FALSE(created.has_value());
        EXPECT_EQ(created.error().code, ErrorCode::Invalid);
        EXPECT_EQ(created.error().message,
                  (scratch_ / name) + " exists already; remove it or choose another name");
    }
    EXPECT_EQ(names(), before);
}

TEST_F(FileMemoryStoreTest, OnlyRegularFilesAreOpenedOrRemoved) {
    make_image("memory.save");
    std::filesystem::create_symlink("memory.save", scratch_ / "link");
    std::filesystem::create_directory(scratch_ / "directory");
    ASSERT_EQ(::mkfifo((scratch_ / "fifo").c_str(), 0600), 0);
    const auto before = names();
    for (const char *name : {"link", "directory", "fifo"}) {
        EXPECT_EQ(store_.open(scratch_ / name).error().code, ErrorCode::Invalid);
        EXPECT_EQ(store_.remove(scratch_ / name).error().code, ErrorCode::Invalid);
    }
    EXPECT_EQ(names(), before);
}

TEST_F(FileMemoryStoreTest, OtherFilesAreNotRemoved) {
    put("empty", "");
    put("notes.txt", "Xen saved domain, xl format\n but no save file at all");
    for (const char *name : {"empty", "notes.txt"}) {
        const auto removed = store_.remove(scratch_ / name);
        ASSERT_FALSE(removed.has_value());
        EXPECT_EQ(removed.error().code, ErrorCode::Invalid);
        EXPECT_EQ(removed.error().message,
                  (scratch_ / name) + " is not a file of xl save, so it is not removed; look "
                                      "whether the path is right");
    }
    EXPECT_THAT(names(), ElementsAre("empty", "notes.txt"));
}

TEST_F(FileMemoryStoreTest, ADamagedImageCanBeRemoved) {
    make_image("memory.save");
    std::filesystem::resize_file(scratch_ / "memory.save", 40);
    const auto removed = store_.remove(scratch_ / "memory.save");
    ASSERT_TRUE(removed.has_value()) << removed.error().message;
    EXPECT_TRUE(*removed);
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileMemoryStoreTest, SaysWhatIsWrongWithAnImageAndWhere) {
    make_image("memory.save");
    const std::string path = scratch_ / "memory.save";
    const auto size = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, size - 8);
    EXPECT_EQ(store_.open(path).error().message,
              path + " cannot be restored: at byte " + std::to_string(size - 8) +
                  ": the next record of the libxl stream needs 8 bytes, but only 0 are left; it is "
                  "damaged, of a newer format, or no memory image at all: use another one");
}

TEST_F(FileMemoryStoreTest, NamesAnImageThatIsMissing) {
    const auto image = store_.open(scratch_ / "none.save");
    EXPECT_EQ(image.error().code, ErrorCode::NotFound);
    EXPECT_EQ(image.error().message, "there is no memory image " + (scratch_ / "none.save") +
                                         "; name the one that was made");
}

TEST_F(FileMemoryStoreTest, TellsBeforehandWhereNoFileCanBeMade) {
    for (const auto &[number, text] :
         {std::pair(EROFS, "Read-only file system"), std::pair(EACCES, "Permission denied")}) {
        with_failing({SYS_faccessat2}, number, [this, reason = text] {
            const Status refused = store_.check_new(scratch_ / "memory.save", 1);
            ASSERT_FALSE(refused.has_value());
            EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
            EXPECT_EQ(refused.error().message, "no file can be made in " + scratch_.path() + " (" +
                                                   reason + "); choose another place");
        });
    }
    EXPECT_TRUE(store_.check_new(scratch_ / "memory.save", 1));
}

TEST_F(FileMemoryStoreTest, AConfigurationThatDoesNotFitLeavesNothing) {
    EXPECT_EQ(store_.create(scratch_ / "memory.save", {"", false}).error().code,
              ErrorCode::Invalid);
    EXPECT_THAT(names(), IsEmpty());
}

// Creating an image fails at each system call that it needs.
TEST_F(FileMemoryStoreTest, AFailingCreateLeavesNothing) {
    for (const long call : {SYS_getrandom, SYS_fchmod, SYS_write, SYS_fallocate}) {
        with_failing({call}, ENOSPC, [this, call] {
            const auto created = store_.create(scratch_ / "memory.save", kInfo);
            ASSERT_FALSE(created.has_value()) << call;
            EXPECT_THAT(created.error().message, HasSubstr("No space left on device"));
        });
        EXPECT_THAT(names(), IsEmpty());
    }
}

TEST_F(FileMemoryStoreTest, AFailingPublishLeavesNothing) {
    for (const long call : {SYS_fsync, SYS_renameat2}) {
        auto writer = store_.create(scratch_ / "memory.save", kInfo);
        ASSERT_TRUE(writer.has_value());
        with_failing({call}, EIO, [&writer] {
            const Status published = (*writer)->publish();
            ASSERT_FALSE(published.has_value());
            EXPECT_THAT(published.error().message, HasSubstr("Input/output error"));
        });
        EXPECT_THAT(names(), IsEmpty());
        const Status again = (*writer)->publish();
        ASSERT_FALSE(again.has_value());
        EXPECT_THAT(again.error().message, HasSubstr("is published already or given up"));
    }
}

TEST_F(FileMemoryStoreTest, ANameThatIsNotOnTheDiskIsTakenBack) {
    auto writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    with_failing({SYS_fsync, directory_fd()}, EIO, [this, &writer] {
        const Status published = (*writer)->publish();
        ASSERT_FALSE(published.has_value());
        EXPECT_EQ(published.error().message,
                  "cannot write " + scratch_.path() + " to the disk: Input/output error");
    });
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileMemoryStoreTest, AnImageThatIsNotOnTheDiskGetsNoName) {
    auto writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    const auto file = static_cast<std::uint32_t>((*writer)->fd());
    with_failing({SYS_fsync, file}, EIO, [&writer] {
        const Status published = (*writer)->publish();
        ASSERT_FALSE(published.has_value());
        EXPECT_THAT(published.error().message, HasSubstr("Input/output error"));
    });
    EXPECT_THAT(names(), IsEmpty());
}

// Of two calls that both fail, the one that comes first is told.
TEST_F(FileMemoryStoreTest, SyncsTheFileBeforeItHasItsNameAndTheDirectoryAfterwards) {
    auto writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    const auto file = static_cast<std::uint32_t>((*writer)->fd());
    with_failing({SYS_renameat2}, EPERM, [&writer, file] {
        with_failing({SYS_fsync, file}, EIO, [&writer] {
            EXPECT_THAT((*writer)->publish().error().message, HasSubstr("Input/output error"));
        });
    });
    writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    with_failing({SYS_renameat2}, EPERM, [this, &writer] {
        with_failing({SYS_fsync, directory_fd()}, EIO, [&writer] {
            EXPECT_THAT((*writer)->publish().error().message, HasSubstr("not permitted"));
        });
    });
}

TEST_F(FileMemoryStoreTest, PublishesWhereTheFileSystemHasNoExclusiveRename) {
    auto writer = store_.create(scratch_ / "memory.save", kInfo);
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(write_all((*writer)->fd(), pvh_save_stream().bytes()));
    with_failing({SYS_renameat2}, EINVAL, [&writer] {
        const Status published = (*writer)->publish();
        EXPECT_TRUE(published.has_value()) << published.error().message;
    });
    EXPECT_THAT(names(), ElementsAre("memory.save"));
    EXPECT_TRUE(store_.open(scratch_ / "memory.save").has_value());
}

TEST_F(FileMemoryStoreTest, ARemovalThatIsNotOnTheDiskIsTold) {
    make_image("memory.save");
    with_failing({SYS_fsync}, EIO, [this] {
        const auto removed = store_.remove(scratch_ / "memory.save");
        ASSERT_FALSE(removed.has_value());
        EXPECT_THAT(removed.error().message, HasSubstr("Input/output error"));
    });
}

TEST_F(FileMemoryStoreTest, AnUnreadableImageIsNeitherOpenedNorRemoved) {
    make_image("memory.save");
    with_failing({SYS_pread64}, EIO, [this] {
        EXPECT_THAT(store_.open(scratch_ / "memory.save").error().message,
                    HasSubstr("Input/output error"));
        EXPECT_THAT(store_.remove(scratch_ / "memory.save").error().message,
                    HasSubstr("Input/output error"));
    });
    EXPECT_THAT(names(), ElementsAre("memory.save"));
}

// libxl does not survive a failure to write the head of its stream, which is 24 bytes long.
TEST_F(FileMemoryStoreTest, TheHeadOfTheStreamFitsWhenTheFileSystemFillsUpMeanwhile) {
    MemoryImageInfo info = kInfo; // with a header that leaves no room in its last block
    while (encode_save_header(info)->size() % 4096 != 0)
        info.config_json += ' ';
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10, [this, &info] {
        auto writer = store_.create(scratch_ / "memory.save", info);
        ASSERT_TRUE(writer.has_value()) << writer.error().message;
        std::ofstream filler(scratch_ / "filler");
        while (filler << std::string(4096, 'x') << std::flush) {
        }
        EXPECT_EQ(std::filesystem::space(scratch_.path()).free, 0U);
        EXPECT_EQ(::write((*writer)->fd(), std::string(24, 'x').data(), 24), 24);
    });
}

TEST_F(FileMemoryStoreTest, TellsBeforehandWhetherTheImageHasRoom) {
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10, [this] {
        EXPECT_TRUE(store_.check_new(scratch_ / "memory.save", std::uint64_t{64} << 10));
        const Status more =
            store_.check_new(scratch_ / "memory.save", (std::uint64_t{64} << 10) + 1);
        ASSERT_FALSE(more.has_value());
        EXPECT_THAT(more.error().message, HasSubstr("free space"));
        std::ofstream(scratch_ / "memory.save") << "mine";
        EXPECT_THAT(
            store_.check_new(scratch_ / "memory.save", std::uint64_t{64} << 20).error().message,
            ::testing::AllOf(HasSubstr("exists already"), HasSubstr("free space")));
    });
}

TEST_F(FileMemoryStoreTest, AFileSystemThatReservesNothingIsGoodEnough) {
    with_failing({SYS_fallocate}, EOPNOTSUPP, [this] {
        const auto created = store_.create(scratch_ / "memory.save", kInfo);
        EXPECT_TRUE(created.has_value()) << created.error().message;
    });
}

TEST_F(FileMemoryStoreTest, AFullFileSystemIsLeftAsItWas) {
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10, [this] {
        const auto free_blocks = [this] { return std::filesystem::space(scratch_.path()).free; };
        const auto before = free_blocks();
        {
            auto writer = store_.create(scratch_ / "memory.save", kInfo);
            ASSERT_TRUE(writer.has_value()) << writer.error().message;
            const std::string page(4096, 'x');
            while (::write((*writer)->fd(), page.data(), page.size()) > 0) {
            }
            EXPECT_EQ(errno, ENOSPC);
            const auto another = store_.create(scratch_ / "other.save", kInfo);
            ASSERT_FALSE(another.has_value());
            EXPECT_THAT(another.error().message, HasSubstr("No space left on device"));
            EXPECT_EQ(names().size(), 1U) << "the first writer's temporary file";
        }
        EXPECT_THAT(names(), IsEmpty());
        EXPECT_EQ(free_blocks(), before);
    });
}

} // namespace
} // namespace xlsnap::test
