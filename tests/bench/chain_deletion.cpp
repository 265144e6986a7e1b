// SPDX-License-Identifier: LGPL-2.1-only
// chain_deletion running|stopped BELOW ABOVE IMAGE: the domain's disk, a qcow2 image that holds
// BELOW MiB, gets an external snapshot; then its guest writes ABOVE MiB behind them, and the
// snapshot is deleted. Prints how many bytes the deletion made the kernel write (write_bytes in
// /proc/PID/io), by QEMU and by this process with its children, how many seconds it took, and the
// image that the disk has in the end.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/store/file_catalog.hpp"
#include "bench/bench_host.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "support/tool.hpp"

namespace {

using namespace xlsnap;
using namespace xlsnap::bench;

void give_up(const std::string &why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(EXIT_FAILURE);
}

void run(const std::vector<std::string> &argv) {
    if (const test::ToolOutcome done = test::run_tool(argv); done.status != 0)
        give_up(done.output);
}

// Of a process and of its children that it has waited for.
std::uint64_t written_by(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/io", pid));
    std::string word;
    std::uint64_t value = 0;
    while (file >> word >> value)
        if (word == "write_bytes:")
            return value;
    give_up("/proc does not tell what a process writes");
    return 0;
}

std::string write_command(std::uint64_t at_mib, std::uint64_t mib) {
    return fmt::format("write -q -P 66 {}M {}M", at_mib, mib);
}

class Deletion {
  public:
    Deletion(bool runs, std::uint64_t below, std::uint64_t above, const std::string &image)
        : runs_(runs), below_(below), above_(above), host_({image}),
          catalog_(image + ".catalog", host_.log()),
          snapshots_(host_.ports(), catalog_,
                     {[] { return std::uint64_t{1'700'000'000}; },
                      [] { return std::string(16, 'a'); }, [] { return std::string("1"); }, "1"}) {
        subject_.key = host_.configured().uuid;
        subject_.config_json = host_.configured().config_json;
        if (runs_)
            subject_.domid = host_.start_domain();
    }

    void prepare() {
        CreateWish wish;
        wish.name = "s1";
        wish.disk_only = runs_;
        wish.disks = {{"xvda", DiskWishKind::External}};
        overlay_ = must(snapshots_.create(subject_, wish)).record.disks.front().overlay;
        subject_.config_json = with_overlay(host_.configured());
        write_above();
    }

    void measure() {
        const std::uint64_t before = written();
        const auto start = std::chrono::steady_clock::now();
        must(snapshots_.remove(subject_, "s1", {}, false));
        const Seconds took = std::chrono::steady_clock::now() - start;
        const std::uint64_t bytes = written() - before;
        const std::string left = ::access(overlay_.c_str(), F_OK) == 0 ? "overlay" : "base";
        std::printf("%llu %.3f %s\n", static_cast<unsigned long long>(bytes), took.count(),
                    left.c_str());
    }

  private:
    [[nodiscard]] std::string with_overlay(Domain domain) const {
        domain.disks.front().path = overlay_;
        return test::fake_config_json(domain);
    }

    void write_above() {
        const std::string command = write_command(below_, above_);
        if (!runs_) {
            run({"qemu-io", "-f", "qcow2", "-c", command, overlay_});
            return;
        }
        const Json nodes = host_.qemu().command("query-named-block-nodes", {{"flat", true}});
        for (const Json &node : *nodes.as_array())
            if (*node.find_string("file") == overlay_ && *node.find_string("drv") == "qcow2")
                io(*node.find_string("node-name"), command);
    }

    void io(const std::string &node, const std::string &command) {
        for (const std::string &one : {command, std::string("flush")}) {
            const Json said = host_.qemu().command(
                "human-monitor-command",
                {{"command-line", fmt::format("qemu-io {} \"{}\"", node, one)}});
            if (!said.as_string()->empty())
                give_up(*said.as_string());
        }
    }

    std::uint64_t written() {
        return written_by(::getpid()) + (runs_ ? written_by(host_.qemu().pid()) : 0);
    }

    bool runs_;
    std::uint64_t below_;
    std::uint64_t above_;
    BenchHost host_;
    FileCatalog catalog_;
    CataloguedSnapshots snapshots_;
    Subject subject_;
    std::string overlay_;
};

} // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 4)
        return EXIT_FAILURE;
    const std::uint64_t below = std::stoull(arguments[1]);
    const std::uint64_t above = std::stoull(arguments[2]);
    const std::string &image = arguments[3];
    run({"qemu-img", "create", "-q", "-f", "qcow2", image, fmt::format("{}M", below + above)});
    run({"qemu-io", "-f", "qcow2", "-c", write_command(0, below), image});
    Deletion deletion(arguments[0] == "running", below, above, image);
    deletion.prepare();
    deletion.measure();
    return EXIT_SUCCESS;
}
