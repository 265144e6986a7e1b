// SPDX-License-Identifier: LGPL-2.1-only
// Calls of the C API that end on a thread of the library, on images that nobody has open: libxl is
// replaced at link time, qemu-img is real and judges.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/installed_program.hpp"
#include "libxl_snapshot.h"
#include "support/disk_image_file.hpp"
#include "support/fake_libxl.hpp"
#include "support/temporary_directory.hpp"

const char *xlsnap::api::installed_program() noexcept {
    return "/bin/true";
}

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StrEq;

// What the callbacks of one call have said.
struct Heard {
    std::atomic<int> times{0};
    libxl_ctx *ctx = nullptr;
    int rc = ERROR_FAIL;
    std::string text = "nothing";
    std::promise<pid_t> thread;

    static void note(libxl_ctx *ctx, int rc, void *for_callback) {
        auto *self = static_cast<Heard *>(for_callback);
        if (self->times++ > 0)
            return;
        self->ctx = ctx;
        self->rc = rc;
        self->text = libxl_snapshot_last_error();
        self->thread.set_value(::gettid());
    }
};

// The thread of this process is gone, and can call nobody back any more.
bool ends(pid_t thread) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::filesystem::exists(fmt::format("/proc/self/task/{}", thread))) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

class AsynchronousCall : public ::testing::Test {
  protected:
    AsynchronousCall() { image_.create('A'); }

    using Function = int (*)(libxl_ctx *, int, libxl_disk_snapshot *, int,
                             const libxl_asyncop_how *);

    // Of the image's snapshot s1. The request is gone when the call returns, as it may be.
    int call(Function function, const libxl_asyncop_how *how) {
        libxl_disk_snapshot disk;
        libxl_disk_snapshot_init(&disk);
        disk.name = ::strdup("s1");
        disk.disk.pdev_path = ::strdup(image_.path().c_str());
        disk.disk.format = LIBXL_DISK_FORMAT_QCOW2;
        const int rc = function(libxl_.ctx(), -1, &disk, 1, how);
        libxl_disk_snapshot_dispose(&disk);
        return rc;
    }

    // One that succeeds, and calls back once, from another thread, which then ends.
    void expect_success(Function function) {
        Heard heard;
        libxl_asyncop_how how = {};
        how.callback = Heard::note;
        how.u.for_callback = &heard;
        ASSERT_EQ(call(function, &how), 0) << libxl_snapshot_last_error();
        const pid_t thread = heard.thread.get_future().get();
        EXPECT_NE(thread, ::gettid());
        ASSERT_TRUE(ends(thread));
        EXPECT_EQ(heard.times, 1);
        EXPECT_EQ(heard.ctx, libxl_.ctx());
        EXPECT_EQ(heard.rc, 0) << heard.text;
        EXPECT_THAT(heard.text, StrEq(""));
    }

    TemporaryDirectory directory_;
    DiskImageFile image_{directory_ / "a.qcow2", "qcow2"};
    FakeLibxl libxl_;
};

TEST_F(AsynchronousCall, MakesASnapshotGoesBackToItAndSaysSoOnce) {
    expect_success(libxl_disk_snapshot_create);
    EXPECT_THAT(image_.tags(), ElementsAre("s1"));
    image_.write('X');
    expect_success(libxl_disk_snapshot_revert);
    EXPECT_EQ(image_.content(), 'A');
    EXPECT_THAT(image_.tags(), ElementsAre("s1"));
    EXPECT_TRUE(image_.is_intact());
}

// Without a callback libxl would make an event of it; with neither, there is nothing to wait for.
TEST_F(AsynchronousCall, ThatWantsAnEventIsRefusedAndDoesNothing) {
    libxl_asyncop_how how = {};
    how.callback = nullptr;
    how.u.for_event = 0x4711;
    EXPECT_EQ(call(libxl_disk_snapshot_create, &how), ERROR_NI);
    EXPECT_THAT(libxl_snapshot_last_error(), ::testing::HasSubstr("give ao_how a callback"));
    EXPECT_THAT(image_.tags(), IsEmpty());
}

TEST_F(AsynchronousCall, WithoutAnythingAboutItIsOneThatWaits) {
    EXPECT_EQ(call(libxl_disk_snapshot_create, nullptr), 0) << libxl_snapshot_last_error();
    EXPECT_THAT(image_.tags(), ElementsAre("s1"));
}

} // namespace

} // namespace xlsnap::test
