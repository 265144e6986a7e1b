// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/domain_images.hpp"
#include "core/layer_records.hpp"
#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

// A CataloguedHost whose disk xvda has external snapshots, made by this class from what the fakes
// have, and not by the engine: chains of every shape for what tidies them. xvdb is left alone.
class ExternalHost : public CataloguedHost {
  public:
    explicit ExternalHost(GuestKind kind = {}) : CataloguedHost(kind) {
        DomainRecord &made = catalog.contents[kKey].record.emplace();
        made.uuid = kKey;
        made.name = "g1";
    }

    // The image that xvda has, whether the domain runs or not.
    [[nodiscard]] std::string active() {
        if (FakeGuest *guest = toolstack.find("g1"))
            return find_disk(guest->domain, "xvda")->path;
        if (catalog.contents.contains(kKey) && catalog.contents[kKey].record)
            last_active_ = domain().active_layers.front().path;
        return images.find(last_active_) == nullptr ? kDiskA : last_active_; // if forgotten
    }
    DomainRecord &domain() { return *catalog.contents[kKey].record; }

    // An external snapshot of xvda; the domain goes on with a new overlay.
    void snapshot(const std::string &name) {
        held_[name] = images.read(active());
        SnapshotRecord record = new_record(name);
        DiskRecord &disk = record.disks.front();
        disk.kind = DiskSnapshotKind::External;
        disk.overlay = new_path();
        disk.overlay_format = DiskFormat::Qcow2;
        list(disk.path, false);
        make_overlay(disk.overlay, disk.path);
        add(record, disk.overlay);
    }

    // A tag in the image that xvda has.
    void tag(const std::string &name) {
        held_[name] = images.read(active());
        SnapshotRecord record = new_record(name);
        DiskRecord &disk = record.disks.front();
        disk.kind = DiskSnapshotKind::Internal;
        disk.tag = "xlsnap-" + record.id;
        append_tag(images.at(active()).tags, disk.tag, images.read(active()));
        if (FakeGuest *guest = toolstack.find("g1"))
            for (FakeLiveDisks::Node &node : live_disks.qemus.at(guest->domain.domid).nodes)
                node.table = images.at(node.path).tags;
        add(record, active());
    }

    // The domain, which does not run, goes on from an external snapshot with a new overlay.
    void go_back(const std::string &name) {
        const std::string path = new_path();
        make_overlay(path, record(name).disks.front().path);
        domain().active_layers = {{"xvda", path}};
        domain().current_id = record(name).id;
        domain().current_name = name;
    }

    // What the guest writes, or what somebody writes for it while it does not run.
    void write(const std::string &content) {
        if (toolstack.find("g1") != nullptr)
            guest_writes(content);
        else
            images.at(active()).content = content;
    }

    void stop() {
        const std::string path = active();
        power_off();
        domain().active_layers = {{"xvda", path}};
    }
    // With the image that is xvda now.
    void start() {
        Domain again = kept_;
        again.disks.front().path = active();
        again.config_json.clear();
        const auto domid = toolstack.start(fake_config_json(again));
        ASSERT_TRUE(domid) << domid.error().message;
        ASSERT_TRUE(toolstack.unpause(*domid));
    }

    // Empty when xvda reads `content`, each snapshot what it held when it was made, the domain's
    // disk is the same for everybody, and no image has suffered.
    std::string wrong(const std::string &content) {
        std::string text;
        if (images.read(active()) != content)
            text += fmt::format("{} reads '{}'; ", active(), images.read(active()));
        for (const std::string &name : names())
            check(record(name), text);
        images.each([&](const std::string &path, const FakeImage &image) {
            if (image.corrupt)
                text += path + " is corrupt; ";
            if (!image.backing.empty() && images.find(image.backing) == nullptr)
                text += path + " stands on nothing; ";
        });
        if (FakeGuest *guest = toolstack.find("g1")) {
            check(*guest, text);
            const auto &record = catalog.contents[kKey].record;
            const bool names = record && !record->active_layers.empty();
            if (names && record->active_layers.front() != ActiveLayer{"xvda", active()})
                text += "the record names another image than the domain's; ";
        }
        return text;
    }
    // The images of xvda that there are.
    std::vector<std::string> files() {
        std::vector<std::string> paths;
        images.each([&](const std::string &path, const FakeImage &) {
            if (path != kDiskB)
                paths.push_back(path);
        });
        return paths;
    }

