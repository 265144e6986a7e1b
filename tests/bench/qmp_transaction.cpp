// SPDX-License-Identifier: LGPL-2.1-only
// qmp_transaction SOCKET NODE...: the least that a snapshot of disks can cost. Connects to QEMU,
// makes one internal snapshot of all nodes by one transaction, leaves, and prints the seconds that
// took; then deletes the snapshot again. Replies are only waited for: a benchmark, no client.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace {

class Monitor {
  public:
    explicit Monitor(const std::string &path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
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

    xlsnap::UniqueFd fd_;
};

std::string transaction(const std::vector<std::string> &nodes) {
    std::string actions;
    for (const std::string &node : nodes)
        actions += (actions.empty() ? "" : ",") +
                   (R"({"type":"blockdev-snapshot-internal-sync","data":{"device":")" + node +
                    R"(","name":"bench"}})");
    return R"({"execute":"transaction","arguments":{"actions":[)" + actions + "]}}";
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 3)
        return EXIT_FAILURE;
    const std::string socket = argv[1];
    const std::vector<std::string> nodes(argv + 2, argv + argc);
    const auto start = std::chrono::steady_clock::now();
    {
        Monitor monitor(socket);
        monitor.execute(transaction(nodes));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.3f\n", took.count());
    Monitor monitor(socket);
    for (const std::string &node : nodes)
        monitor.execute(R"({"execute":"blockdev-snapshot-delete-internal-sync","arguments":)"
                        R"({"device":")" +
                        node + R"(","name":"bench"}})");
    return EXIT_SUCCESS;
}
