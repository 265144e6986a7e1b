// SPDX-License-Identifier: LGPL-2.1-only
#include "bench/qmp_relay.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace xlsnap::bench {

namespace {

constexpr std::size_t kMostBytes = 1 << 20; // of a command or a reply

sockaddr_un address_of(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

void must_succeed(int result, const char *what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd new_socket() {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must_succeed(socket.get(), "socket");
    return socket;
}

// Empty: the other side has left.
std::string receive(int fd, std::vector<char> &buffer) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool has(const std::string &text, const char *word) {
    return text.find(word) != std::string::npos;
}

} // namespace

QmpRelay::QmpRelay(std::string path, std::string monitor)
    : path_(std::move(path)), monitor_(std::move(monitor)), listener_(new_socket()),
      buffer_(kMostBytes) {
    const sockaddr_un address = address_of(path_);
    ::unlink(path_.c_str());
    must_succeed(
        ::bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)),
        "bind");
    must_succeed(::listen(listener_.get(), 1), "listen");
    thread_ = std::thread([this] { relay(); });
}

QmpRelay::~QmpRelay() {
    finish();
}

void QmpRelay::finish() {
    if (!thread_.joinable())
        return;
    ::shutdown(listener_.get(), SHUT_RDWR); // accept() returns
    thread_.join();
    ::unlink(path_.c_str());
}

void QmpRelay::relay() {
    const sockaddr_un address = address_of(monitor_);
    for (;;) {
        const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client.get() < 0)
            return;
        const UniqueFd server = new_socket();
        if (::connect(server.get(), reinterpret_cast<const sockaddr *>(&address),
                      sizeof(address)) == 0)
            relay_one(client.get(), server.get());
    }
}

void QmpRelay::relay_one(int client, int server) {
    std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) > 0) {
        for (const pollfd &one : both) {
            if (one.revents == 0)
                continue;
            const std::string text = receive(one.fd, buffer_);
            if (text.empty())
                return;
            if (one.fd == client)
                look_at_command(text);
            else
                look_at_reply(text);
            if (!send_all(one.fd == client ? server : client, text))
                return;
        }
    }
}

void QmpRelay::look_at_command(const std::string &text) {
    if (!has(text, R"("execute":"transaction")"))
        return;
    ++transactions_;
    waits_ = true;
    begun_ = std::chrono::steady_clock::now();
}

void QmpRelay::look_at_reply(const std::string &text) {
    if (!waits_ || (!has(text, "\"return\"") && !has(text, "\"error\"")))
        return;
    waits_ = false;
    in_transactions_ += std::chrono::steady_clock::now() - begun_;
}

} // namespace xlsnap::bench
