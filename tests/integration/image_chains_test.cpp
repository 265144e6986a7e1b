// SPDX-License-Identifier: LGPL-2.1-only
// What is left when a merge fails in the middle, and what a guest's own bytes can bring about.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "support/small_file_system.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"
#include "support/wrapped_process_runner.hpp"

namespace xlsnap::test {

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kKib = 1024;

// Images "base", "middle" and "top", each on the one before it, with data of their own at several
// places, so that more than one table is in use; "top.raw" is what is read through the top.
class LayeredImages : public ::testing::Test {
  protected:
    LayeredImages() {
        make("base", "");
        write("base", 'A', 0, 5);
        make("middle", path("base"));
        write("middle", 'B', 2, 5);
        make("top", path("middle"));
        write("top", 'C', 4, 2);
        must_run({"qemu-img", "convert", "-O", "raw", path("top"), scratch_ / "top.raw"});
    }

    [[nodiscard]] std::string path(const std::string &name) const { return folder_ + "/" + name; }

    void make(const std::string &name, const std::string &base) const {
        std::vector<std::string> argv{"qemu-img", "create", "-q", "-f", "qcow2"};
        if (!base.empty())
            argv.insert(argv.end(), {"-F", "qcow2", "-b", base});
        argv.insert(argv.end(), {path(name), "768M"});
        must_run(argv);
    }

    // 64 KiB at each of `count` places, 96 MiB apart: a table is for 512 MiB.
    void write(const std::string &name, char letter, int first, int count) const {
        std::vector<std::string> argv{"qemu-io", "-f", "qcow2", "-t", "unsafe"};
        for (int i = first; i < first + count; ++i)
            argv.insert(argv.end(),
                        {"-c", fmt::format("write -q -P {} {}M 64k", int{letter}, i * 96)});
        argv.push_back(path(name));
        must_run(argv);
    }

    // The tag "t", and then an image that ends before most of what the tag holds.
    void tag_and_shrink(const std::string &name) const {
        must_run({"qemu-img", "snapshot", "-c", "t", path(name)});
        write(name, 'D', 0, 2);
        must_run({"qemu-img", "resize", "-q", "--shrink", path(name), "128M"});
    }

    [[nodiscard]] bool reads_as_before(const std::string &image) const {
        return run_tool({"qemu-img", "compare", "-q", "-f", "qcow2", "-F", "raw", image,
                         scratch_ / "top.raw"})
                   .status == 0;
    }

    [[nodiscard]] int files() const {
        return static_cast<int>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    TemporaryDirectory scratch_;
    SmallFileSystem disk_{24};
    std::string folder_ = scratch_.path();
    PosixProcessRunner processes_;
    WrappedProcessRunner runner_{processes_};
    ProcImageUsers users_;
    QemuImgChains layers_{runner_, users_};
};

// qemu-img dies at each of its writes in turn.
class KilledQemuImg : public LayeredImages {
  protected:
    KilledQemuImg() { copy_layers(folder_, saved_.path()); }

    static void copy_layers(const fs::path &from, const fs::path &to) {
        for (const char *name : {"base", "middle", "top"})
            fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing);
    }

    void expect_the_top_survives(const std::function<Status()> &merge) {
        int kills = 0;
        for (int write = 1; kills + 1 == write; ++write) {
            runner_.wrapper = {"env", "LD_PRELOAD=" XLSNAP_KILLED_AT_WRITE,
                               fmt::format("KILLED_AT_WRITE={}", write)};
            const Status merged = merge();
            kills += merged ? 0 : 1;
            EXPECT_TRUE(reads_as_before(path("top"))) << "killed at write " << write;
            if (!merged) {
                EXPECT_THAT(merged.error().message, HasSubstr("status 137"));
            }
            copy_layers(saved_.path(), folder_);
        }
        EXPECT_GE(kills, 5);
    }

