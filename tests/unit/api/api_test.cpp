// SPDX-License-Identifier: LGPL-2.1-only
// The C API from its arguments down to libxl, which is replaced at link time.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/installed_program.hpp"
#include "libxl_snapshot.h"
#include "support/fake_libxl.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

std::string installed; // the path of the command

} // namespace xlsnap::test

const char *xlsnap::api::installed_program() noexcept {
    return test::installed.c_str();
}

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;

using ::testing::StartsWith;
using ::testing::StrEq;

constexpr const char *kConfig =
    R"({"c_info":{"type":"pvh","name":"g1","uuid":"6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01"},)"
    R"("b_info":{"max_memkb":65536,"type.pvh":{}},)"
    R"("disks":[{"vdev":"xvda","pdev_path":"/images/a.qcow2","format":"qcow2",)"
    R"("backend":"qdisk","readwrite":1}]})";

// A logger of the caller's that keeps the lines.
struct KeepingLogger {
    xentoollog_logger base{keep, nullptr, nullptr};
    std::vector<std::string> lines;

    static void keep(xentoollog_logger *logger, xentoollog_level level, int /*errnoval*/,
                     const char *context, const char *format, va_list arguments) {
        char text[512];
        ASSERT_GE(std::vsnprintf(text, sizeof(text), format, arguments), 0);
        auto *self = reinterpret_cast<KeepingLogger *>(logger);
        if (level >= XTL_NOTICE)
            self->lines.push_back(std::string(context) + ": " + text);
    }
};

class Api : public ::testing::Test {
  protected:
    Api() {
        installed = directory_ / "xlsnap";
        std::ofstream(installed) << "#!/bin/sh\necho \"$@\" >>" << directory_ / "started" << '\n';
        std::filesystem::permissions(installed, std::filesystem::perms::owner_all);
        domid_ = static_cast<int>(libxl_.add(kConfig, "what the guest remembers"));
        libxl_domain_snapshot_args_init(&args_);
        args_.memory = true;
        args_.memory_path = ::strdup((directory_ / "g1.save").c_str());
    }
    Api(const Api &) = delete;
    Api &operator=(const Api &) = delete;
    Api(Api &&) = delete;
    Api &operator=(Api &&) = delete;
    ~Api() override {
        libxl_domain_snapshot_args_dispose(&args_);
        libxl_snapshot_set_logger(nullptr);
    }

    void add_disk(const char *vdev, const char *name) {
        args_.disks = static_cast<libxl_disk_snapshot *>(std::calloc(1, sizeof(*args_.disks)));
        libxl_disk_snapshot_init(args_.disks);
        args_.num_disks = 1;
        args_.disks->disk.vdev = ::strdup(vdev);
        args_.disks->name = ::strdup(name);
    }

    void without_memory() {
        std::free(args_.memory_path);
        args_.memory_path = nullptr;
        args_.memory = false;
    }

    // The command lines of the installed command.
    [[nodiscard]] std::string started() const {
        std::ifstream file(directory_ / "started");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TemporaryDirectory directory_;
    FakeLibxl libxl_;
    int domid_ = 0;
    libxl_domain_snapshot_args args_;
};

TEST_F(Api, CreatesRevertsAndDeletesTheMemoryOfADomain) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0)
        << libxl_snapshot_last_error();
    EXPECT_THAT(libxl_snapshot_last_error(), StrEq(""));
    struct stat info = {};
    ASSERT_EQ(::stat(args_.memory_path, &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);

    libxl_.domain(static_cast<std::uint32_t>(domid_)).memory = "something else";
    std::uint32_t reverted = 0;
    ASSERT_EQ(libxl_domain_snapshot_revert_domid(libxl_.ctx(), domid_, &args_, &reverted), 0)
        << libxl_snapshot_last_error();
    EXPECT_FALSE(libxl_.has(static_cast<std::uint32_t>(domid_)));
    EXPECT_EQ(libxl_.domain(reverted).memory.rfind("what the guest remembers", 0), 0U);
    EXPECT_EQ(libxl_.domain(reverted).pauses, 0);

    const int now = static_cast<int>(reverted);
    ASSERT_EQ(libxl_domain_snapshot_delete(libxl_.ctx(), now, &args_), 0);
    EXPECT_NE(::stat(args_.memory_path, &info), 0);
}

