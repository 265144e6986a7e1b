// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/process_identity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "adapters/store/record_fields.hpp"
#include "base/small_file.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kFieldsBeforeStartTime = 19; // behind the program's name: field 22, proc(5)

Result<std::string> proc_text(const std::string &path) {
    XLSNAP_ASSIGN(std::optional<std::string> text, read_small_file(AT_FDCWD, path));
    if (!text)
        return fail(ErrorCode::NotFound, fmt::format("there is no {}; mount /proc", path));
    return std::move(*text);
}

// The program's name is in brackets and may hold anything, brackets and spaces too.
Result<std::uint64_t> start_time_of(pid_t pid) {
    XLSNAP_ASSIGN(const std::string stat, proc_text(fmt::format("/proc/{}/stat", pid)));
    std::string_view rest = stat;
    rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 1));
    for (std::size_t i = 0; i <= kFieldsBeforeStartTime; ++i)
        rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    std::uint64_t start_time = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), start_time).ec != std::errc())
        return fail(ErrorCode::Fail,
                    fmt::format("cannot read the start time in /proc/{}/stat", pid));
    return start_time;
}

Result<std::string> boot_id() {
    return proc_text("/proc/sys/kernel/random/boot_id");
}

} // namespace

Result<ProcessIdentity> this_process() {
    ProcessIdentity process;
    process.pid = ::getpid();
    XLSNAP_ASSIGN(process.start_time, start_time_of(process.pid));
    XLSNAP_ASSIGN(process.boot_id, boot_id());
    XLSNAP_ASSIGN(process.program, proc_text("/proc/self/comm"));
    return process;
}

bool is_alive(const ProcessIdentity &process) {
    const Result<std::string> boot = boot_id();
    const Result<std::uint64_t> start_time = start_time_of(process.pid);
    return boot && start_time && *boot == process.boot_id && *start_time == process.start_time;
}

std::string to_line(const LockOwner &owner) {
    Json::Object object;
    object["pid"] = std::int64_t{owner.process.pid};
    object["start_time"] = static_cast<std::int64_t>(owner.process.start_time);
    object["boot_id"] = owner.process.boot_id;
    object["program"] = owner.process.program;
    object["since"] = static_cast<std::int64_t>(owner.since);
    return Json(std::move(object)).to_text() + "\n";
}

std::optional<LockOwner> lock_owner(std::string_view line) {
    const Result<Json> json = parse_json(line);
    if (!json)
        return std::nullopt;
    RecordFields fields(*json, {});
    LockOwner owner;
    owner.process.pid = static_cast<pid_t>(fields.number("pid", INT32_MAX));
    owner.process.start_time = fields.number("start_time");
    owner.process.boot_id = fields.text("boot_id", kSomeText);
    owner.process.program = fields.text("program", kSomeText);
    owner.since = fields.number("since", kLatestTime);
    return fields.status() ? std::optional(owner) : std::nullopt;
}

} // namespace xlsnap
