// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/catalog_records.hpp"
#include "engine/catalogued_snapshots.hpp"
#include "engine/fake_host.hpp"
#include "support/fake_catalog.hpp"

namespace xlsnap::test {

// The disks alone of a domain that runs are external unless one is said to be internal.
inline CreateWish internal_disks_alone() {
    return {.disk_only = true, .disks = {{"xvda", DiskWishKind::Internal}}};
}

// A FakeHost with a catalog. The clock shows kNow and goes on by a second with each look.
class CataloguedHost : public FakeHost {
  public:
    explicit CataloguedHost(GuestKind kind = {}) : FakeHost(kind) {}

    static constexpr const char *kKey = "0c8f9d2e-6f0a-4d1a-9b53-1d6e3c1f9a01"; // g1's uuid
    static constexpr std::uint64_t kNow = 1'700'000'000;

    // The calls of the catalog too.
    void fail_call(std::size_t index) {
        FakeHost::fail_call(index);
        catalog.before = live_disks.before;
    }

    // g1, running or not.
    Subject subject() {
        FakeGuest *guest = toolstack.find("g1");
        return {guest == nullptr ? std::nullopt : std::optional(guest->domain.domid), kKey, {}};
    }

    // Each of these fails the test unless it succeeds.
    SnapshotRecord create(const std::string &name, CreateWish wish = {}) {
        wish.name = name;
        const auto created = catalogued.create(subject(), wish);
        EXPECT_TRUE(created) << created.error().message;
        return created ? created->record : SnapshotRecord{};
    }
    void revert(const std::string &name, const RevertWish &wish = {}) {
        const auto reverted = catalogued.revert(subject(), name, wish);
        EXPECT_TRUE(reverted) << reverted.error().message;
    }
    void remove(const std::string &name, const DeletionWish &wish = {}) {
        const auto removed = catalogued.remove(subject(), name, wish, false);
        EXPECT_TRUE(removed) << removed.error().message;
    }

    // xl block-detach.
    void detach(const std::string &vdev) {
        Domain &domain = g1().domain;
        const Disk gone = *find_disk(domain, vdev);
        std::erase_if(domain.disks, [&](const Disk &disk) { return disk.vdev == vdev; });
        domain.config_json = fake_config_json(domain);
        live_disks.detach(domain.domid, vdev + "-qcow2");
        image_users.users.erase(gone.path);
    }

    // g1 powers off: nobody has its images open any more.
    void power_off() { EXPECT_TRUE(toolstack.destroy(g1().domain.domid)); }

    std::vector<std::string> names() {
        std::vector<std::string> names;
        for (const auto &[name, record] : catalog.contents[kKey].snapshots)
            names.push_back(name);
        return names;
    }
    const SnapshotRecord &record(const std::string &name) {
        return catalog.contents.at(kKey).snapshots.at(name);
    }
    // The name of the current snapshot; empty: none. The domain's record must know it.
    std::string current() {
        const auto view = records.current(kKey);
        const std::string name = view ? view->record.name : std::string();
        EXPECT_EQ(catalog.contents[kKey].record.value_or(DomainRecord()).current_name, name);
        return name;
    }
    std::string parent(const std::string &name) {
        const auto view = records.get(kKey, name);
        return view ? view->parent : "?";
    }

    FakeCatalog catalog;
    CatalogRecords records{catalog};
    CataloguedSnapshots catalogued{
        ports(),
        catalog,
        {[this] { return kNow + looks_++; }, [this] { return fmt::format("{:016x}", ++ids_); },
         [] { return std::string("1"); }, "9.9", [](std::chrono::milliseconds) {}}};

  private:
    std::uint64_t looks_ = 0;
    unsigned ids_ = 0;
};

} // namespace xlsnap::test