TEST_F(Api, StartsAWatcherAfterCreateAndAfterRevert) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    EXPECT_EQ(started(), fmt::format("monitor {}\n", domid_));
    std::uint32_t reverted = 0;
    ASSERT_EQ(libxl_domain_snapshot_revert_domid(libxl_.ctx(), domid_, &args_, &reverted), 0);
    EXPECT_EQ(started(), fmt::format("monitor {}\nmonitor {}\n", domid_, reverted));
}

TEST_F(Api, SaysThatNobodyWatchesTheDomainThoughTheSnapshotIsMade) {
    installed = directory_ / "not-there";
    KeepingLogger logger;
    libxl_snapshot_set_logger(&logger.base);
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("run xlsnap monitor g1"));
    EXPECT_THAT(logger.lines, Contains(HasSubstr("run xlsnap monitor g1")));
}

TEST_F(Api, WatchesNoDomainThatIsNotItsToWatch) {
    EXPECT_EQ(libxl_snapshot_monitor(nullptr, 1), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_monitor(libxl_.ctx(), 0), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_monitor(libxl_.ctx(), 4711), ERROR_DOMAIN_NOTFOUND);
    libxl_.userdata[static_cast<std::uint32_t>(domid_)]["libvirt-xml"] = "<domain/>";
    EXPECT_EQ(libxl_snapshot_monitor(libxl_.ctx(), static_cast<std::uint32_t>(domid_)),
              ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("libvirt"));
}

TEST_F(Api, LeavesTheDomainPausedWhenAsked) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    std::uint32_t reverted = 0;
    ASSERT_EQ(libxl_domain_snapshot_revert_paused(libxl_.ctx(), domid_, &args_, &reverted), 0);
    EXPECT_EQ(libxl_.domain(reverted).pauses, 1);
}

TEST_F(Api, RevertNeedsNoPlaceForTheDomid) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    EXPECT_EQ(libxl_domain_snapshot_revert(libxl_.ctx(), domid_, &args_), 0);
    EXPECT_FALSE(libxl_.has(static_cast<std::uint32_t>(domid_)));
}

TEST_F(Api, RevertsADomainOfLibvirtForItsManagerAlone) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    const auto id = static_cast<std::uint32_t>(domid_);
    libxl_.userdata[id]["libvirt-xml"] = "<domain/>";
    std::uint32_t reverted = 0;
    for (const auto &refusing :
         {libxl_domain_snapshot_revert_domid, libxl_domain_snapshot_revert_paused}) {
        EXPECT_EQ(refusing(libxl_.ctx(), domid_, &args_, &reverted), ERROR_INVAL);
        EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("libvirt"));
    }
    EXPECT_TRUE(libxl_.has(id));
    EXPECT_EQ(libxl_domain_snapshot_revert_managed(libxl_.ctx(), domid_, &args_, &reverted), 0)
        << libxl_snapshot_last_error();
    EXPECT_TRUE(libxl_.has(reverted));
    EXPECT_FALSE(libxl_.has(id));
}

TEST_F(Api, TellsTheDomidOfARevertedDomainThatCannotBeUnpaused) {
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    libxl_.fail_next("libxl_domain_unpause", ERROR_FAIL);
    std::uint32_t reverted = 0;
    EXPECT_EQ(libxl_domain_snapshot_revert_domid(libxl_.ctx(), domid_, &args_, &reverted),
              ERROR_FAIL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("is reverted"));
    ASSERT_TRUE(libxl_.has(reverted));
    EXPECT_EQ(libxl_.domain(reverted).pauses, 1);
}

// The caller's logger is called outside of every step: nothing but the border is there to catch.
TEST_F(Api, TurnsAnExceptionIntoAnError) {
    xentoollog_logger throwing{[](xentoollog_logger *, xentoollog_level, int, const char *,
                                  const char *,
                                  va_list) { throw std::runtime_error("thrown by the logger"); },
                               nullptr, nullptr};
    libxl_snapshot_set_logger(&throwing);
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_FAIL);
    EXPECT_THAT(libxl_snapshot_last_error(), StrEq("thrown by the logger"));
}

TEST_F(Api, WarnsOfWritableDisksLeftOutThroughTheCallersLogger) {
    KeepingLogger logger;
    libxl_snapshot_set_logger(&logger.base);
    ASSERT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), 0);
    EXPECT_THAT(logger.lines, Contains(HasSubstr("xvda")));
    EXPECT_THAT(logger.lines.front(), StartsWith("xlsnap: "));
}

