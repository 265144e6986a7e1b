// SPDX-License-Identifier: LGPL-2.1-only
#include <csignal>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/process_identity.hpp"
#include "support/file_holder.hpp"
#include "support/thread_conditions.hpp"
#include "unit/adapters_store/catalog_fixture.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;

class CatalogLockTest : public FileCatalogTest {
  protected:
    void SetUp() override {}

    std::string refusal() {
        const auto lock = catalog_.lock(kSampleUuid);
        EXPECT_FALSE(lock);
        if (lock)
            return "";
        EXPECT_EQ(lock.error().code, ErrorCode::LockFail);
        return lock.error().message;
    }

    // Another process that takes the lock and keeps it until it is killed.
    pid_t holder() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto lock = catalog_.lock(kSampleUuid);
            const char taken = lock ? 'y' : 'n';
            if (::write(ends[1], &taken, 1) == 1)
                ::pause();
            ::_exit(1);
        }
        ::close(ends[1]);
        char taken = 0;
        EXPECT_EQ(::read(ends[0], &taken, 1), 1);
        EXPECT_EQ(taken, 'y');
        ::close(ends[0]);
        return child;
    }

    static void end(pid_t child) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
};

TEST_F(CatalogLockTest, OfAnotherProcessIsNamedAndTakenOverWhenItDies) {
    const pid_t child = holder();
    EXPECT_THAT(refusal(), HasSubstr("process " + std::to_string(child) + " ("));
    EXPECT_THAT(refusal(), ::testing::ContainsRegex("since 20[0-9-]+ [0-9:]+ UTC"));
    EXPECT_THAT(refusal(), HasSubstr(kSampleUuid));
    end(child);
    const auto lock = catalog_.lock(kSampleUuid);
    ASSERT_TRUE(lock) << lock.error().message;
    const auto owner = lock_owner(content(domain_path("lock")));
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->process, *this_process());
}

TEST_F(CatalogLockTest, ExcludesOtherThreads) {
    const auto lock = catalog_.lock(kSampleUuid);
    ASSERT_TRUE(lock);
    std::string message;
    std::thread([&] { message = refusal(); }).join();
    EXPECT_THAT(message, HasSubstr("process " + std::to_string(::getpid()) + " ("));
}

TEST_F(CatalogLockTest, IsWaitedFor) {
    FileCatalog patient(scratch_ / "catalog", log_);
    auto lock = catalog_.lock(kSampleUuid);
    ASSERT_TRUE(lock);
    bool waited = false;
    std::thread waiter([&] { waited = patient.lock(kSampleUuid).has_value(); });
    EXPECT_FALSE(refusal().empty());
    lock->reset();
    waiter.join();
    EXPECT_TRUE(waited);
    EXPECT_FALSE(std::filesystem::exists(domain_path("")));
}

TEST_F(CatalogLockTest, OneDomainsLockLeavesTheOthersAlone) {
    const auto lock = catalog_.lock(kSampleUuid);
    EXPECT_TRUE(catalog_.lock("00000000-0000-0000-0000-000000000001"));
}

TEST_F(CatalogLockTest, AnOwnerThatIsGoneOrUnreadableIsNotNamed) {
    const pid_t child = holder();
    LockOwner gone{*this_process(), 1700000000};
    gone.process.start_time += 1;
    for (const std::string &text :
         {std::string(), std::string("{"), to_line(gone), std::string(5000, 'x')}) {
        put(domain_path("lock"), text);
        EXPECT_THAT(refusal(), ::testing::StartsWith("another process changes"));
    }
    gone = {*this_process(), 1700000000};
    gone.process.boot_id = "other";
    put(domain_path("lock"), to_line(gone));
    EXPECT_THAT(refusal(), ::testing::StartsWith("another process changes"));
    end(child);
}

// What makes room there needs the lock.
TEST_F(CatalogLockTest, IsTakenOnAFullFileSystem) {
    with_small_file_system(scratch_.path().c_str(), std::size_t{64} << 10, [this] {
        put(domain_path("filler"), std::string(std::size_t{128} << 10, 'x'));
        const auto lock = catalog_.lock(kSampleUuid);
        ASSERT_TRUE(lock) << lock.error().message;
        EXPECT_EQ(content(domain_path("lock")), "");
        EXPECT_THAT(refusal(), ::testing::StartsWith("another process changes"));
    });
}

TEST_F(CatalogLockTest, IsNotTakenOnALink) {
    const auto lock = catalog_.lock("00000000-0000-0000-0000-000000000001");
    std::filesystem::create_directory(domain_path(""));
    put(scratch_ / "target", "x");
    std::filesystem::create_symlink(scratch_ / "target", domain_path("lock"));
    const auto linked = catalog_.lock(kSampleUuid);
    ASSERT_FALSE(linked);
    EXPECT_THAT(linked.error().message, HasSubstr("cannot open"));
    EXPECT_EQ(content(scratch_ / "target"), "x");
}

// Each holds the lock for a moment, in which the directory comes and goes.
TEST_F(CatalogLockTest, IsHeldByOneOfManyThatComeAndGo) {
    FileCatalog patient(scratch_ / "catalog", log_);
    int inside = 0; // guarded by the lock that is tested
    int rounds = 0;
    const auto work = [&] {
        for (int i = 0; i < 25; ++i) {
            const auto lock = patient.lock(kSampleUuid);
            ASSERT_TRUE(lock) << lock.error().message;
            ASSERT_EQ(++inside, 1);
            ++rounds;
            --inside;
        }
    };
    std::thread first(work);
    std::thread second(work);
    first.join();
    second.join();
    EXPECT_EQ(rounds, 50);
}

} // namespace
} // namespace xlsnap::test
