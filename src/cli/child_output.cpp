// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/child_output.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace xlsnap::cli {

namespace {

// Neither is ever full, so that the child never waits for us.
class MemoryFile {
  public:
    MemoryFile() : fd_(::memfd_create("xlsnap", MFD_CLOEXEC)) {
        if (fd_ < 0)
            throw std::runtime_error(std::string("cannot make a file in memory: ") +
                                     std::strerror(errno));
    }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;
    MemoryFile(MemoryFile &&) = delete;
    MemoryFile &operator=(MemoryFile &&) = delete;
    ~MemoryFile() { ::close(fd_); }

    [[nodiscard]] int fd() const { return fd_; }

    // At most 16 MiB.
    [[nodiscard]] std::string content() const {
        constexpr off_t limit = off_t{16} << 20;
        struct stat stat {};
        if (::fstat(fd_, &stat) != 0 || stat.st_size > limit)
            throw std::runtime_error("a program wrote more than 16 MiB");
        std::string text(static_cast<std::size_t>(stat.st_size), '\0');
        const ssize_t got = ::pread(fd_, text.data(), text.size(), 0);
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

  private:
    int fd_;
};

class FileActions {
  public:
    FileActions() { ::posix_spawn_file_actions_init(&actions_); }
    FileActions(const FileActions &) = delete;
    FileActions &operator=(const FileActions &) = delete;
    FileActions(FileActions &&) = delete;
    FileActions &operator=(FileActions &&) = delete;
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void read_nothing() {
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    void put(int fd, int as) { ::posix_spawn_file_actions_adddup2(&actions_, fd, as); }
    [[nodiscard]] const posix_spawn_file_actions_t *get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

int wait_for_end(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

} // namespace

std::string output_of(const std::vector<std::string> &argv) {
    const MemoryFile output;
    const MemoryFile errors;
    FileActions actions;
    actions.read_nothing();
    actions.put(output.fd(), STDOUT_FILENO);
    actions.put(errors.fd(), STDERR_FILENO);
    std::vector<char *> words;
    words.reserve(argv.size() + 1);
    for (const std::string &word : argv)
        words.push_back(const_cast<char *>(word.c_str()));
    words.push_back(nullptr);
    pid_t child = 0;
    const int rc =
        ::posix_spawnp(&child, words.front(), actions.get(), nullptr, words.data(), environ);
    if (rc != 0)
        throw std::runtime_error("cannot run " + argv.front() + ": " + std::strerror(rc));
    if (wait_for_end(child) != 0)
        throw std::runtime_error(argv.front() + " says: " + errors.content());
    return output.content();
}

} // namespace xlsnap::cli
