// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_live_disks_session.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace xlsnap::test {

Result<FakeLiveDisks::Qemu *> FakeLiveDisks::Session::enter_qemu(const std::string &method,
                                                                 std::string_view argument) {
    XLSNAP_TRY(owner_.enter(method, argument));
    auto found = owner_.qemus.find(domid_);
    if (found == owner_.qemus.end())
        return fail(ErrorCode::ProtocolErrorQmp,
                    fmt::format("QEMU of domain {} closed the connection", domid_));
    if (!found->second.answers)
        return fail(ErrorCode::TimedOut, fmt::format("QEMU of domain {} does not answer", domid_));
    return &found->second;
}

Result<std::vector<BlockNode>> FakeLiveDisks::Session::nodes() {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("nodes"));
    std::vector<BlockNode> found;
    for (const Node &node : qemu->nodes) {
        const FakeImage &image = owner_.images_.at(node.path);
        const Node *backing = owner_.find_node(*qemu, node.backing);
        found.push_back({node.name, node.path, std::string(to_string(image.format)), node.writable,
                         list(node.table), backing == nullptr ? "" : backing->path});
    }
    return found;
}

Status FakeLiveDisks::Session::check_new_tag(Qemu &qemu, const NodeTag &wanted) {
    Node *node = owner_.find_node(qemu, wanted.node);
    if (node == nullptr)
        return fail(ErrorCode::QmpGenericError, "no node " + wanted.node);
    if (!qemu.active)
        return fail(ErrorCode::QmpGenericError, fmt::format("node {} is inactive", wanted.node));
    if (!node->writable)
        return fail(ErrorCode::QmpGenericError, fmt::format("node {} is read-only", wanted.node));
    if (owner_.images_.at(node->path).format != DiskFormat::Qcow2)
        return fail(ErrorCode::QmpGenericError,
                    fmt::format("the format of node {} has no tags", wanted.node));
    XLSNAP_TRY(owner_.images_.expect_changeable(node->path));
    if (find_saved(node->table, wanted.tag) != nullptr)
        return fail(ErrorCode::QmpGenericError,
                    fmt::format("node {} has a tag {} already", wanted.node, wanted.tag));
    return {};
}

Status FakeLiveDisks::Session::check_new_overlay(Qemu &qemu, const NodeOverlay &wanted) {
    if (owner_.find_node(qemu, wanted.below) == nullptr)
        return fail(ErrorCode::QmpGenericError, "no node " + wanted.below);
    if (owner_.node_above(qemu, wanted.below) != nullptr)
        return fail(ErrorCode::QmpGenericError,
                    fmt::format("node {} is a backing file", wanted.below));
    if (owner_.find_node(qemu, wanted.name) != nullptr)
        return fail(ErrorCode::QmpGenericError, fmt::format("a node {} is there", wanted.name));
    const FakeImage *image = owner_.images_.find(wanted.path);
    if (image == nullptr || image->format != DiskFormat::Qcow2)
        return fail(ErrorCode::QmpGenericError, fmt::format("no qcow2 image {}", wanted.path));
    return {};
}

Status FakeLiveDisks::Session::take_snapshots(const std::vector<NodeTag> &tags,
                                              const std::vector<NodeOverlay> &overlays) {
    std::vector<std::string> argument;
    for (const NodeTag &wanted : tags)
        argument.push_back(wanted.node + "=" + wanted.tag);
    for (const NodeOverlay &wanted : overlays)
        argument.push_back(wanted.below + ">" + wanted.path);
    XLSNAP_ASSIGN(Qemu * qemu,
                  enter_qemu("take_snapshots", fmt::format("{}", fmt::join(argument, " "))));
    if (!overlays.empty() && !qemu->running)
        owner_.set_active(*qemu, true);
    std::set<std::pair<std::string, std::string>> seen;
    for (const NodeTag &wanted : tags) {
        XLSNAP_TRY(check_new_tag(*qemu, wanted));
        if (!seen.emplace(wanted.node, wanted.tag).second)
            return fail(ErrorCode::QmpGenericError,
                        fmt::format("tag {} twice for node {}", wanted.tag, wanted.node));
    }
    for (const NodeOverlay &wanted : overlays)
        XLSNAP_TRY(check_new_overlay(*qemu, wanted));
    if (owner_.claims_to_create)
        return overlays.empty() ? Status() : fail(ErrorCode::ProtocolErrorQmp, "no such overlay");
    for (const NodeTag &wanted : tags) {
        Node *node = owner_.find_node(*qemu, wanted.node);
        FakeImage &image = owner_.images_.at(node->path);
        append_tag(node->table, wanted.tag, image.content);
        image.tags = node->table;
    }
    for (const NodeOverlay &wanted : overlays)
        owner_.put_overlay(*qemu, wanted);
    return {};
}

Status FakeLiveDisks::Session::delete_tag(const std::string &node_name, const Tag &tag) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("delete_tag", node_name + " " + tag.name));
    if (!qemu->running)
        owner_.set_active(*qemu, true);
    Node *node = owner_.find_node(*qemu, node_name);
    if (node == nullptr)
        return fail(ErrorCode::QmpDeviceNotFound, "no node " + node_name);
    XLSNAP_TRY(owner_.images_.expect_changeable(node->path));
    if (std::erase_if(node->table, [&](const FakeTag &saved) { return saved.tag == tag; }) == 0)
        return fail(ErrorCode::NotFound,
                    fmt::format("node {} has no tag {} with id {}", node_name, tag.name, tag.id));
    owner_.images_.at(node->path).tags = node->table;
    return {};
}

Status FakeLiveDisks::Session::deactivate_nodes() {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("deactivate_nodes"));
    owner_.set_active(*qemu, true);
    owner_.set_active(*qemu, false);
    qemu->running = false;
    return {};
}

Status FakeLiveDisks::Session::activate_nodes(bool running) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("activate_nodes", running ? "running" : "stopped"));
    owner_.set_active(*qemu, true);
    qemu->running = running;
    return {};
}

} // namespace xlsnap::test
