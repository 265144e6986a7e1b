// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/posix/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

extern "C" {
#include <sys/pidfd.h> // glibc 2.36 has no extern "C" in it
}

namespace xlsnap {

namespace {

struct Pipe {
    UniqueFd read_end;  // non-blocking
    UniqueFd write_end; // above standard error, so that no dup2() in the child can overwrite it
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(errno_error(errno, "cannot make a pipe"));
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    UniqueFd above(::fcntl(pipe.write_end.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!above.valid() || ::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0)
        return fail(errno_error(errno, "cannot prepare a pipe"));
    pipe.write_end = std::move(above);
    return pipe;
}

// The path of the program; posix_spawnp() would search the PATH of this process.
std::optional<std::string> find_program(const std::string &name) {
    if (name.find('/') != std::string::npos)
        return name;
    std::string_view rest = ChildProcess::kProgramPath;
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
        if (::access(candidate.c_str(), X_OK) == 0)
            return candidate;
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
    return std::nullopt;
}

// posix_spawn()'s two parameter objects, set up once for every child.
class SpawnSettings {
  public:
    SpawnSettings(int output, int errors) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        note(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
        note(::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO));
        note(::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO));
        note(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));

        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        note(::posix_spawnattr_setsigmask(&attributes_, &none));
        note(::posix_spawnattr_setsigdefault(&attributes_, &all));
        note(::posix_spawnattr_setpgroup(&attributes_, 0));
        note(::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
    }
    SpawnSettings(const SpawnSettings &) = delete;
    SpawnSettings &operator=(const SpawnSettings &) = delete;
    SpawnSettings(SpawnSettings &&) = delete;
    SpawnSettings &operator=(SpawnSettings &&) = delete;
    ~SpawnSettings() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    // Zero or the errno of the first setting that failed.
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] const posix_spawn_file_actions_t *actions() const { return &actions_; }
    [[nodiscard]] const posix_spawnattr_t *attributes() const { return &attributes_; }

  private:
    void note(int error) {
        if (error_ == 0)
            error_ = error;
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
    int error_ = 0;
};

// Returns zero or an errno; the program's start is over when it returns.
int spawn(const std::string &program, const std::vector<std::string> &argv, int output, int errors,
          pid_t &pid) {
    const SpawnSettings settings(output, errors);
    if (settings.error() != 0)
        return settings.error();
    // posix_spawn() takes char * for historical reasons and does not write to the strings.
    std::vector<char *> arguments;
    arguments.reserve(argv.size() + 1);
    for (const std::string &argument : argv)
        arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    std::string path = fmt::format("PATH={}", ChildProcess::kProgramPath);
    std::string locale = "LC_ALL=C";
    std::array<char *, 3> environment = {path.data(), locale.data(), nullptr};
    return ::posix_spawn(&pid, program.c_str(), settings.actions(), settings.attributes(),
                         arguments.data(), environment.data());
}

constexpr const char *kStatusTaken = "the program has ended, but its exit status was taken by "
                                     "other code of this process, so whether "
                                     "it succeeded is unknown";

int wait_for(int pidfd, siginfo_t &info, int options) {
    for (;;) {
        const int result = ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, options);
        if (result == 0 || errno != EINTR)
            return result;
    }
}

} // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string> &argv) {
    if (argv.empty())
        return fail(ErrorCode::Invalid, "no program to run");
    const std::optional<std::string> program = find_program(argv.front());
    if (!program)
        return fail(
            ErrorCode::NotFound,
            fmt::format("there is no such program in {}; is its package installed?", kProgramPath));
    XLSNAP_ASSIGN(Pipe output, make_pipe());
    XLSNAP_ASSIGN(Pipe errors, make_pipe());
    pid_t pid = -1;
    const int error = spawn(*program, argv, output.write_end.get(), errors.write_end.get(), pid);
    if (error != 0)
        return fail(errno_error(error, "cannot start it as " + *program));
    UniqueFd pidfd(::pidfd_open(pid, 0));
    if (!pidfd.valid()) {
        const int open_error = errno;
        if (open_error != ESRCH) { // ESRCH: the number is free and may be anybody's next
            ::kill(-pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
        return fail(
            errno_error(open_error, open_error == ESRCH ? kStatusTaken : "cannot watch it"));
    }
    return ChildProcess(pid, std::move(pidfd), std::move(output.read_end),
                        std::move(errors.read_end));
}

ChildProcess::ChildProcess(pid_t pid, UniqueFd pidfd, UniqueFd output, UniqueFd errors)
    : pid_(pid), pidfd_(std::move(pidfd)), output_(std::move(output)), errors_(std::move(errors)) {}

ChildProcess::ChildProcess(ChildProcess &&other) noexcept
    : pid_(other.pid_), pidfd_(std::move(other.pidfd_)), output_(std::move(other.output_)),
      errors_(std::move(other.errors_)), collected_(std::exchange(other.collected_, true)) {}

ChildProcess::~ChildProcess() {
    kill();
}

void ChildProcess::kill() {
    if (collected_)
        return;
    signal_group();
    pollfd watched{pidfd_.get(), POLLIN, 0};
    const auto deadline = std::chrono::steady_clock::now() + kKillPatience;
    int ready = -1;
    do {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        ready = ::poll(&watched, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    } while (ready < 0 && errno == EINTR);
    // Where poll() itself fails, only the blocking wait leaves no zombie.
    siginfo_t info{};
    wait_for(pidfd_.get(), info, ready < 0 ? WEXITED : WEXITED | WNOHANG);
    collected_ = true;
}

Result<int> ChildProcess::collect() {
    signal_group();
    siginfo_t info{};
    const int result = wait_for(pidfd_.get(), info, WEXITED);
    collected_ = true;
    if (result != 0)
        return fail(errno_error(errno, kStatusTaken));
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

// The group's number cannot belong to anybody else as long as its first process is uncollected.
void ChildProcess::signal_group() const {
    if (uncollected())
        ::kill(-pid_, SIGKILL);
}

bool ChildProcess::uncollected() const {
    siginfo_t info{};
    return wait_for(pidfd_.get(), info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

} // namespace xlsnap
