// SPDX-License-Identifier: LGPL-2.1-only
// Makes snapshots as xlsnap would, with the engine on fakes of Xen and QEMU; the catalog is real. A
// FOLDER holds a catalog, "catalog", and the image of the only disk of the domain g1, "image".
//   catalog_snapshots fill COUNT FOLDER       makes COUNT snapshots in 8 branches, without waiting
//                                             for the disk
//   catalog_snapshots create COUNT FOLDER...  makes COUNT more in each, in turn, takes each away
//                                             again, and prints how many seconds the median took to
//                                             make in each
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/store/file_catalog.hpp"
#include "engine/catalog_records.hpp"
#include "engine/catalogued_create.hpp"
#include "support/fake_disk_images.hpp"
#include "support/fake_image_chains.hpp"
#include "support/fake_image_users.hpp"
#include "support/fake_kept_images.hpp"
#include "support/fake_live_disks.hpp"
#include "support/fake_memory_store.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/recording_log.hpp"

namespace {

using xlsnap::CataloguedCreate;
using xlsnap::FileCatalog;

constexpr const char *kUuid = "12345678-9abc-4def-8123-456789abcdef";
constexpr int kBranches = 8;
constexpr int kFirstAdded = 1000000;
constexpr std::size_t kConfigBytes = 3500; // as much as libxl writes of a domain

bool waits_for_the_disk = true; // fsync() does

template <typename Result> auto must(Result result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(EXIT_FAILURE);
    }
    if constexpr (!std::is_void_v<typename Result::value_type>)
        return std::move(*result);
}

// Texts in it are escaped in the record, as those of libxl's JSON are.
std::string configuration(const xlsnap::Domain &domain) {
    std::string text = xlsnap::test::fake_config_json(domain);
    text.back() = ',';
    text += R"("nics":[{"devid":0})";
    while (text.size() < kConfigBytes)
        text += R"(,{"devid":1,"mtu":1492,"model":"rtl8139","mac":"00:16:3e:5e:6c:01"})";
    return text + "]}";
}

xlsnap::Domain domain_on(const std::string &image) {
    xlsnap::Disk disk;
    disk.vdev = "xvda";
    disk.path = image;
    disk.format = xlsnap::DiskFormat::Qcow2;
    disk.backend = xlsnap::DiskBackend::Qdisk;
    disk.writable = true;
    xlsnap::Domain domain;
    domain.uuid = kUuid;
    domain.name = "g1";
    domain.type = xlsnap::GuestType::Pvh;
    domain.disks = {disk};
    domain.config_json = configuration(domain);
    return domain;
}

std::string name_of(int number) {
    return fmt::format("snapshot-{}", number);
}

// A host of fakes for one snapshot, which has nothing of those before it: only the catalog grows.
class Host {
  public:
    Host(FileCatalog &catalog, const std::string &image, int number)
        : number_(number),
          create_({toolstack_, live_disks_, disk_images_, image_chains_, image_users_, kept_images_,
                   memory_store_, log_, watcher_launcher_},
                  catalog,
                  {[number] { return 1700000000U + static_cast<unsigned>(number); },
                   [number] { return fmt::format("{:016x}", number); },
                   [] { return std::string("1"); }, "0.0"}) {
        images_.add(image, "");
        subject_.key = kUuid;
        subject_.domid = toolstack_.add(domain_on(image));
        live_disks_.attach(*subject_.domid, "xvda-qcow2", image);
    }

    xlsnap::Result<xlsnap::CreatedSnapshot> create() {
        return create_.create(
            subject_, {.name = name_of(number_), .description = "one of many for a benchmark"});
    }

  private:
    int number_;
    xlsnap::Subject subject_;
    xlsnap::test::FakeImages images_;
    xlsnap::test::FakeImageUsers image_users_;
    xlsnap::test::FakeLiveDisks live_disks_{images_};
    xlsnap::test::FakeDiskImages disk_images_{images_, image_users_};
    xlsnap::test::FakeImageChains image_chains_{images_, image_users_};
    xlsnap::test::FakeKeptImages kept_images_;
    xlsnap::test::FakeToolstack toolstack_;
    xlsnap::test::FakeMemoryStore memory_store_;
    xlsnap::test::RecordingLog log_;
    xlsnap::test::FakeWatcherLauncher watcher_launcher_;
    CataloguedCreate create_;
};

// Each branch begins at the first snapshot.
void fill(FileCatalog &catalog, const std::string &image, int count) {
    xlsnap::CatalogRecords records(catalog);
    const int length = (count + kBranches - 1) / kBranches;
    for (int i = 0; i < count; ++i) {
        if (i > 0 && i % length == 0)
            must(records.set_current(kUuid, name_of(0)));
        must(Host(catalog, image, i).create());
    }
}

// Makes the catalog what it was before the snapshot was made.
void take_away(FileCatalog &catalog, const std::string &name, const xlsnap::DomainRecord &before) {
    const auto lock = must(catalog.lock(kUuid));
    must(catalog.remove(kUuid, name));
    must(before.current_id.empty() ? catalog.forget(kUuid) : catalog.write_domain(before));
}

double seconds_to_create(FileCatalog &catalog, const std::string &image, int number) {
    const xlsnap::DomainRecord before = must(catalog.read_current(kUuid)).domain;
    Host host(catalog, image, number);
    const auto start = std::chrono::steady_clock::now();
    must(host.create());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    take_away(catalog, name_of(number), before);
    return took.count();
}

struct Folder {
    Folder(const std::string &path, xlsnap::Log &log)
        : catalog(path + "/catalog", log), image(path + "/image") {}

    FileCatalog catalog;
    std::string image;
    std::vector<double> times;
};

void create_in_turn(std::deque<Folder> &folders, int count) {
    for (int i = 0; i < count; ++i)
        for (Folder &folder : folders)
            folder.times.push_back(
                seconds_to_create(folder.catalog, folder.image, kFirstAdded + i));
    for (Folder &folder : folders) {
        std::ranges::sort(folder.times);
        std::printf("%.6f\n", folder.times[folder.times.size() / 2]);
    }
}

} // namespace

extern "C" int fsync(int fd) {
    return waits_for_the_disk ? static_cast<int>(::syscall(SYS_fsync, fd)) : 0;
}

int main(int argc, char **argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const int count = arguments.size() > 2 ? std::atoi(arguments[1].c_str()) : 0;
    if (count <= 0)
        return EXIT_FAILURE;
    xlsnap::test::RecordingLog log;
    std::deque<Folder> folders;
    for (std::size_t i = 2; i < arguments.size(); ++i)
        folders.emplace_back(arguments[i], log);
    waits_for_the_disk = arguments[0] == "create";
    if (waits_for_the_disk)
        create_in_turn(folders, count);
    else
        fill(folders.front().catalog, folders.front().image, count);
    for (const std::string &warning : log.warnings)
        std::fprintf(stderr, "%s\n", warning.c_str());
    return log.warnings.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
