// SPDX-License-Identifier: LGPL-2.1-only
#include "support/qemu_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

constexpr timeval kPatience{60, 0};

struct ConnectedSockets {
    UniqueFd ours;
    UniqueFd qemus;
};

ConnectedSockets connected_sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    ConnectedSockets sockets{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience)) != 0 ||
        ::fcntl(ends[1], F_SETFD, 0) != 0)
        throw std::system_error(errno, std::generic_category(), "socket of QEMU's monitor");
    return sockets;
}

// A comma ends a value unless it is doubled.
std::string escape_commas(std::string text) {
    for (std::size_t at = text.find(','); at != std::string::npos; at = text.find(',', at + 2))
        text.insert(at, 1, ',');
    return text;
}

} // namespace

// QEMU makes its monitors in the order of the command line, so `monitor()` is ready once the
// control monitor has sent its greeting. Nobody may connect before: while a monitor moves from
// QEMU's main thread to that of its monitors, both may see the connection, and the one that accepts
// it too late blocks for ever (monitor_qmp_setup_handlers_bh in monitor/qmp.c of qemu.git 7.2).
// That is why the control monitor has no listener.
QemuProcess::QemuProcess(const std::vector<QemuDisk> &disks) {
    ConnectedSockets sockets = connected_sockets();
    control_ = std::move(sockets.ours);
    pid_ = start_tool(argv(disks, sockets.qemus.get()));
    sockets.qemus.reset();
    try {
        read_line(); // the greeting
        command("qmp_capabilities");
    } catch (...) {
        stop();
        throw;
    }
}

QemuProcess::~QemuProcess() {
    stop();
}

void QemuProcess::stop() {
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void QemuProcess::quit() {
    command("quit");
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

std::vector<std::string> QemuProcess::argv(const std::vector<QemuDisk> &disks,
                                           int control_fd) const {
    // setpriv becomes QEMU, which then ends even when the test program is killed.
    std::vector<std::string> argv{"setpriv", "--pdeathsig", "KILL", "qemu-system-i386", "-machine",
                                  "none",    "-nodefaults", "-S",   "-display",         "none"};
    argv.insert(argv.end(), {"-qmp", fmt::format("unix:{},server=on,wait=off", monitor()),
                             "-chardev", fmt::format("socket,id=control,fd={}", control_fd), "-mon",
                             "chardev=control,mode=control"});
    for (const QemuDisk &disk : disks)
        argv.insert(argv.end(),
                    {"-blockdev", fmt::format("driver={},node-name={},read-only={},discard=unmap,"
                                              "file.driver=file,file.locking=off,file.filename={}",
                                              disk.driver, disk.node, disk.writable ? "off" : "on",
                                              escape_commas(disk.path))});
    return argv;
}

Json QemuProcess::command(const std::string &name, Json::Object arguments) {
    Json::Object request{{"execute", name}};
    if (!arguments.empty())
        request.emplace("arguments", std::move(arguments));
    const std::string text = Json(std::move(request)).to_text() + "\n";
    if (::send(control_.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size()))
        throw std::system_error(errno, std::generic_category(), "QMP " + name);
    for (;;) {
        const std::string line = read_line();
        Result<Json> message = parse_json(line);
        if (!message)
            throw std::runtime_error("QEMU sent " + line);
        if (const Json *value = message->find("return"))
            return *value;
        if (message->find("error") != nullptr)
            throw std::runtime_error(fmt::format("QMP {}: {}", name, line));
    }
}

std::string QemuProcess::read_line() {
    std::size_t end = 0;
    while ((end = received_.find('\n')) == std::string::npos) {
        std::array<char, 4096> chunk;
        const ssize_t count = ::recv(control_.get(), chunk.data(), chunk.size(), 0);
        if (count == 0)
            throw std::runtime_error("QEMU closed its monitor");
        if (count < 0)
            throw std::system_error(errno, std::generic_category(), "QEMU's monitor");
        received_.append(chunk.data(), static_cast<std::size_t>(count));
    }
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    return line;
}

void QemuProcess::monitor_command(const std::string &line) {
    const Json answer = command("human-monitor-command", {{"command-line", line}});
    if (answer.as_string() == nullptr || !answer.as_string()->empty())
        throw std::runtime_error(fmt::format("QEMU answers '{}' with {}", line, answer.to_text()));
}

void QemuProcess::export_disk(const std::string &node) {
    if (!nbd_server_) {
        command("nbd-server-start",
                {{"addr", Json::Object{{"type", "unix"},
                                       {"data", Json::Object{{"path", directory_ / "nbd"}}}}}});
        nbd_server_ = true;
    }
    if (std::find(exported_.begin(), exported_.end(), node) != exported_.end())
        return;
    command("block-export-add", {{"type", "nbd"},
                                 {"id", "export-" + node},
                                 {"node-name", node},
                                 {"name", node},
                                 {"writable", true}});
    exported_.push_back(node);
}

void QemuProcess::write_as_guest(const std::string &node, char byte, int offset_in_mib) {
    export_disk(node);
    must_run({"qemu-io", "-f", "raw", "-c",
              fmt::format("write -P {} {}M 1M", int{byte}, offset_in_mib),
              fmt::format("nbd+unix:///{}?socket={}", node, directory_ / "nbd")});
}

void QemuProcess::close_exports() {
    if (nbd_server_)
        command("nbd-server-stop");
    nbd_server_ = false;
    exported_.clear();
}

void QemuProcess::freeze() {
    ::kill(pid_, SIGSTOP);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WNOWAIT);
}

} // namespace xlsnap::test
