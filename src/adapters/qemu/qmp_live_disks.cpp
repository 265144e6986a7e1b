// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_live_disks.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "adapters/qemu/image_info.hpp"
#include "adapters/qemu/qmp_client.hpp"

namespace xlsnap {

namespace {

class QmpSession final : public LiveDisksSession {
  public:
    QmpSession(std::string subject, QmpClient client, QmpDeadlines deadlines)
        : subject_(std::move(subject)), client_(std::move(client)), deadlines_(deadlines) {}

    Result<std::vector<BlockNode>> nodes() override;
    Status create_tags(const std::vector<NodeTag> &tags) override;
    Status delete_tag(const std::string &node, const Tag &tag) override;
    Status deactivate_nodes() override;
    Status activate_nodes(bool running) override;

  private:
    Result<Json> query(const std::string &command, Json::Object arguments = {});
    Status change(const std::string &command, Json::Object arguments = {});
    Status make_sure_nodes_are_active();
    Result<std::vector<Tag>> tags_of(const std::string &node);
    [[nodiscard]] Error explain(Error error) const;
    Error explain(Error error, const std::vector<NodeTag> &tags);

    std::string subject_; // for messages
    QmpClient client_;
    QmpDeadlines deadlines_;
};

// What to do about a QEMU that does not talk as it should. Its refusals speak for themselves.
std::string_view advice(ErrorCode code) {
    switch (code) {
    case ErrorCode::TimedOut:
        return "; is its process alive and not stopped (ps)? Let it go on and try again";
    case ErrorCode::ProtocolErrorQmp:
    case ErrorCode::UnknownQmpError:
        return "; its log says more";
    default:
        return "";
    }
}

Error with_advice(Error error) {
    error.message += advice(error.code);
    return error;
}

// Why QEMU cannot make the tag; empty when nothing that QEMU shows forbids it.
std::string find_obstacle(const std::vector<BlockNode> &nodes, const NodeTag &wanted) {
    const BlockNode *node = find_node(nodes, wanted.node);
    if (node == nullptr)
        return fmt::format("QEMU has no block node {}", wanted.node);
    if (node->driver != "qcow2")
        return fmt::format("{} ({}) is {}, and only qcow2 images hold internal snapshots",
                           node->name, node->path, node->driver);
    if (!node->writable)
        return fmt::format("{} ({}) is open read-only", node->name, node->path);
    if (find_tag(node->tags, wanted.tag) != nullptr)
        return fmt::format("{} ({}) has a snapshot {} already: delete it or choose another name",
                           node->name, node->path, wanted.tag);
    return {};
}

Json snapshot_action(const NodeTag &wanted) {
    return Json::Object{{"type", "blockdev-snapshot-internal-sync"},
                        {"data", Json::Object{{"device", wanted.node}, {"name", wanted.tag}}}};
}

Result<std::vector<BlockNode>> QmpSession::nodes() {
    XLSNAP_ASSIGN(const Json reply, query("query-named-block-nodes", {{"flat", true}}));
    Result<std::vector<BlockNode>> nodes = read_nodes(reply);
    if (!nodes)
        return fail(with_advice(
            {ErrorCode::ProtocolErrorQmp, fmt::format("{}: {}", subject_, nodes.error().message)}));
    return nodes;
}

Status QmpSession::create_tags(const std::vector<NodeTag> &tags) {
    if (tags.empty())
        return {};
    Json::Array actions;
    for (const NodeTag &wanted : tags)
        actions.push_back(snapshot_action(wanted));
    Status created = change("transaction", {{"actions", std::move(actions)}});
    return created ? Status() : fail(explain(std::move(created.error()), tags));
}

Status QmpSession::delete_tag(const std::string &node, const Tag &tag) {
    XLSNAP_TRY(make_sure_nodes_are_active());
    XLSNAP_ASSIGN(const std::vector<Tag> before, tags_of(node));
    if (std::find(before.begin(), before.end(), tag) == before.end())
        return fail(ErrorCode::NotFound, fmt::format("{}: {} has no snapshot {} with id {}",
                                                     subject_, node, tag.name, tag.id));
    XLSNAP_TRY(change("blockdev-snapshot-delete-internal-sync",
                      {{"device", node}, {"id", tag.id}, {"name", tag.name}}));
    XLSNAP_ASSIGN(const std::vector<Tag> after, tags_of(node));
    if (std::find(after.begin(), after.end(), tag) != after.end())
        return fail(ErrorCode::ProtocolErrorQmp,
                    fmt::format("{}: QEMU says that the snapshot {} of {} was deleted, but what it "
                                "lists afterwards denies it; its log says more",
                                subject_, tag.name, node));
    return {};
}

Status QmpSession::deactivate_nodes() {
    XLSNAP_TRY(make_sure_nodes_are_active());
    XLSNAP_TRY(change("stop"));
    // On a stopped QEMU, `live` makes the command inactivate all nodes after it has written the
    // devices' state (qmp_xen_save_devices_state in migration/savevm.c of qemu.git).
    return change("xen-save-devices-state", {{"filename", "/dev/null"}, {"live", true}});
}

Status QmpSession::activate_nodes(bool running) {
    XLSNAP_TRY(change("cont"));
    return running ? Status() : change("stop");
}

Result<Json> QmpSession::query(const std::string &command, Json::Object arguments) {
    Result<Json> answer = client_.execute(command, std::move(arguments), deadlines_.query);
    if (!answer)
        return fail(explain(std::move(answer.error())));
    return answer;
}

Status QmpSession::change(const std::string &command, Json::Object arguments) {
    const Result<Json> answer = client_.execute(command, std::move(arguments), deadlines_.change);
    return answer ? Status() : fail(explain(answer.error()));
}

Error QmpSession::explain(Error error) const {
    return with_advice(with_context(subject_, std::move(error)));
}

// Deleting a tag of an inactive node, or inactivating it once more, aborts QEMU (assertions in
// block/io.c and block.c) and with it the domain's disks. QMP before QEMU 10.0 does not show
// whether a node is active, but in a QEMU that runs all are, and `cont` makes them so. The vCPUs
// are Xen's: neither `cont` nor `stop` touches them.
Status QmpSession::make_sure_nodes_are_active() {
    XLSNAP_ASSIGN(const Json status, query("query-status"));
    const Json *running = status.find("running");
    if (running == nullptr || running->as_bool() == nullptr)
        return fail(
            with_advice({ErrorCode::ProtocolErrorQmp,
                         fmt::format("{}: QEMU described its state in an unknown way", subject_)}));
    return *running->as_bool() ? Status() : activate_nodes(false);
}

Result<std::vector<Tag>> QmpSession::tags_of(const std::string &node) {
    XLSNAP_ASSIGN(const std::vector<BlockNode> now, nodes());
    const BlockNode *found = find_node(now, node);
    if (found == nullptr)
        return fail(ErrorCode::QmpDeviceNotFound,
                    fmt::format("{}: QEMU has no block node {}", subject_, node));
    return found->tags;
}

// QEMU gives one text, "does not support internal snapshots", for nodes of another format, for
// read-only and for inactive ones. What it shows of its nodes tells which it is.
Error QmpSession::explain(Error error, const std::vector<NodeTag> &tags) {
    if (error.code != ErrorCode::QmpGenericError)
        return error;
    Result<std::vector<BlockNode>> now = nodes();
    if (!now)
        return error;
    for (const NodeTag &wanted : tags) {
        const std::string obstacle = find_obstacle(*now, wanted);
        if (!obstacle.empty())
            return {error.code, fmt::format("{} ({})", error.message, obstacle)};
    }
    if (error.message.find("does not support internal snapshots") != std::string::npos)
        error.message += " (the image is qcow2 and writable, so its node is inactive, as a live "
                         "suspend leaves it; QEMU must be told to go on first)";
    return error;
}

} // namespace

std::string libxenstat_monitor(DomainId domid) {
    return fmt::format("{}/qmp-libxenstat-{}", XLSNAP_XEN_RUN_DIR, domid);
}

Result<std::unique_ptr<LiveDisksSession>> QmpLiveDisks::open(DomainId domid) {
    std::string subject = fmt::format("QEMU of domain {}", domid);
    Result<QmpClient> client = QmpClient::connect(socket_path_(domid), deadlines_.greeting);
    if (!client)
        return fail(with_advice(with_context(subject, std::move(client.error()))));
    return std::make_unique<QmpSession>(std::move(subject), std::move(*client), deadlines_);
}

} // namespace xlsnap
