// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// Bytes that the file system has left for us. Some network and FUSE file systems tell no size at
// all, which does not mean that they are full: then there is no limit that anybody knows.
[[nodiscard]] std::uint64_t free_space_of(const struct statvfs &status);

// An open directory in which files come and go such that a crash leaves either the old or the new
// state. Names are relative to the open directory, so that renaming or replacing the directory
// meanwhile leads nowhere else. Every error names the path and the reason.
class DurableDirectory {
  public:
    static Result<DurableDirectory> open(const std::string &path);

    // `fd` is that of an open directory, which messages call `path`.
    DurableDirectory(std::string path, UniqueFd fd);

    // A new, empty file that only its owner may read and write, whatever the umask. It
    // outlives a crash only after both it and the directory have been synced.
    [[nodiscard]] Result<UniqueFd> create_file(const std::string &name) const;

    // The same without a name: it goes when it is closed.
    [[nodiscard]] Result<UniqueFd> create_nameless_file() const;

    // Opens a regular file for reading. NotFound when there is none; Invalid for anything else that
    // stands there, symbolic links included. A FIFO or a device is not waited for.
    [[nodiscard]] Result<UniqueFd> open_file(const std::string &name) const;

    // True when anything has the name, a dangling symbolic link included.
    [[nodiscard]] Result<bool> exists(const std::string &name) const;

    // Gives a file a name that must be free. By RENAME_NOREPLACE, or where the file system does
    // not know it (NFS), by a hard link.
    [[nodiscard]] Status rename_to_free_name(const std::string &from, const std::string &to) const;

    // Gives a file a name; a file that has it goes in the same moment.
    [[nodiscard]] Status rename_over(const std::string &from, const std::string &to) const;

    // Whether files can be made in it; Invalid when not.
    [[nodiscard]] Status check_writable() const;

    // free_space_of() its file system.
    [[nodiscard]] Result<std::uint64_t> free_space() const;

    [[nodiscard]] Status remove(const std::string &name) const;

    // Returns when the names in the directory have reached the disk.
    [[nodiscard]] Status sync() const;

    [[nodiscard]] std::string path_of(const std::string &name) const;

    [[nodiscard]] const std::string &path() const { return path_; }
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    [[nodiscard]] Result<struct stat> look_at(const std::string &name) const;

    std::string path_;
    UniqueFd fd_;
};

// Returns when the content of the file has reached the disk.
Status sync_file(int fd, const std::string &path);

} // namespace xlsnap