  private:
    TemporaryDirectory saved_;
};

TEST_F(KilledQemuImg, LeavesTheTopOfACommitAsItWas) {
    expect_the_top_survives([this] { return layers_.commit(path("top"), path("base")); });
}

TEST_F(KilledQemuImg, LeavesTheTopOfAStreamAsItWas) {
    expect_the_top_survives([this] { return layers_.stream(path("top"), path("base")); });
}

TEST_F(KilledQemuImg, LeavesTheTopThatShallStandOnNothingAsItWas) {
    expect_the_top_survives([this] { return layers_.stream(path("top"), ""); });
}

// The file system of the image that grows is full after so much, or so little, of the work.
class FullFileSystem : public LayeredImages {
  protected:
    void run_into_the_end(const std::function<Status()> &action,
                          const std::function<void(bool done)> &check,
                          std::uint64_t step = 128 * kKib) {
        int failures = 0;
        bool done = false;
        for (std::uint64_t free = 0; !done; free += step) {
            ASSERT_LT(free, 12U << 20U) << "it never succeeds";
            runner_.before = [&] { disk_.leave_free(free); };
            const Status status = action();
            disk_.free_all();
            done = status.has_value();
            failures += done ? 0 : 1;
            check(done);
        }
        EXPECT_GE(failures, 1);
    }

