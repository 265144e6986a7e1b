// SPDX-License-Identifier: LGPL-2.1-only
// qmp_transaction SOCKET NODE...: the least that a snapshot of disks can cost. Connects to QEMU,
// makes one internal snapshot of all nodes by one transaction, leaves, and prints the seconds that
// took; then deletes the snapshot again.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/bare_monitor.hpp"

namespace {

using xlsnap::bench::BareMonitor;

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
        BareMonitor monitor(socket);
        monitor.execute(transaction(nodes));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.3f\n", took.count());
    BareMonitor monitor(socket);
    for (const std::string &node : nodes)
        monitor.execute(R"({"execute":"blockdev-snapshot-delete-internal-sync","arguments":)"
                        R"({"device":")" +
                        node + R"(","name":"bench"}})");
    return EXIT_SUCCESS;
}
