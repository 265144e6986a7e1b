// SPDX-License-Identifier: LGPL-2.1-only
// What the catalog costs, through its port:
//   catalog_records fill ROOT COUNT   makes COUNT records of one domain, in 8 branches
//   catalog_records list ROOT         reads them all, and prints how many there are
//   catalog_records add ROOT COUNT    adds COUNT records one by one and removes each again; prints
//                                     the seconds that the median of the adding took
// ROOT is the catalog's directory. A record has a configuration of 3 to 4 KiB, as libxl writes it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/store/file_catalog.hpp"

namespace {

using xlsnap::SnapshotRecord;

constexpr const char *kUuid = "12345678-9abc-4def-8123-456789abcdef";
constexpr int kBranches = 8;
constexpr int kDevices = 40;

class Silence final : public xlsnap::Log {
  public:
    void detail(const std::string &) override {}
    void info(const std::string &) override {}
    void warn(const std::string &message) override {
        std::fprintf(stderr, "%s\n", message.c_str());
    }
    void left_to_do(const std::string &) override {}
};

template <typename Result> auto must(Result result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(EXIT_FAILURE);
    }
    if constexpr (!std::is_void_v<typename Result::value_type>)
        return std::move(*result);
}

std::string configuration() {
    std::string text = R"({"c_info":{"type":"pvh","name":"g1"},"nics":[)";
    for (int i = 0; i < kDevices; ++i)
        text += fmt::format(
            R"({}{{"devid":{},"mtu":1492,"model":"rtl8139","mac":"00:16:3e:5e:6c:{:02x}","x":true}})",
            i == 0 ? "" : ",", i, i);
    return text + "]}";
}

SnapshotRecord record_of(int number) {
    SnapshotRecord record;
    record.id = fmt::format("{:016x}", number);
    record.name = fmt::format("snapshot-{}", number);
    if (number >= kBranches)
        record.parent_id = fmt::format("{:016x}", number - kBranches);
    record.creation_time = 1700000000U + static_cast<unsigned>(number);
    record.domain_uuid = kUuid;
    record.domain_name = "g1";
    record.config_json = configuration();
    record.memory = xlsnap::MemoryRecord{"/nowhere/1.save", 1U << 30U, std::string(64, 'a')};
    xlsnap::DiskRecord disk;
    disk.vdev = "xvda";
    disk.kind = xlsnap::DiskSnapshotKind::Internal;
    disk.path = "/nowhere/image";
    disk.tag = "xlsnap-" + record.id;
    record.disks = {disk};
    return record;
}

void fill(xlsnap::Catalog &catalog, int count) {
    const auto lock = must(catalog.lock(kUuid));
    for (int i = 0; i < count; ++i)
        must(catalog.add(kUuid, record_of(i)));
}

double median_of_adding(xlsnap::Catalog &catalog, int count) {
    const auto lock = must(catalog.lock(kUuid));
    const SnapshotRecord record = record_of(1000000);
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        const auto start = std::chrono::steady_clock::now();
        must(catalog.add(kUuid, record));
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        times.push_back(took.count());
        must(catalog.remove(kUuid, record.name));
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

} // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 2)
        return EXIT_FAILURE;
    Silence log;
    xlsnap::FileCatalog catalog(arguments[1], log);
    const int count = arguments.size() > 2 ? std::atoi(arguments[2].c_str()) : 0;
    if (arguments[0] == "fill")
        fill(catalog, count);
    else if (arguments[0] == "list")
        std::printf("%zu\n", must(catalog.read(kUuid)).snapshots.size());
    else if (arguments[0] == "add" && count > 0)
        std::printf("%.6f\n", median_of_adding(catalog, count));
    else
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