TEST_F(Api, TellsWhatIsGoneAlreadyAtDelete) {
    KeepingLogger logger;
    libxl_snapshot_set_logger(&logger.base);
    EXPECT_EQ(libxl_domain_snapshot_delete(libxl_.ctx(), domid_, &args_), 0);
    EXPECT_THAT(logger.lines, Contains(HasSubstr("gone already")));
}

TEST_F(Api, RefusesDisksOfADomainWhoseQemuDoesNotAnswer) {
    add_disk("xvda", "s1");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_NOT_READY);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("QEMU"));
    without_memory();
    EXPECT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid_, args_.disks, 1, nullptr),
              ERROR_NOT_READY);
    EXPECT_EQ(libxl_disk_snapshot_revert(libxl_.ctx(), domid_, args_.disks, 1, nullptr),
              ERROR_NOT_READY);
    EXPECT_THAT(libxl_.calls, Each(HasSubstr("retrieve")));
}

TEST_F(Api, NamesAnImageThatIsMissing) {
    add_disk("xvda", "s1");
    without_memory();
    EXPECT_EQ(libxl_disk_snapshot_delete(libxl_.ctx(), domid_, args_.disks, 1), ERROR_NOTFOUND);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("/images/"));
}

TEST_F(Api, RefusesALiveSnapshotWithInternalDisks) {
    add_disk("xvda", "s1");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, true), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("internal"));
    without_memory();
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, true), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("internal"));
}

TEST_F(Api, ReadsTheOverlayOfAnExternalSnapshot) {
    add_disk("xvda", "s1");
    args_.disks->external = true;
    args_.disks->external_format = ::strdup("vmdk");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("the format of an overlay is qcow2"));
    std::strcpy(args_.disks->external_format, "raw");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_INVAL);
    ::free(args_.disks->external_format);
    args_.disks->external_format = ::strdup("qcow2");
    args_.disks->external_path = ::strdup("o.qcow2");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("'o.qcow2' is no absolute path"));
}

TEST_F(Api, IgnoresWhatIsForExternalSnapshotsWhileExternalIsFalse) {
    add_disk("xvda", "s1");
    args_.disks->external_format = ::strdup("no format at all");
    args_.disks->external_path = ::strdup("no path at all");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false), ERROR_NOT_READY);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("QEMU"));
}

TEST_F(Api, KnowsTheDisksOfAnInactiveDomainByPathAndFormat) {
    add_disk("xvda", "s1");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), -1, &args_, false), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("ask for its disks alone"));
    without_memory();
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), -1, &args_, false), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("give the path"));
    args_.disks->disk.pdev_path = ::strdup((directory_ / "a.qcow2").c_str());
    EXPECT_EQ(libxl_domain_snapshot_revert(libxl_.ctx(), -1, &args_), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("never guessed"));
    args_.disks->disk.format = LIBXL_DISK_FORMAT_QCOW2;
    for (const int rc : {libxl_domain_snapshot_create(libxl_.ctx(), -1, &args_, false),
                         libxl_domain_snapshot_revert(libxl_.ctx(), -1, &args_),
                         libxl_domain_snapshot_delete(libxl_.ctx(), -1, &args_)})
        EXPECT_EQ(rc, ERROR_NOTFOUND);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("a.qcow2"));
    EXPECT_THAT(libxl_.calls, ::testing::IsEmpty());
}

// What an asynchronous call hands to its callback.
struct Outcome {
    libxl_ctx *ctx;
    int rc;
    std::string text;
    std::thread::id thread;
};

void keep_outcome(libxl_ctx *ctx, int rc, void *for_callback) {
    static_cast<std::promise<Outcome> *>(for_callback)
        ->set_value(Outcome{ctx, rc, libxl_snapshot_last_error(), std::this_thread::get_id()});
}

