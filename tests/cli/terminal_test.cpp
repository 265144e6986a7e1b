// SPDX-License-Identifier: LGPL-2.1-only
//
// What the program sends to a terminal: names and messages may hold anything, and must not do
// anything there.
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/unique_fd.hpp"
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The lines that come to the end of a terminal, of all processes that have the other end.
std::string read_terminal(int terminal) {
    std::string shown;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(terminal, buffer.data(), buffer.size());
        if (count <= 0)
            break;
        shown.append(buffer.data(), static_cast<std::size_t>(count));
    }
    std::erase(shown, '\r');
    return shown;
}

class CliTerminal : public Cli {
  protected:
    CliTerminal() {
        let_fake("LC_ALL=C.UTF-8");
        let_fake("FAKE_NAME=g\x1b[31m");
        let_fake("FAKE_SNAPSHOTS=s\x1b[2J||1|5|c|");
    }

    // What a user sees: output and errors.
    std::string shown(const Words &arguments) {
        int master = -1;
        int slave = -1;
        if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) {
            ADD_FAILURE() << "there is no terminal";
            return {};
        }
        const UniqueFd terminal(master);
        spawn_on(UniqueFd(slave), command(arguments));
        const std::string text = read_terminal(terminal.get());
        EXPECT_EQ(::waitpid(child_, nullptr, 0), child_);
        return text;
    }

  private:
    void spawn_on(const UniqueFd &slave, Words argv) {
        std::vector<char *> arguments;
        for (std::string &argument : argv)
            arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ASSERT_EQ(::posix_spawn_file_actions_init(&actions), 0);
        for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
            ::posix_spawn_file_actions_adddup2(&actions, slave.get(), fd);
        ASSERT_EQ(::posix_spawnp(&child_, arguments.front(), &actions, nullptr, arguments.data(),
                                 environ),
                  0);
        ::posix_spawn_file_actions_destroy(&actions);
    }

    pid_t child_ = -1;
};

TEST_F(CliTerminal, ShowsNamesWithoutObeyingThem) {
    EXPECT_EQ(shown({"list", "--names", "guest"}), "s\\x1b[2J\n");
    EXPECT_EQ(shown({"list", "--names"}), "down\ng\\x1b[31m\n");
    EXPECT_EQ(shown({"current", "guest"}), "s\\x1b[2J\n");
    EXPECT_THAT(shown({"tree"}), HasSubstr("\ng\\x1b[31m:\ns\\x1b[2J (current)"));
    for (const char *verb : {"list", "tree", "info", "verify", "dumpxml"})
        EXPECT_THAT(shown({verb, "guest"}), Not(HasSubstr("\x1b"))) << verb;
    EXPECT_THAT(shown({"list"}), Not(HasSubstr("\x1b")));
    EXPECT_THAT(shown({"info", "--config", "guest"}), StartsWith("name=\"s\\x1b[2J\"\n"));
}

TEST_F(CliTerminal, ShowsThePlanOfADryRunWithoutObeyingIt) {
    let_fake("FAKE_PLAN=suspend g\x1b[31m\nresume g\x1b[31m\n");
    EXPECT_EQ(shown({"create", "--dry-run", "guest"}), "suspend g\\x1b[31m\nresume g\\x1b[31m\n");
    EXPECT_THAT(shown({"prune", "--keep", "0", "--dry-run", "guest"}), Not(HasSubstr("\x1b")));
}

TEST_F(CliTerminal, ShowsErrorsWithoutObeyingThem) {
    let_fake("FAKE_RC=-3");
    let_fake("FAKE_ERROR=there is no \x1b[2J");
    EXPECT_EQ(shown({"delete", "guest", "s1"}), "xlsnap: there is no \\x1b[2J\n");
    EXPECT_THAT(shown({"explode\x1b[2J"}), HasSubstr("'explode\\x1b[2J'"));
}

TEST_F(CliTerminal, LeavesNamesToProgramsAsTheyAre) {
    EXPECT_EQ(run({"list", "--names", "guest"}).output, "s\x1b[2J\n");
    EXPECT_THAT(run({"list", "--names"}).output, HasSubstr("g\x1b[31m\n"));
    EXPECT_EQ(run({"current", "guest"}).output, "s\x1b[2J\n");
}

} // namespace
} // namespace xlsnap
