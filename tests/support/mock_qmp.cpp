// SPDX-License-Identifier: LGPL-2.1-only
#include "support/mock_qmp.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace xlsnap::test {

namespace {

// Against a hanging test program only: a right one never comes near it.
constexpr int kPatienceMs = 60'000;

constexpr std::string_view kClientLeft = "the client left";

void check(bool ok, const char *what) {
    if (!ok)
        throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd listen_on(const std::string &path) {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    check(listener.valid(), "socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    check(::bind(listener.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0,
          "bind");
    check(::listen(listener.get(), 1) == 0, "listen");
    return listener;
}

// The client's message must be nothing but a command with an id.
std::optional<std::string> compare(const Json &message, const std::string &command,
                                   const Json::Object &arguments) {
    Json::Object wanted{{"execute", command}};
    if (!arguments.empty())
        wanted.emplace("arguments", arguments);
    const std::string *id = message.find_string("id");
    if (id != nullptr)
        wanted.emplace("id", *id);
    if (id != nullptr && Json(wanted).to_text() == message.to_text())
        return std::nullopt;
    return fmt::format("expected command (with an id): {}\nthe client sent: {}",
                       Json(wanted).to_text(), message.to_text());
}

} // namespace

MockQmp::MockQmp()
    : path_(directory_ / "qmp"), listener_(listen_on(path_)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    check(stop_.valid(), "eventfd");
}

MockQmp::~MockQmp() {
    for (const std::string &complaint : finish())
        ADD_FAILURE() << "mock QMP server: " << complaint;
}

std::string MockQmp::greeting() {
    return R"({"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, )"
           R"("package": ""}, "capabilities": ["oob"]}})"
           "\r\n";
}

MockQmp &MockQmp::add(Step step) {
    script_.push_back(std::move(step));
    return *this;
}

MockQmp &MockQmp::accept() {
    return add([this] { return accept_client(); });
}

MockQmp &MockQmp::greet() {
    return accept().send(greeting()).expect("qmp_capabilities").answer();
}

MockQmp &MockQmp::expect(std::string command, Json::Object arguments) {
    return add([this, command = std::move(command), arguments = std::move(arguments)] {
        return read_command(command, arguments);
    });
}

MockQmp &MockQmp::answer(Json value) {
    return send(fmt::format(R"({{"return": {}, "id": $ID}})"
                            "\r\n",
                            value.to_text()));
}

MockQmp &MockQmp::refuse(const std::string &error_class, const std::string &text) {
    const Json error = Json::Object{{"class", error_class}, {"desc", text}};
    return send(fmt::format(R"({{"error": {}, "id": $ID}})"
                            "\r\n",
                            error.to_text()));
}

MockQmp &MockQmp::send(std::string bytes) {
    return add([this, bytes = std::move(bytes)]() -> std::optional<std::string> {
        if (!write_all(fill_in(bytes)))
            return "the client left before it was sent: " + bytes;
        return std::nullopt;
    });
}

MockQmp &MockQmp::send_byte_by_byte(std::string bytes) {
    return add([this, bytes = std::move(bytes)]() -> std::optional<std::string> {
        for (const char byte : fill_in(bytes)) {
            if (!write_all({&byte, 1}))
                return "the client left before it was sent: " + bytes;
        }
        return std::nullopt;
    });
}

MockQmp &MockQmp::send_until_left(std::string bytes) {
    return add([this, bytes = std::move(bytes)]() -> std::optional<std::string> {
        while (write_all(bytes)) {
        }
        client_.reset();
        return std::nullopt;
    });
}

MockQmp &MockQmp::hang_up() {
    return add([this]() -> std::optional<std::string> {
        client_.reset();
        received_.clear();
        return std::nullopt;
    });
}

MockQmp &MockQmp::await_leaving() {
    return add([this] { return see_client_leave(); });
}

void MockQmp::start() {
    thread_ = std::thread([this] { play(); });
}

std::vector<std::string> MockQmp::finish() {
    if (thread_.joinable()) {
        ::eventfd_write(stop_.get(), 1);
        thread_.join();
    } else if (!script_.empty()) {
        complaints_.emplace_back("the script was never started");
    }
    script_.clear();
    return std::exchange(complaints_, {});
}

void MockQmp::play() {
    for (std::size_t played = 0; played < script_.size(); ++played) {
        if (std::optional<std::string> complaint = script_[played]()) {
            complaints_.push_back(
                fmt::format("step {} of {}: {}", played + 1, script_.size(), *complaint));
            client_.reset();
            listener_.reset();
            return;
        }
    }
    if (std::optional<std::string> complaint = find_surplus())
        complaints_.push_back(fmt::format("after the script's end: {}", *complaint));
    client_.reset();
}

std::optional<std::string> MockQmp::accept_client() {
    if (client_.valid())
        return "the script lets a client connect while another one is there";
    if (!wait_for(listener_.get(), POLLIN))
        return "no client connected";
    client_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return client_.valid() ? std::nullopt : std::optional<std::string>("accept failed");
}

std::optional<std::string> MockQmp::read_command(const std::string &command,
                                                 const Json::Object &arguments) {
    std::string line;
    if (std::optional<std::string> complaint = read_line(line))
        return fmt::format("waiting for {}: {}", command, *complaint);
    Result<Json> message = parse_json(line);
    if (!message)
        return "the client sent no JSON: " + line;
    if (std::optional<std::string> complaint = compare(*message, command, arguments))
        return complaint;
    last_id_ = Json(*message->find_string("id")).to_text();
    return std::nullopt;
}

std::optional<std::string> MockQmp::see_client_leave() {
    std::string line;
    const std::optional<std::string> complaint = read_line(line);
    if (!complaint)
        return "the client sent: " + line;
    if (*complaint != kClientLeft)
        return complaint;
    client_.reset();
    return std::nullopt;
}

// Whatever comes until the test is over.
std::optional<std::string> MockQmp::find_surplus() {
    if (client_.valid()) {
        std::string line;
        if (!read_line(line))
            return "the client sent: " + line;
    }
    if (wait_for(listener_.get(), POLLIN))
        return "a client connected";
    return std::nullopt;
}

std::optional<std::string> MockQmp::read_line(std::string &line) {
    for (;;) {
        const std::size_t end = received_.find('\n');
        if (end != std::string::npos) {
            line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return std::nullopt;
        }
        if (!wait_for(client_.get(), POLLIN))
            return "the client sent nothing";
        std::array<char, 4096> chunk;
        const ssize_t count = ::recv(client_.get(), chunk.data(), chunk.size(), 0);
        if (count <= 0)
            return std::string(kClientLeft);
        received_.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

// False when the test is over and the event has not come.
bool MockQmp::wait_for(int fd, short events) {
    std::array<pollfd, 2> waiting{{{fd, events, 0}, {stop_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), kPatienceMs) <= 0)
        return false;
    return waiting[0].revents != 0;
}

bool MockQmp::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!wait_for(client_.get(), POLLOUT))
            return false;
        const ssize_t count =
            ::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN)
            return false;
        bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return true;
}

std::string MockQmp::fill_in(std::string text) const {
    constexpr std::string_view kId = "$ID";
    for (std::size_t at = text.find(kId); at != std::string::npos;
         at = text.find(kId, at + last_id_.size()))
        text.replace(at, kId.size(), last_id_);
    return text;
}

} // namespace xlsnap::test