    // How many images xvda stands on, its own included.
    int depth() {
        int count = 0;
        for (std::string path = active(); !path.empty(); path = images.at(path).backing)
            ++count;
        return count;
    }

  private:
    std::string new_path() { return fmt::format("/images/a.{}.qcow2", ++overlays_); }

    SnapshotRecord new_record(const std::string &name) {
        SnapshotRecord record;
        record.id = fmt::format("{:016x}", 100 + ++records_);
        record.name = name;
        record.parent_id = domain().current_id;
        record.creation_time = kNow + records_;
        record.domain_uuid = kKey;
        record.domain_name = "g1";
        DiskRecord disk;
        disk.vdev = "xvda";
        disk.path = active();
        disk.format = images.at(active()).format;
        disk.mark = mark(active(), images.at(active()));
        record.disks = {disk};
        return record;
    }

    void add(const SnapshotRecord &record, const std::string &active_now) {
        catalog.contents[kKey].snapshots[record.name] = record;
        domain().current_id = record.id;
        domain().current_name = record.name;
        domain().active_layers = {{"xvda", active_now}};
    }

    void list(const std::string &path, bool made) {
        if (find_image(domain(), path) == nullptr)
            domain().images.push_back(
                {path, images.at(path).format, mark(path, images.at(path)), made});
    }

    void make_overlay(const std::string &path, const std::string &base) {
        FakeImage &image = images.add(path, "");
        image.backing = base;
        image.backing_format = images.at(base).format;
        list(path, true);
        FakeGuest *guest = toolstack.find("g1");
        if (guest == nullptr)
            return;
        auto session = live_disks.open(guest->domain.domid);
        ASSERT_TRUE(session);
        const auto nodes = (*session)->nodes();
        const auto found = find_disk_nodes(guest->domain.disks.front(), *nodes);
        ASSERT_TRUE(found) << found.error().message;
        const auto overlays = name_overlays(guest->domain.disks.front(), *found, *nodes, path);
        ASSERT_TRUE((*session)->take_snapshots({}, *overlays));
        session->reset();
        ASSERT_TRUE(toolstack.change_disks(guest->domain, {{"xvda", path, DiskFormat::Qcow2}}));
        kept_ = guest->domain;
    }

    void check(const SnapshotRecord &record, std::string &text) {
        const DiskRecord &disk = record.disks.front();
        FakeImage *image = images.find(disk.path);
        if (image == nullptr) {
            text += fmt::format("'{}' has lost {}; ", record.name, disk.path);
            return;
        }
        std::string content = disk.kind == DiskSnapshotKind::External ? images.read(disk.path) : "";
        if (disk.kind == DiskSnapshotKind::Internal) {
            const FakeTag *saved = find_saved(image->tags, disk.tag);
            content = saved == nullptr ? "no tag" : saved->content;
        }
        if (content != held_[record.name])
            text += fmt::format("'{}' reads '{}'; ", record.name, content);
    }

    void check(FakeGuest &guest, std::string &text) {
        if (guest.paused)
            text += "the guest is paused; ";
        const FakeLiveDisks::Qemu &qemu = live_disks.qemus.at(guest.domain.domid);
        if (qemu.session || !qemu.jobs.empty() || !qemu.running || !qemu.active)
            text += "QEMU has a job, a session, or does not run; ";
        int written = 0;
        for (const FakeLiveDisks::Node &node : qemu.nodes)
            written += node.path == active() && node.writable ? 1 : 0;
        if (written == 0)
            text += fmt::format("QEMU does not write to {}; ", active());
    }

    std::map<std::string, std::string> held_; // by snapshot
    Domain kept_;
    std::string last_active_ = kDiskA;
    int overlays_ = 0;
    std::uint64_t records_ = 0;
};

} // namespace xlsnap::test
