// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/unique_fd.hpp"

namespace xlsnap::bench {

// The least that a QMP command can cost. Replies are only waited for: a benchmark, no client.
class BareMonitor {
  public:
    explicit BareMonitor(const std::string &path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        if (::connect(fd_.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0)
            give_up("connect");
        read_until("QMP");
        execute(R"({"execute":"qmp_capabilities"})");
    }

    void execute(const std::string &command) {
        if (::write(fd_.get(), command.data(), command.size()) !=
            static_cast<ssize_t>(command.size()))
            give_up("write");
        read_until("\"return\"");
    }

  private:
    [[noreturn]] static void give_up(const char *what) {
        std::perror(what);
        std::exit(EXIT_FAILURE);
    }

    void read_until(const char *word) {
        std::string text;
        char buffer[4096];
        while (text.find(word) == std::string::npos || text.back() != '\n') {
            const ssize_t got = ::read(fd_.get(), buffer, sizeof(buffer));
            if (got <= 0)
                give_up("read");
            text.append(buffer, static_cast<std::size_t>(got));
            if (text.find("\"error\"") != std::string::npos)
                give_up(text.c_str());
        }
    }

    UniqueFd fd_;
};

} // namespace xlsnap::bench
