// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

inline CreateWish external_wish(bool memory = true) {
    return {.disk_only = !memory,
            .disks = {{"xvda", DiskWishKind::External}, {"xvdb", DiskWishKind::External}}};
}

// A CataloguedHost of which the disks change their images.
class OverlaidHost : public CataloguedHost {
  public:
    explicit OverlaidHost(GuestKind kind = {}) : CataloguedHost(kind) {}

    std::string image_of(const std::string &vdev) { return find_disk(g1().domain, vdev)->path; }
    // What the guest reads of both disks; they must hold the same.
    std::string disks_hold() {
        const std::string a = images.read(image_of("xvda"));
        return a == images.read(image_of("xvdb")) ? a : "two things";
    }
    // Memory and disks hold this.
    void expect_state(const std::string &content) {
        EXPECT_EQ(g1().memory, content);
        EXPECT_EQ(disks_hold(), content);
    }
    const DomainRecord &domain_record() { return *catalog.contents.at(kKey).record; }
    // Empty when the guest runs with this in memory and on its disks, QEMU writes to the images
    // that the configuration names, and nothing is suspended or paused; else what is wrong.
    std::string wrong_with(const std::string &content) {
        FakeGuest *guest = toolstack.find("g1");
        if (guest == nullptr)
            return "the domain is gone; ";
        std::string wrong;
        if (guest->execution != FakeGuest::Execution::Going || guest->paused)
            wrong += "the guest does not run; ";
        for (const Disk &disk : guest->domain.disks) {
            if (images.read(disk.path) != content)
                wrong += fmt::format("{} holds '{}'; ", disk.vdev, images.read(disk.path));
            if (!is_written(guest->domain.domid, disk.path))
                wrong += fmt::format("QEMU does not write to {}; ", disk.path);
        }
        return wrong;
    }
    bool is_written(DomainId domid, const std::string &path) {
        for (const FakeLiveDisks::Node &node : live_disks.qemus.at(domid).nodes)
            if (node.path == path && node.writable)
                return true;
        return false;
    }
    // The files that there are, by path.
    std::vector<std::string> files() {
        std::vector<std::string> paths;
        images.each([&](const std::string &path, FakeImage &) { paths.push_back(path); });
        return paths;
    }
};

} // namespace xlsnap::test