TEST_F(Api, CallsBackOnceFromAThreadOfItsOwn) {
    add_disk("xvda", "s1");
    for (const auto &function : {libxl_disk_snapshot_create, libxl_disk_snapshot_revert}) {
        std::promise<Outcome> promise;
        libxl_asyncop_how how = {};
        how.callback = keep_outcome;
        how.u.for_callback = &promise;
        // A second call would throw: a promise keeps one value.
        ASSERT_EQ(function(libxl_.ctx(), domid_, args_.disks, 1, &how), 0);
        const Outcome outcome = promise.get_future().get();
        EXPECT_EQ(outcome.ctx, libxl_.ctx());
        EXPECT_EQ(outcome.rc, ERROR_NOT_READY);
        EXPECT_THAT(outcome.text, HasSubstr("QEMU"));
        EXPECT_NE(outcome.thread, std::this_thread::get_id());
        EXPECT_THAT(libxl_snapshot_last_error(), StrEq(""));
    }
}

struct CallsBack {
    std::atomic<int> count{0};
    std::atomic<pid_t> thread{0};

    static void add(libxl_ctx * /*ctx*/, int /*rc*/, void *for_callback) {
        auto *self = static_cast<CallsBack *>(for_callback);
        ++self->count;
        self->thread = ::gettid();
    }
    // Whether it called back and can do so no more.
    [[nodiscard]] bool thread_is_gone() const {
        return thread != 0 &&
               !std::filesystem::exists(fmt::format("/proc/self/task/{}", thread.load()));
    }
};

TEST_F(Api, NeverCallsBackASecondTime) {
    add_disk("xvda", "s1");
    CallsBack calls;
    libxl_asyncop_how how = {};
    how.callback = CallsBack::add;
    how.u.for_callback = &calls;
    ASSERT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid_, args_.disks, 1, &how), 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!calls.thread_is_gone() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_TRUE(calls.thread_is_gone());
    EXPECT_EQ(calls.count, 1);
}

TEST_F(Api, DoesNotCallBackWhatItRefusesAtOnce) {
    add_disk("xvda", "s1");
    std::promise<Outcome> promise;
    libxl_asyncop_how how = {};
    how.callback = keep_outcome;
    how.u.for_callback = &promise;
    EXPECT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid_, nullptr, 1, &how), ERROR_INVAL);
    EXPECT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), -7, args_.disks, 1, &how), ERROR_INVAL);
    how.callback = nullptr; // events
    EXPECT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid_, args_.disks, 1, &how), ERROR_NI);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("events"));
    EXPECT_EQ(libxl_disk_snapshot_revert(libxl_.ctx(), domid_, args_.disks, 1, &how), ERROR_NI);
    promise.set_value({}); // nobody has done it
    EXPECT_THAT(libxl_.calls, ::testing::IsEmpty());
}

TEST_F(Api, AnswersWrongArguments) {
    libxl_ctx *ctx = libxl_.ctx();
    std::uint32_t domid_out = 0;
    EXPECT_EQ(libxl_domain_snapshot_create(nullptr, domid_, &args_, false), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_create(ctx, domid_, nullptr, false), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_delete(ctx, domid_, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_revert(ctx, domid_, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_revert_domid(ctx, domid_, &args_, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_revert_paused(ctx, domid_, &args_, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_create(ctx, 0, &args_, false), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_create(ctx, -2, &args_, false), ERROR_INVAL);
    EXPECT_EQ(libxl_domain_snapshot_create(ctx, 4711, &args_, false), ERROR_DOMAIN_NOTFOUND);
    EXPECT_EQ(libxl_disk_snapshot_create(ctx, domid_, nullptr, 1, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_disk_snapshot_create(ctx, domid_, nullptr, -1, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_disk_snapshot_delete(ctx, domid_, nullptr, 0), ERROR_INVAL);
    args_.memory = false; // with a memory_path
    EXPECT_EQ(libxl_domain_snapshot_create(ctx, domid_, &args_, false), ERROR_INVAL);
    without_memory();
    EXPECT_EQ(libxl_domain_snapshot_revert_domid(ctx, domid_, &args_, &domid_out), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("name at least one"));
    EXPECT_THAT(libxl_.calls, Each(HasSubstr("retrieve")));
}

TEST_F(Api, ForgetsTheLastErrorAtTheNextSuccess) {
    EXPECT_NE(libxl_domain_snapshot_create(libxl_.ctx(), 4711, &args_, false), 0);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("4711"));
    EXPECT_EQ(libxl_domain_snapshot_delete(libxl_.ctx(), domid_, &args_), 0);
    EXPECT_THAT(libxl_snapshot_last_error(), StrEq(""));
}

} // namespace

} // namespace xlsnap::test
