// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <map>

#include "ports/live_disks.hpp"
#include "support/fake_calls.hpp"
#include "support/fake_images.hpp"

namespace xlsnap::test {

// The QEMUs of all domains. As in QEMU, each node keeps the snapshot table of its image in memory:
// it does not see what another node changed until it is inactive and active again, and what it
// changes itself overwrites the table on the disk with its own. Methods for fail_next(): "open" and
// those of the session. A job needs no time: it is ready at once.
class FakeLiveDisks final : public LiveDisks, public FakeCalls {
  public:
    struct Node {
        std::string name;
        std::string path;
        bool writable = true;
        FakeTagTable table;  // what the node knows
        std::string backing; // the node below; empty: none
    };

    struct Job {
        BlockJob shown;
        ChainJob what;
    };

    struct Qemu {
        std::vector<Node> nodes;
        std::vector<Job> jobs;
        bool active = true;   // of all nodes together, as QEMU handles it
        bool running = true;  // QEMU's run state
        bool answers = true;  // false: as if stopped by SIGSTOP
        bool session = false; // somebody holds the socket
    };

    explicit FakeLiveDisks(FakeImages &images) : images_(images) {}

    std::map<DomainId, Qemu> qemus;
    bool claims_to_create = false; // it creates no tags and says that it did
    std::string job_error;         // not empty: every job concludes at once with this error
    bool jobs_stall = false;       // no job ever becomes ready
    std::function<void(BlockJob &job)> on_look; // each time that a job is looked at
    // Called when a QEMU has opened the image, closed it, or has it open in another way now.
    std::function<void(DomainId domid, const std::string &path)> on_use;

    Result<std::unique_ptr<LiveDisksSession>> open(DomainId domid) override;

    // The domain's QEMU opens the image, and those below it. The node name is "<vdev>-<driver>" for
    // a PV disk, anything else for an emulated one.
    void attach(DomainId domid, const std::string &node, const std::string &path,
                bool writable = true);

    // It closes the node, and those above and below it, as when its disk is detached.
    void detach(DomainId domid, const std::string &node);

    // The domain is gone and its QEMU with it.
    void remove_domain(DomainId domid);

    // What libxl does to an HVM domain's QEMU: stops it for a suspend (a live one leaves the nodes
    // inactive), and lets it go on at a resume, which makes the nodes active.
    void suspended(DomainId domid, bool live);
    void resumed(DomainId domid);

    // The guest writes through the node, or the overlay above it. A tag that the node does not know
    // loses what it kept: the node writes into clusters that belong to the tag.
    void guest_writes(DomainId domid, const std::string &node, const std::string &content);

  private:
    class Session;

    Node *find_node(Qemu &qemu, const std::string &name);
    // nullptr when it is no backing file.
    Node *node_above(Qemu &qemu, const std::string &name);
    Node *guest_node(Qemu &qemu, const std::string &name);
    // An empty base is below every node.
    bool is_above(Qemu &qemu, const std::string &node, const std::string &base);
    void open_image(Qemu &qemu, const std::string &node, const std::string &path, bool writable);
    void put_overlay(Qemu &qemu, const NodeOverlay &wanted);
    void tell_use(const Qemu &qemu, const std::string &path);
    void close(Qemu &qemu, const std::string &name);
    void change_chain(Qemu &qemu, const ChainJob &job);
    Status expect_changeable(Qemu &qemu, const ChainJob &job);
    bool is_chain_changed(Qemu &qemu, const ChainJob &job);
    void commit_content(Qemu &qemu, const ChainJob &job);
    void set_active(Qemu &qemu, bool active);

    FakeImages &images_;
    int last_block_ = 0;
};

} // namespace xlsnap::test
