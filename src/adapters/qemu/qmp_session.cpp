// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "adapters/qemu/image_info.hpp"

namespace xlsnap {

namespace {

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

} // namespace

Error with_qmp_advice(Error error) {
    error.message += advice(error.code);
    return error;
}

Error after_a_change(Error error) {
    error.code = ErrorCode::ProtocolErrorQmp;
    error.message += "; what QEMU was told to do before may be done";
    return error;
}

Result<std::vector<BlockNode>> QmpSession::nodes() {
    return listed(client_.execute(kListNodes, listed_flat(), deadlines_.query));
}

Result<std::vector<BlockNode>> QmpSession::listed(Result<Json> reply) const {
    if (!reply)
        return fail(explain(std::move(reply.error())));
    Result<std::vector<BlockNode>> nodes = read_nodes(*reply);
    if (!nodes)
        return fail(contradiction(nodes.error().message));
    return nodes;
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
        return fail(contradiction(fmt::format("QEMU says that the snapshot {} of {} was deleted, "
                                              "but what it lists afterwards denies it",
                                              tag.name, node)));
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
    return with_qmp_advice(with_context(subject_, std::move(error)));
}

Error QmpSession::contradiction(std::string_view what) const {
    return explain({ErrorCode::ProtocolErrorQmp, std::string(what)});
}

// Deleting a tag of an inactive node, or inactivating it once more, aborts QEMU (assertions in
// block/io.c and block.c) and with it the domain's disks. QMP before QEMU 10.0 does not show
// whether a node is active, but in a QEMU that runs all are, and `cont` makes them so. The vCPUs
// are Xen's: neither `cont` nor `stop` touches them.
Status QmpSession::make_sure_nodes_are_active() {
    XLSNAP_ASSIGN(const Json status, query("query-status"));
    const Json *running = status.find("running");
    if (running == nullptr || running->as_bool() == nullptr)
        return fail(contradiction("QEMU described its state in an unknown way"));
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

} // namespace xlsnap
