// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/replaced_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/config_file.hpp"

namespace xlsnap::cli {

namespace {

[[noreturn]] void fail_with_errno(const std::string &path) {
    throw std::runtime_error(path + ": " + std::strerror(errno));
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    Descriptor(Descriptor &&) = delete;
    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor() {
        if (fd_ >= 0)
            ::close(fd_);
    }

    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

// A new file, which is removed again unless it is kept.
class NewFile {
  public:
    // Mode and owner are those of `like`.
    NewFile(std::string path, std::string_view content, const struct stat &like)
        : path_(std::move(path)),
          fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     S_IRUSR | S_IWUSR)) {
        if (fd_.get() < 0)
            fail_with_errno(path_);
        if (!is_written(content) || ::fchown(fd_.get(), like.st_uid, like.st_gid) != 0 ||
            ::fchmod(fd_.get(), like.st_mode & 07777U) != 0 || ::fsync(fd_.get()) != 0) {
            const int reason = errno;
            ::unlink(path_.c_str());
            errno = reason;
            fail_with_errno(path_);
        }
    }
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;
    NewFile(NewFile &&) = delete;
    NewFile &operator=(NewFile &&) = delete;
    ~NewFile() {
        if (!kept_)
            ::unlink(path_.c_str());
    }

    [[nodiscard]] const std::string &path() const { return path_; }
    void keep() { kept_ = true; }

  private:
    [[nodiscard]] bool is_written(std::string_view content) const {
        while (!content.empty()) {
            const ssize_t count = ::write(fd_.get(), content.data(), content.size());
            if (count < 0 && errno != EINTR)
                return false;
            content.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
        }
        return true;
    }

    std::string path_;
    Descriptor fd_;
    bool kept_ = false;
};

std::string resolved(const std::string &path) {
    const std::unique_ptr<char, void (*)(void *)> real(::realpath(path.c_str(), nullptr),
                                                       std::free);
    if (real == nullptr)
        fail_with_errno(path);
    return real.get();
}

// Another name of a file that has several would keep the old images.
struct stat look_at(const std::string &path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        fail_with_errno(path);
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
        throw std::runtime_error(
            path + ": is no regular file, or has other names (hard links) too; copy it to "
                   "one that has a single name");
    return status;
}

// Hidden: xendomains starts whatever else lies in its directory.
std::string hidden_beside(const std::string &path, const std::string &suffix) {
    const std::size_t name = path.rfind('/') + 1;
    return path.substr(0, name) + "." + path.substr(name) + suffix;
}

std::string backup_path(const std::string &path) {
    return hidden_beside(path,
                         fmt::format(".bak-{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::time(nullptr))));
}

// That a file has its name outlives a crash only with this.
void sync_directory_of(const std::string &path) {
    const std::string directory = path.substr(0, path.rfind('/') + 1);
    const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0)
        fail_with_errno(directory);
}

} // namespace

void check_replaceable(const std::string &path) {
    static_cast<void>(look_at(resolved(path)));
}

std::string replace_file(const std::string &path, const std::string &before,
                         const std::string &after) {
    const std::string real = resolved(path);
    const struct stat status = look_at(real);
    NewFile backup(backup_path(real), before, status);
    NewFile fresh(hidden_beside(real, fmt::format(".new-{}", ::getpid())), after, status);
    sync_directory_of(real);
    if (read_text_file(real) != before)
        throw std::runtime_error(path + ": another program has changed it meanwhile; try again");
    if (::rename(fresh.path().c_str(), real.c_str()) != 0)
        fail_with_errno(real);
    fresh.keep();
    backup.keep();
    sync_directory_of(real);
    return backup.path();
}

} // namespace xlsnap::cli
