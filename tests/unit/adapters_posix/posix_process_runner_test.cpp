// SPDX-License-Identifier: LGPL-2.1-only
// What PosixProcessRunner promises beyond the contract of ProcessRunner.
#include "adapters/posix/posix_process_runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kLong{60};

class PosixProcessRunnerTest : public ::testing::Test {
  protected:
    Result<ProcessOutcome> shell(const std::string &script,
                                 std::chrono::milliseconds deadline = kLong) {
        return runner_.run({"sh", "-c", script}, deadline);
    }

    static void expect_no_child_is_left() {
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
        EXPECT_EQ(errno, ECHILD);
    }

    PosixProcessRunner runner_;
};

// A FIFO tells when everybody who had it open for writing is gone.
class Fifo {
  public:
    Fifo() {
        EXPECT_EQ(::mkfifo(path().c_str(), 0600), 0);
        fd_.reset(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    }
    [[nodiscard]] std::string path() const { return directory_ / "fifo"; }

    void expect_writers_were_there_and_are_gone() const {
        pollfd watched{fd_.get(), POLLIN, 0};
        ASSERT_EQ(::poll(&watched, 1, 60'000), 1) << "somebody still has the FIFO open";
        EXPECT_NE(watched.revents & POLLHUP, 0);
    }

  private:
    TemporaryDirectory directory_;
    UniqueFd fd_;
};

TEST_F(PosixProcessRunnerTest, NoOpenFileIsInherited) {
    const UniqueFd inheritable(::open("/dev/null", O_RDONLY));
    const auto outcome = shell("ls /proc/$$/fd");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->output, "0\n1\n2\n");
}

TEST_F(PosixProcessRunnerTest, SignalsAreAsAProgramExpectsThem) {
    sigset_t blocked;
    sigset_t before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
    const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
    const auto outcome = runner_.run({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}, kLong);
    ::signal(SIGPIPE, old_handler);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    unsigned long long blocked_there = 1;
    unsigned long long ignored_there = 1;
    ASSERT_EQ(std::sscanf(outcome->output.c_str(), "SigBlk: %llx SigIgn: %llx", &blocked_there,
                          &ignored_there),
              2);
    EXPECT_EQ(blocked_there, 0U);
    // Signals 32 and 33 belong to the C library, which lets nobody set them.
    EXPECT_EQ(ignored_there & ~0x1'8000'0000ULL, 0U);
}

TEST_F(PosixProcessRunnerTest, TheProgramLeadsAProcessGroup) {
    const auto outcome = shell("echo $$; cut -d' ' -f5 /proc/$$/stat");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    const std::size_t newline = outcome->output.find('\n');
    EXPECT_EQ(outcome->output.substr(0, newline + 1), outcome->output.substr(newline + 1));
}

TEST_F(PosixProcessRunnerTest, TheDeadlineEndsDescendantsToo) {
    // Time enough for the shell to open the FIFO, on a machine that is busy elsewhere too.
    const Fifo fifo;
    const auto outcome =
        shell("exec 3>" + fifo.path() + "; sleep 1000 & wait", std::chrono::seconds(5));
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, ErrorCode::TimedOut);
    fifo.expect_writers_were_there_and_are_gone();
    expect_no_child_is_left();
}

TEST_F(PosixProcessRunnerTest, WhatAProgramLeavesBehindEndsWithIt) {
    // The one left behind keeps standard output open as well, which must not be waited for.
    const Fifo fifo;
    const auto outcome = shell("exec 3>" + fifo.path() + "; sleep 1000 & echo done");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->output, "done\n");
    fifo.expect_writers_were_there_and_are_gone();
    expect_no_child_is_left();
}

TEST_F(PosixProcessRunnerTest, AProgramMayCloseItsOutputEarly) {
    const auto outcome = shell("exec >&- 2>&-; sleep 0.05; exit 5");
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 5);
}

TEST_F(PosixProcessRunnerTest, AnExitStatusThatOthersTookIsUnknown) {
    const auto before = ::signal(SIGCHLD, SIG_IGN); // the kernel collects every child
    const auto outcome = shell("exit 0");
    ::signal(SIGCHLD, before);
    ASSERT_FALSE(outcome.has_value());
    EXPECT_THAT(outcome.error().message,
                AllOf(HasSubstr("sh: "), HasSubstr("taken by other code of this process"),
                      HasSubstr("unknown")));
}

TEST_F(PosixProcessRunnerTest, SignalsOfThisProcessDoNotDisturb) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGALRM, &action, &before), 0); // without SA_RESTART
    const itimerval often{{0, 1000}, {0, 1000}};
    ASSERT_EQ(::setitimer(ITIMER_REAL, &often, nullptr), 0);
    const auto outcome = shell("sleep 0.1; echo done; exit 7");
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before, nullptr);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->exit_status, 7);
    EXPECT_EQ(outcome->output, "done\n");
}

TEST_F(PosixProcessRunnerTest, SeveralThreadsMayRunPrograms) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this, i] {
            for (int round = 0; round < 5; ++round) {
                const auto outcome =
                    shell("echo " + std::to_string(i) + "; exit " + std::to_string(round));
                ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
                EXPECT_EQ(outcome->output, std::to_string(i) + "\n");
                EXPECT_EQ(outcome->exit_status, round);
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
}

// Runs in a process that has no standard streams: pipes then get their numbers.
int run_without_standard_streams() {
    for (int fd = 0; fd <= 2; ++fd)
        ::close(fd);
    const auto outcome =
        PosixProcessRunner().run({"sh", "-c", "cat; echo out; echo err >&2"}, kLong);
    if (!outcome)
        return 1;
    return outcome->output == "out\n" && outcome->errors == "err\n" ? 0 : 2;
}

TEST_F(PosixProcessRunnerTest, WorksWhereTheStandardStreamsAreClosed) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
        ::_exit(run_without_standard_streams());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(PosixProcessRunnerTest, SaysWhatFailsOnTheWay) {
    const struct {
        long call;
        int errno_value;
        const char *message;
    } failures[] = {
        {SYS_pipe2, EMFILE, "sh: cannot make a pipe: Too many open files"},
        {SYS_fcntl, EMFILE, "sh: cannot prepare a pipe: Too many open files"},
        {SYS_clone3, EAGAIN,
         "sh: cannot start it as /usr/bin/sh: Resource temporarily unavailable"},
        {SYS_pidfd_open, EMFILE, "sh: cannot watch it: Too many open files"},
        {SYS_poll, ENOMEM, "sh: cannot wait for it: Cannot allocate memory"},
        {SYS_read, EIO, "sh: cannot read its output: Input/output error"},
    };
    ASSERT_TRUE(shell("echo x").has_value());
    for (const auto &failure : failures) {
        with_failing({failure.call}, failure.errno_value, [this, &failure] {
            const auto outcome = shell("echo x");
            ASSERT_FALSE(outcome.has_value()) << failure.message;
            EXPECT_EQ(outcome.error().message, failure.message);
        });
        expect_no_child_is_left();
    }
}

} // namespace
} // namespace xlsnap::test
