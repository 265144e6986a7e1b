// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/line_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// How long to wait before another try while the listener's queue is full. The kernel has no event
// for that.
constexpr int kConnectRetryMs = 20;

Error lost(int errno_value) {
    if (errno_value == EPIPE || errno_value == ECONNRESET)
        return {ErrorCode::ProtocolErrorQmp, "QEMU closed the connection"};
    return {ErrorCode::ProtocolErrorQmp, errno_error(errno_value, "QMP socket").message};
}

} // namespace

Result<LineSocket> LineSocket::connect(const std::string &path, const Deadline &deadline) {
    sockaddr_un address{};
    if (path.size() >= sizeof(address.sun_path))
        return fail(ErrorCode::Invalid, fmt::format("{}: too long for a socket's path", path));
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());

    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid())
        return fail(errno_error(errno, "socket"));
    while (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) !=
           0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            return fail(ErrorCode::NotReady,
                        fmt::format("nobody listens on {}: QEMU is gone; its log says why", path));
        if (errno != EAGAIN && errno != EINTR)
            return fail(errno_error(errno, path));
        if (deadline.passed())
            return fail(
                ErrorCode::NotReady,
                fmt::format("other clients wait on {} already; end them and try again", path));
        ::poll(nullptr, 0, kConnectRetryMs);
    }
    return LineSocket(std::move(fd));
}

Status LineSocket::send(std::string_view text, const Deadline &deadline) {
    while (!text.empty()) {
        ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            text.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN)
            XLSNAP_TRY(wait_for(POLLOUT, deadline));
        else if (errno != EINTR)
            return fail(lost(errno));
    }
    return {};
}

Result<std::string> LineSocket::receive_line(std::size_t max_bytes, const Deadline &deadline) {
    std::size_t searched = 0;
    for (;;) {
        const std::size_t end = received_.find('\n', searched);
        if (std::min(end, received_.size()) > max_bytes)
            return fail(ErrorCode::ProtocolErrorQmp,
                        fmt::format("QEMU sent a line of more than {} bytes", max_bytes));
        if (end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        searched = received_.size();
        XLSNAP_TRY(receive_more(deadline));
    }
}

Status LineSocket::receive_more(const Deadline &deadline) {
    std::array<char, std::size_t{64} << 10> chunk;
    for (;;) {
        // Asked for before each read, because a peer that never stops sending never makes us wait.
        XLSNAP_TRY(wait_for(POLLIN, deadline));
        const ssize_t count = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
        if (count > 0) {
            received_.append(chunk.data(), static_cast<std::size_t>(count));
            return {};
        }
        if (count == 0)
            return fail(lost(ECONNRESET));
        if (errno != EAGAIN && errno != EINTR)
            return fail(lost(errno));
    }
}

Status LineSocket::wait_for(short events, const Deadline &deadline) const {
    pollfd waiting{fd_.get(), events, 0};
    while (!deadline.passed()) {
        const int ready = ::poll(&waiting, 1, deadline.poll_timeout());
        if (ready > 0)
            return {};
        if (ready < 0 && errno != EINTR)
            return fail(lost(errno));
    }
    return fail(ErrorCode::TimedOut, "QEMU did not answer in time");
}

} // namespace xlsnap
