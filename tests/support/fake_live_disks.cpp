// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_live_disks.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

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
    Status create_tags(const std::vector<NodeTag> &tags) override;
    Status delete_tag(const std::string &node, const Tag &tag) override;
    Status deactivate_nodes() override;
    Status activate_nodes(bool running) override;

  private:
    Result<Qemu *> enter_qemu(const std::string &method, std::string_view argument = {});
    Status check_new_tag(Qemu &qemu, const NodeTag &wanted);

    FakeLiveDisks &owner_;
    DomainId domid_;
};

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
        found.push_back({node.name, node.path, std::string(to_string(image.format)), node.writable,
                         list(node.table)});
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
    if (find_saved(node->table, wanted.tag) != nullptr)
        return fail(ErrorCode::QmpGenericError,
                    fmt::format("node {} has a tag {} already", wanted.node, wanted.tag));
    return {};
}

Status FakeLiveDisks::Session::create_tags(const std::vector<NodeTag> &tags) {
    std::string argument;
    for (const NodeTag &wanted : tags)
        argument += fmt::format("{}{}={}", argument.empty() ? "" : " ", wanted.node, wanted.tag);
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("create_tags", argument));
    std::set<std::pair<std::string, std::string>> seen;
    for (const NodeTag &wanted : tags) {
        XLSNAP_TRY(check_new_tag(*qemu, wanted));
        if (!seen.emplace(wanted.node, wanted.tag).second)
            return fail(ErrorCode::QmpGenericError,
                        fmt::format("tag {} twice for node {}", wanted.tag, wanted.node));
    }
    if (owner_.claims_to_create)
        return {};
    for (const NodeTag &wanted : tags) {
        Node *node = owner_.find_node(*qemu, wanted.node);
        FakeImage &image = owner_.images_.at(node->path);
        append_tag(node->table, wanted.tag, image.content);
        image.tags = node->table;
    }
    return {};
}

Status FakeLiveDisks::Session::delete_tag(const std::string &node_name, const Tag &tag) {
    XLSNAP_ASSIGN(Qemu * qemu, enter_qemu("delete_tag", node_name + " " + tag.name));
    if (!qemu->running)
        owner_.set_active(*qemu, true);
    Node *node = owner_.find_node(*qemu, node_name);
    if (node == nullptr)
        return fail(ErrorCode::QmpDeviceNotFound, "no node " + node_name);
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
    FakeImage &image = images_.at(path);
    ++image.open_nodes;
    qemus[domid].nodes.push_back({node, path, writable, image.tags});
}

void FakeLiveDisks::detach(DomainId domid, const std::string &node) {
    std::vector<Node> &nodes = qemus.at(domid).nodes;
    const auto found = std::ranges::find(nodes, node, &Node::name);
    --images_.at(found->path).open_nodes;
    nodes.erase(found);
}

void FakeLiveDisks::remove_domain(DomainId domid) {
    auto found = qemus.find(domid);
    if (found == qemus.end())
        return;
    for (const Node &node : found->second.nodes)
        --images_.at(node.path).open_nodes;
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
    Node *node = find_node(qemus.at(domid), node_name);
    FakeImage &image = images_.at(node->path);
    image.content = content;
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

// A node reads its image again when it goes from inactive to active, and only then.
void FakeLiveDisks::set_active(Qemu &qemu, bool active) {
    if (active && !qemu.active) {
        for (Node &node : qemu.nodes)
            node.table = images_.at(node.path).tags;
    }
    qemu.active = active;
}

} // namespace xlsnap::test
