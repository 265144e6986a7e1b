// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/live_chains_contract.hpp"
#include "contract/live_disks_contract.hpp"

#include <map>
#include <optional>

#include "adapters/qemu/qmp_live_disks.hpp"
#include "support/disk_image_file.hpp"
#include "support/fake_live_disks.hpp"
#include "support/qemu_process.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

constexpr DomainId kDomid = 7;

class FakeHostOfLiveDisks final : public LiveDisksHost {
  public:
    void start(const std::vector<NodeOfImage> &nodes) override {
        for (const NodeOfImage &node : nodes) {
            if (images_.find(path(node.image)) == nullptr)
                images_.add(path(node.image), "A", node.format);
            live_disks_.attach(kDomid, node.node, path(node.image), node.writable);
        }
        live_disks_.qemus.at(kDomid).running = false;
    }

    LiveDisks &live_disks() override { return live_disks_; }
    LiveDisks &impatient_live_disks() override { return live_disks_; }
    DomainId domid() override { return kDomid; }
    std::string path(const std::string &image) override { return "/images/" + image; }

    void guest_writes(const std::string &node, char letter) override {
        live_disks_.guest_writes(kDomid, node, std::string(1, letter));
    }
    char content(const std::string &image) override { return images_.at(path(image)).content[0]; }
    char content_of_tag(const std::string &image, const std::string &tag) override {
        const FakeTag *saved = find_saved(images_.at(path(image)).tags, tag);
        return saved == nullptr ? '?' : saved->content[0];
    }
    std::vector<std::string> tags(const std::string &image) override {
        return images_.at(path(image)).tag_names();
    }

    void make_overlay(const std::string &image, const std::string &base) override {
        images_.add(path(image), content_text(base)).backing = path(base);
    }
    void use_disks(const std::vector<std::string> & /*nodes*/) override {}
    void start_foreign_job(const std::string &id, const std::string & /*active*/) override {
        live_disks_.qemus.at(kDomid).jobs.push_back({{id, "commit", JobState::Ready}, {}});
    }

    bool qemu_runs() override { return live_disks_.qemus.at(kDomid).running; }
    void freeze_qemu() override { live_disks_.qemus.at(kDomid).answers = false; }

  private:
    std::string content_text(const std::string &image) { return images_.at(path(image)).content; }

    FakeImages images_;
    FakeLiveDisks live_disks_{images_};
};

// The machine's own QEMU and images in files. QEMU inactivates no node that is exported, so the
// guest's way to its disks exists only while it writes.
class QemuHostOfLiveDisks final : public LiveDisksHost {
  public:
    void start(const std::vector<NodeOfImage> &nodes) override {
        std::vector<QemuDisk> disks;
        for (const NodeOfImage &node : nodes) {
            const std::string format(to_string(node.format));
            if (images_.emplace(node.image, DiskImageFile(path(node.image), format)).second)
                images_.at(node.image).create('A');
            disks.push_back({node.node, path(node.image), format, node.writable});
        }
        qemu_.emplace(disks);
    }

    LiveDisks &live_disks() override { return live_disks_; }
    LiveDisks &impatient_live_disks() override { return impatient_; }
    DomainId domid() override { return kDomid; }
    std::string path(const std::string &image) override { return directory_ / image; }

    void guest_writes(const std::string &node, char letter) override {
        qemu_->write_as_guest(node, letter);
        if (!in_use_)
            qemu_->close_exports();
    }
    char content(const std::string &image) override { return images_.at(image).content(); }
    char content_of_tag(const std::string &image, const std::string &tag) override {
        return images_.at(image).content_of_tag(tag);
    }
    std::vector<std::string> tags(const std::string &image) override {
        return images_.at(image).tags();
    }

    void make_overlay(const std::string &image, const std::string &base) override {
        images_.emplace(image, DiskImageFile(path(image), "qcow2"));
        images_.at(image).create_over(images_.at(base));
    }
    void use_disks(const std::vector<std::string> &nodes) override {
        for (const std::string &node : nodes)
            qemu_->export_disk(node);
        in_use_ = true;
    }
    void start_foreign_job(const std::string &id, const std::string &active) override {
        qemu_->command("block-commit", {{"job-id", id}, {"device", active}});
    }

    bool qemu_runs() override { return *qemu_->command("query-status").find("running")->as_bool(); }
    void freeze_qemu() override { qemu_->freeze(); }

  private:
    [[nodiscard]] std::string monitor(DomainId domid) const {
        return domid == kDomid ? qemu_->monitor() : directory_ / "no-monitor";
    }

    TemporaryDirectory directory_;
    std::map<std::string, DiskImageFile> images_;
    std::optional<QemuProcess> qemu_;
    bool in_use_ = false;
    QmpLiveDisks live_disks_{[this](DomainId domid) { return monitor(domid); }};
    QmpLiveDisks impatient_{[this](DomainId domid) { return monitor(domid); },
                            {std::chrono::milliseconds(200), std::chrono::milliseconds(200),
                             std::chrono::milliseconds(200)}};
};

INSTANTIATE_TEST_SUITE_P(Fake, LiveDisksContract,
                         ::testing::Values(std::make_unique<FakeHostOfLiveDisks>));
INSTANTIATE_TEST_SUITE_P(Qemu, LiveDisksContract,
                         ::testing::Values(std::make_unique<QemuHostOfLiveDisks>));
INSTANTIATE_TEST_SUITE_P(Fake, LiveChainsContract,
                         ::testing::Values(std::make_unique<FakeHostOfLiveDisks>));
INSTANTIATE_TEST_SUITE_P(Qemu, LiveChainsContract,
                         ::testing::Values(std::make_unique<QemuHostOfLiveDisks>));

} // namespace

} // namespace xlsnap::test
