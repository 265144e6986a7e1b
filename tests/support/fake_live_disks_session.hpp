// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "support/fake_live_disks.hpp"

namespace xlsnap::test {

class FakeLiveDisks::Session final : public LiveDisksSession {
  public:
    Session(FakeLiveDisks &owner, DomainId domid) : owner_(owner), domid_(domid) {
        owner_.qemus.at(domid_).session = true;
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;
    Session(Session &&) = delete;
    Session &operator=(Session &&) = delete;
    ~Session() override {
        auto found = owner_.qemus.find(domid_);
        if (found != owner_.qemus.end())
            found->second.session = false;
    }

    Result<std::vector<BlockNode>> nodes() override;
    Status take_snapshots(const std::vector<NodeTag> &tags,
                          const std::vector<NodeOverlay> &overlays) override;
    Status delete_tag(const std::string &node, const Tag &tag) override;
    Status deactivate_nodes() override;
    Status activate_nodes(bool running) override;
    Status start_job(const ChainJob &job) override;
    Result<std::vector<BlockJob>> jobs() override;
    Status complete_job(const ChainJob &job) override;
    Status cancel_job(const std::string &id) override;
    Status conclude_job(const ChainJob &job) override;
    Result<std::vector<std::string>>
    close_idle_nodes(const std::vector<std::string> &nodes) override;

  private:
    Result<Qemu *> enter_qemu(const std::string &method, std::string_view argument = {});
    Status check_new_tag(Qemu &qemu, const NodeTag &wanted);
    Status check_new_overlay(Qemu &qemu, const NodeOverlay &wanted);
    Status check_new_job(Qemu &qemu, const ChainJob &job);
    Status refuse_other_jobs(const Qemu &qemu, const std::string &id);
    Result<Job *> find_job(Qemu &qemu, const std::string &id);

    FakeLiveDisks &owner_;
    DomainId domid_;
};

} // namespace xlsnap::test
