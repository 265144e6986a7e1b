// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_live_disks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "support/fake_live_disks_session.hpp"

namespace xlsnap::test {

Result<std::unique_ptr<LiveDisksSession>> FakeLiveDisks::open(DomainId domid) {
    XLSNAP_TRY(enter("open", std::to_string(domid)));
    auto found = qemus.find(domid);
    if (found == qemus.end())
        return fail(ErrorCode::NotReady, fmt::format("domain {} has no QEMU", domid));
    if (!found->second.answers)
        return fail(ErrorCode::NotReady, fmt::format("QEMU of domain {} does not answer", domid));
    if (found->second.session)
        return fail(ErrorCode::NotReady,
                    fmt::format("another client holds the socket of domain {}", domid));
    return std::make_unique<Session>(*this, domid);
}

void FakeLiveDisks::attach(DomainId domid, const std::string &node, const std::string &path,
                           bool writable) {
    open_image(qemus[domid], node, path, writable);
}

void FakeLiveDisks::open_image(Qemu &qemu, const std::string &node, const std::string &path,
                               bool writable) {
    FakeImage &image = images_.at(path);
    ++image.open_nodes;
    std::string backing;
    if (!image.backing.empty()) {
        backing = fmt::format("#block{}", ++last_block_);
        open_image(qemu, backing, image.backing, false);
    }
    qemu.nodes.push_back({node, path, writable, image.tags, backing});
    tell_use(qemu, path);
}

void FakeLiveDisks::tell_use(const Qemu &qemu, const std::string &path) {
    for (const auto &[domid, known] : qemus)
        if (&known == &qemu && on_use)
            on_use(domid, path);
}

void FakeLiveDisks::put_overlay(Qemu &qemu, const NodeOverlay &wanted) {
    FakeImage &image = images_.at(wanted.path);
    ++image.open_nodes;
    Node *below = find_node(qemu, wanted.below);
    below->writable = false;
    image.content = images_.at(below->path).content;
    const std::string base = below->path;
    qemu.nodes.push_back({wanted.name, wanted.path, true, image.tags, wanted.below});
    tell_use(qemu, base);
    tell_use(qemu, wanted.path);
}

void FakeLiveDisks::detach(DomainId domid, const std::string &node) {
    Qemu &qemu = qemus.at(domid);
    std::string next = guest_node(qemu, node)->name;
    while (!next.empty()) {
        const std::string backing = find_node(qemu, next)->backing;
        close(qemu, next);
        next = backing;
    }
}

void FakeLiveDisks::close(Qemu &qemu, const std::string &name) {
    const auto found = std::ranges::find(qemu.nodes, name, &Node::name);
    const std::string path = found->path;
    --images_.at(path).open_nodes;
    qemu.nodes.erase(found);
    tell_use(qemu, path);
}

void FakeLiveDisks::remove_domain(DomainId domid) {
    auto found = qemus.find(domid);
    if (found == qemus.end())
        return;
    while (!found->second.nodes.empty())
        close(found->second, std::string(found->second.nodes.back().name));
    qemus.erase(found);
}

void FakeLiveDisks::suspended(DomainId domid, bool live) {
    Qemu &qemu = qemus.at(domid);
    qemu.running = false;
    if (live)
        set_active(qemu, false);
}

void FakeLiveDisks::resumed(DomainId domid) {
    Qemu &qemu = qemus.at(domid);
    set_active(qemu, true);
    qemu.running = true;
}

void FakeLiveDisks::guest_writes(DomainId domid, const std::string &node_name,
                                 const std::string &content) {
    const Node *node = guest_node(qemus.at(domid), node_name);
    FakeImage &image = images_.at(node->path);
    image.content = content;
    if (!images_.expect_changeable(node->path))
        image.corrupt = true; // the guest gets an error
    const std::vector<Tag> known = list(node->table);
    for (FakeTag &saved : image.tags) {
        if (std::find(known.begin(), known.end(), saved.tag) == known.end())
            saved.content = content;
    }
}

FakeLiveDisks::Node *FakeLiveDisks::find_node(Qemu &qemu, const std::string &name) {
    auto found = std::find_if(qemu.nodes.begin(), qemu.nodes.end(),
                              [&](const Node &node) { return node.name == name; });
    return found == qemu.nodes.end() ? nullptr : &*found;
}

FakeLiveDisks::Node *FakeLiveDisks::node_above(Qemu &qemu, const std::string &name) {
    auto found = std::ranges::find(qemu.nodes, name, &Node::backing);
    return found == qemu.nodes.end() ? nullptr : &*found;
}

FakeLiveDisks::Node *FakeLiveDisks::guest_node(Qemu &qemu, const std::string &name) {
    Node *node = find_node(qemu, name);
    while (Node *above = node_above(qemu, node->name))
        node = above;
    return node;
}

bool FakeLiveDisks::is_above(Qemu &qemu, const std::string &node, const std::string &base) {
    const Node *found = find_node(qemu, node);
    while (found != nullptr && found->backing != base)
        found = find_node(qemu, found->backing);
    return found != nullptr;
}

// A node reads its image again when it goes from inactive to active, and only then.
void FakeLiveDisks::set_active(Qemu &qemu, bool active) {
    if (active && !qemu.active) {
        for (Node &node : qemu.nodes)
            node.table = images_.at(node.path).tags;
    }
    qemu.active = active;
}

} // namespace xlsnap::test
