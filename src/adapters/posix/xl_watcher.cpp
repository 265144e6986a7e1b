// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/xl_watcher.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <string_view>

#include <fmt/format.h>

#include "adapters/posix/directory_entries.hpp"
#include "adapters/posix/ended_process.hpp"
#include "base/small_file.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kDeleted = " (deleted)";

// As much of a log's end as is read: xl says of which domain it waits whenever it has built one,
// and not much after that.
constexpr off_t kLogTail = off_t{256} << 10U;

std::optional<unsigned> parse_number(std::string_view text) {
    unsigned number = 0;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return number;
}

// The name in "xl-NAME.log", which libxl_create_logfile turns into "xl-NAME.log.1" and so on when
// another such log is begun.
std::optional<std::string> name_in_log(std::string_view path) {
    if (path.ends_with(kDeleted))
        path.remove_suffix(kDeleted.size());
    std::string_view file = path.substr(path.rfind('/') + 1);
    const std::size_t dot = file.rfind('.');
    if (dot != std::string_view::npos && parse_number(file.substr(dot + 1)))
        file = file.substr(0, dot);
    constexpr std::string_view head = "xl-";
    constexpr std::string_view tail = ".log";
    if (!file.starts_with(head) || !file.ends_with(tail) || file.size() < head.size() + tail.size())
        return std::nullopt;
    file.remove_prefix(head.size());
    file.remove_suffix(tail.size());
    return std::string(file);
}

Result<std::string> end_of_log(int process) {
    const UniqueFd log(::openat(process, "fd/1", O_RDONLY | O_CLOEXEC));
    struct stat info = {};
    if (!log.valid() || ::fstat(log.get(), &info) != 0) {
        if (process_has_ended(errno))
            return std::string();
        return fail(errno_error(errno, "cannot read its log"));
    }
    const off_t begin = info.st_size > kLogTail ? info.st_size - kLogTail : 0;
    std::string text(static_cast<std::size_t>(info.st_size - begin), '\0');
    const ssize_t count = ::pread(log.get(), text.data(), text.size(), begin);
    if (count < 0)
        return fail(errno_error(errno, "cannot read its log"));
    text.resize(static_cast<std::size_t>(count));
    return text;
}

// From the last "Waiting for domain NAME (domid N) to die [pid P]" of this process (create_domain
// in tools/xl/xl_vmcontrol.c): other processes may have written to the same file.
std::optional<DomainId> domid_in_log(std::string_view log, int pid) {
    const std::string end = fmt::format(") to die [pid {}]", pid);
    constexpr std::string_view before = " (domid ";
    for (std::size_t at = log.rfind(end); at != std::string_view::npos && at > 0;
         at = log.rfind(end, at - 1)) {
        const std::string_view line = log.substr(log.rfind('\n', at) + 1);
        const std::string_view head = line.substr(0, line.find(end));
        const std::size_t number = head.rfind(before);
        if (!head.starts_with("Waiting for domain ") || number == std::string_view::npos)
            continue;
        if (const auto domid = parse_number(head.substr(number + before.size())))
            return *domid;
    }
    return std::nullopt;
}

Result<bool> watches(int process, int pid, DomainId domid, const std::string &name) {
    XLSNAP_ASSIGN(const std::optional<std::string> command, read_small_file(process, "comm"));
    if (!command || *command != "xl")
        return false;
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(process, "fd/1", target.data(), target.size());
    if (length < 0 && process_has_ended(errno)) // it may also have closed its output
        return false;
    if (length < 0)
        return fail(errno_error(errno, "cannot see its standard output (this needs root)"));
    const std::optional<std::string> named =
        name_in_log(std::string_view(target.data(), static_cast<std::size_t>(length)));
    if (!named)
        return false;
    XLSNAP_ASSIGN(const std::string log, end_of_log(process));
    const std::optional<DomainId> said = domid_in_log(log, pid);
    return said ? *said == domid : *named == name;
}

} // namespace

Result<std::optional<int>> find_xl_watcher(const std::string &proc_root, DomainId domid,
                                           const std::string &name) {
    std::optional<DirectoryEntries> processes = DirectoryEntries::open(AT_FDCWD, proc_root.c_str());
    if (!processes)
        return fail(errno_error(errno, fmt::format("cannot list the processes in {}", proc_root)));
    while (const char *entry = processes->next()) {
        const std::optional<unsigned> pid = parse_number(entry);
        if (!pid)
            continue;
        const UniqueFd process(
            ::openat(processes->fd(), entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!process.valid())
            continue; // it has ended
        const int number = static_cast<int>(*pid);
        XLSNAP_ASSIGN(const bool found, watches(process.get(), number, domid, name)
                                            .with_context(fmt::format("process {} of xl", number)));
        if (found)
            return std::optional(number);
    }
    return std::optional<int>();
}

} // namespace xlsnap
