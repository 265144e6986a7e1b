// SPDX-License-Identifier: LGPL-2.1-only
// disk_snapshots external|internal|bare IMAGE...: takes one snapshot of the disks alone of a domain
// that runs on these qcow2 images, and prints how many seconds QEMU's transaction took and how many
// all of it did. `external` and `internal` are as xlsnap makes them; `bare` is a session with a
// transaction alone, on overlays that were made just before.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "bench/bare_monitor.hpp"
#include "bench/bench_host.hpp"
#include "engine/snapshot_service.hpp"

namespace {

using namespace xlsnap;
using namespace xlsnap::bench;
using Clock = std::chrono::steady_clock;

SnapshotRequest request_for(const Domain &domain, bool external) {
    SnapshotRequest request;
    for (const Disk &disk : domain.disks) {
        DiskRequest wanted;
        wanted.vdev = disk.vdev;
        wanted.tag = "s1";
        wanted.external = external;
        if (external)
            wanted.overlay = disk.path + ".s1";
        request.disks.push_back(wanted);
    }
    return request;
}

void report(BenchHost &host, Seconds whole) {
    QmpRelay &relay = host.relay();
    relay.finish();
    if (relay.transactions() != 1) {
        std::fprintf(stderr, "%d transactions instead of one\n", relay.transactions());
        std::exit(EXIT_FAILURE);
    }
    std::printf("%.6f %.6f\n", relay.in_transactions().count(), whole.count());
}

void take_by_xlsnap(BenchHost &host, bool external) {
    const DomainId domid = host.start_domain();
    SnapshotService service(host.ports(), [] { return std::string("1"); });
    const SnapshotRequest request = request_for(host.configured(), external);
    const auto start = Clock::now();
    must(service.create(domid, request));
    report(host, Clock::now() - start);
}

// An overlay is opened as xen-block opens images: that costs a little more.
Json bare_action(const std::string &below, const std::string &overlay) {
    const Json image = Json::Object{
        {"driver", "qcow2"},
        {"file", Json::Object{{"driver", "file"}, {"filename", overlay}, {"locking", "off"}}}};
    return Json::Object{{"type", "blockdev-snapshot-sync"},
                        {"data", Json::Object{{"node-name", below},
                                              {"snapshot-file", "json:" + image.to_text()},
                                              {"snapshot-node-name", below + "-new"},
                                              {"format", "qcow2"},
                                              {"mode", "existing"}}}};
}

std::string bare_transaction(const Domain &domain) {
    Json::Array actions;
    for (std::size_t i = 0; i < domain.disks.size(); ++i)
        actions.push_back(bare_action(BenchHost::node(i), domain.disks[i].path + ".s1"));
    return Json(Json::Object{{"execute", "transaction"},
                             {"arguments", Json::Object{{"actions", std::move(actions)}}}})
        .to_text();
}

void take_bare(BenchHost &host) {
    host.start_domain();
    for (const Disk &disk : host.configured().disks)
        must(host.image_chains().create_overlay(disk.path + ".s1", disk.path, disk.format,
                                                ImageChains::Tables::AsItGrows));
    const std::string transaction = bare_transaction(host.configured());
    const auto start = Clock::now();
    {
        BareMonitor monitor(host.monitor());
        monitor.execute(transaction);
    }
    report(host, Clock::now() - start);
}

} // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 2)
        return EXIT_FAILURE;
    BenchHost host({arguments.begin() + 1, arguments.end()});
    if (arguments[0] == "bare")
        take_bare(host);
    else
        take_by_xlsnap(host, arguments[0] == "external");
    return EXIT_SUCCESS;
}