    void move_to_the_small_disk(const std::string &name) {
        must_run({"cp", "--sparse=always", path(name), disk_ / name});
    }
};

TEST_F(FullFileSystem, LeavesTheTopOfAStreamAsItWas) {
    move_to_the_small_disk("top");
    const std::string top = disk_ / "top";
    run_into_the_end([&] { return layers_.stream(top, ""); },
                     [&](bool done) {
                         EXPECT_TRUE(reads_as_before(top));
                         const auto chain = layers_.chain(top, DiskFormat::Qcow2);
                         ASSERT_TRUE(chain) << chain.error().message;
                         EXPECT_EQ(chain->size(), done ? 1U : 3U);
                     });
}

TEST_F(FullFileSystem, LeavesTheTopOfACommitAsItWas) {
    move_to_the_small_disk("base");
    const std::string base = disk_ / "base";
    must_run({"qemu-img", "rebase", "-u", "-F", "qcow2", "-b", base, path("middle")});
    run_into_the_end([&] { return layers_.commit(path("top"), base); },
                     [&](bool done) {
                         EXPECT_TRUE(reads_as_before(path("top")));
                         EXPECT_TRUE(!done || reads_as_before(base));
                     });
}

TEST_F(FullFileSystem, HoldsNoPartOfACopy) {
    must_run({"qemu-img", "snapshot", "-c", "t", path("top")});
    folder_ = disk_.path();
    const int before = files();
    const std::string image = scratch_ / "top";
    run_into_the_end(
        [&]() -> Status {
            XLSNAP_TRY(layers_.copy_tag_out(image, "t", path("copy")));
            return {};
        },
        [&](bool done) {
            EXPECT_EQ(files(), before + (done ? 1 : 0));
            EXPECT_TRUE(!done || reads_as_before(path("copy")));
        });
}

TEST_F(FullFileSystem, HoldsNoPartOfACopyOutOfAnImageThatWasMadeSmaller) {
    tag_and_shrink("top");
    const std::string image = path("top");
    folder_ = disk_.path();
    const int before = files();
    run_into_the_end(
        [&]() -> Status {
            XLSNAP_TRY(layers_.copy_tag_out(image, "t", path("copy")));
            return {};
        },
        [&](bool done) {
            EXPECT_EQ(files(), before + (done ? 1 : 0));
            EXPECT_TRUE(!done || reads_as_before(path("copy")));
        });
}

TEST_F(FullFileSystem, HoldsNoPartOfAnOverlay) {
    folder_ = disk_.path();
    const int before = files();
    const std::string image = scratch_ / "top";
    run_into_the_end(
        [&]() -> Status {
            runner_.before(); // no qemu-img takes part
            XLSNAP_TRY(layers_.create_overlay(path("overlay"), image, DiskFormat::Qcow2,
                                              ImageChains::Tables::AsItGrows));
            return {};
        },
        [&](bool done) {
            EXPECT_EQ(files(), before + (done ? 1 : 0));
            EXPECT_TRUE(!done || reads_as_before(path("overlay")));
            EXPECT_TRUE(!done || run_tool({"qemu-img", "check", path("overlay")}).status == 0);
        },
        4 * kKib);
}

TEST_F(FullFileSystem, IsNoticedBeforeAnythingIsStarted) {
    move_to_the_small_disk("top");
    disk_.leave_free(256 * kKib);
    runner_.before = [] { ADD_FAILURE() << "qemu-img was started"; };
    const Status streamed = layers_.stream(disk_ / "top", "");
    ASSERT_FALSE(streamed);
    EXPECT_THAT(streamed.error().message, HasSubstr("free space"));
}

// A tag knows the size that the disk had.
TEST_F(LayeredImages, ACopyHasTheSizeThatTheDiskHadThen) {
    must_run({"qemu-img", "snapshot", "-c", "t", path("top")});
    must_run({"qemu-img", "resize", "-q", path("top"), "1G"});
    ASSERT_TRUE(layers_.copy_tag_out(path("top"), "t", path("copy")));
    EXPECT_TRUE(reads_as_before(path("copy")));
    EXPECT_EQ(layers_.chain(path("copy"), DiskFormat::Qcow2)->front().virtual_bytes,
              std::uint64_t{768} << 20U);
}

// The header names what it stands on as people do who want to move folders.
TEST_F(LayeredImages, ATagIsCopiedOutOfAnImageThatWasMadeSmaller) {
    tag_and_shrink("top");
    must_run({"qemu-img", "rebase", "-u", "-F", "qcow2", "-b", "middle", path("top")});
    const std::string before = must_run({"sha256sum", path("top"), path("middle"), path("base")});
    const int files_before = files();
    fs::create_directory(disk_ / "elsewhere");
    const std::string copy = disk_ / "elsewhere/copy";
    const auto made = layers_.copy_tag_out(path("top"), "t", copy);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(reads_as_before(copy));
    EXPECT_TRUE(run_tool({"qemu-img", "check", copy}).status == 0);
    const ImageChain chain = layers_.chain(copy, DiskFormat::Qcow2).value();
    EXPECT_EQ(chain.size(), 1U);
    EXPECT_EQ(chain.front().virtual_bytes, std::uint64_t{768} << 20U);
    EXPECT_TRUE(chain.front().tags.empty());
    EXPECT_EQ(must_run({"sha256sum", path("top"), path("middle"), path("base")}), before);
    EXPECT_EQ(files(), files_before);
    EXPECT_EQ(std::distance(fs::directory_iterator(disk_ / "elsewhere"), {}), 1);
}

// Neither its own nor the tag's tables are where they would be with clusters of 64 KiB.
TEST_F(LayeredImages, ATagIsCopiedOutOfASmallerImageWhateverItsClusters) {
    for (const char *options :
         {"cluster_size=4k", "cluster_size=2M", "extended_l2=on,cluster_size=128k"}) {
        must_run({"qemu-img", "convert", "-O", "qcow2", "-o", options, path("top"), path("one")});
        tag_and_shrink("one");
        const auto made = layers_.copy_tag_out(path("one"), "t", path("copy"));
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_TRUE(reads_as_before(path("copy"))) << options;
        fs::remove(path("copy"));
    }
}

// Between them a shorter image hides what the lower one has behind its end.
TEST_F(LayeredImages, MergesKeepWhatAShorterImageHides) {
    make("short", path("base"));
    must_run({"qemu-img", "resize", "-q", "--shrink", path("short"), "256M"});
    for (const char *name : {"top", "other"})
        make(name, path("short"));
    must_run({"qemu-img", "convert", "-O", "raw", path("top"), scratch_ / "top.raw"});
    ASSERT_TRUE(layers_.stream(path("other"), path("base")));
    EXPECT_TRUE(reads_as_before(path("other")));
    ASSERT_TRUE(layers_.commit(path("top"), path("base")));
    EXPECT_TRUE(reads_as_before(path("base")));
}

// A guest has written the header of a qcow2 image to its raw disk.
class GuestWrittenHeader : public ::testing::Test {
  protected:
    GuestWrittenHeader() {
        must_run({"truncate", "-s", "1M", secret_});
        must_run({"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret_, disk_});
        must_run({"truncate", "-s", "4M", disk_});
        runner_.wrapper = {"strace", "-f", "-qq", "-A", "-o", log_, "-e", "trace=%file"};
    }

    [[nodiscard]] std::string opened() const {
        std::ifstream file(log_);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

    template <typename T> static void succeeds(const Result<T> &result) {
        EXPECT_TRUE(result) << result.error().message;
    }

    TemporaryDirectory directory_;
    std::string secret_ = directory_ / "secret-of-the-host";
    std::string disk_ = directory_ / "disk";
    std::string overlay_ = directory_ / "overlay";
    std::string upper_ = directory_ / "upper";
    std::string log_ = directory_ / "strace";
    PosixProcessRunner processes_;
    WrappedProcessRunner runner_{processes_};
    ProcImageUsers users_;
    QemuImgChains layers_{runner_, users_};
};

// The danger is real on this machine.
TEST_F(GuestWrittenHeader, MakesQemuImgOpenTheFileWhenItProbes) {
    must_run({"strace", "-f", "-qq", "-o", log_, "-e", "trace=%file", "qemu-img", "convert", "-O",
              "raw", disk_, directory_ / "copy"});
    EXPECT_THAT(opened(), HasSubstr(secret_));
}

TEST_F(GuestWrittenHeader, OpensNoFileOfTheHost) {
    const auto chain = layers_.chain(disk_, DiskFormat::Raw);
    succeeds(chain);
    EXPECT_EQ(chain->size(), 1U);
    succeeds(
        layers_.create_overlay(overlay_, disk_, DiskFormat::Raw, ImageChains::Tables::AsItGrows));
    succeeds(layers_.create_overlay(upper_, overlay_, DiskFormat::Qcow2,
                                    ImageChains::Tables::AsItGrows));
    // The guest does it again, through its new disks.
    must_run({"qemu-img", "dd", "-f", "raw", "-O", "raw", "bs=64k", "count=1", "if=" + disk_,
              "of=" + (directory_ / "header")});
    for (const std::string &image : {overlay_, upper_})
        must_run({"qemu-io", "-f", "qcow2", "-c",
                  fmt::format("write -q -s {} 0 64k", directory_ / "header"), image});
    must_run({"qemu-img", "snapshot", "-c", "t", overlay_});
    succeeds(layers_.copy_tag_out(overlay_, "t", directory_ / "copy"));
    must_run({"qemu-img", "snapshot", "-d", "t", overlay_});
    succeeds(layers_.commit(upper_, overlay_));
    succeeds(layers_.commit(overlay_, disk_));
    succeeds(layers_.set_backing(upper_, disk_, DiskFormat::Raw));
    succeeds(layers_.set_backing(upper_, overlay_, DiskFormat::Qcow2));
    succeeds(layers_.stream(upper_, disk_));
    succeeds(layers_.stream(overlay_, ""));
    EXPECT_EQ(layers_.chain(upper_, DiskFormat::Qcow2)->size(), 2U);
    EXPECT_THAT(opened(), HasSubstr(disk_));
    EXPECT_THAT(opened(), Not(HasSubstr(secret_)));
}

} // namespace

} // namespace xlsnap::test
