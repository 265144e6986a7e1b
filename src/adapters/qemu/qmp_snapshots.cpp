// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

#include <fmt/format.h>

#include "adapters/qemu/qmp_session.hpp"

namespace xlsnap {

namespace {

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

Json tag_action(const NodeTag &wanted) {
    return Json::Object{{"type", "blockdev-snapshot-internal-sync"},
                        {"data", Json::Object{{"device", wanted.node}, {"name", wanted.tag}}}};
}

// In the quotes that QEMU takes besides (docs/interop/qmp-spec.txt in qemu.git), which need no
// backslash inside others: guests wait while QEMU reads a transaction, byte by byte. Where the text
// has such quotes or backslashes itself it stays as it is.
std::string in_single_quotes(std::string text) {
    if (text.find_first_of("'\\") == std::string::npos)
        std::ranges::replace(text, '"', '\'');
    return text;
}

// The overlay as the file of a "json:" pseudo protocol, for what blockdev-snapshot-sync has no
// arguments for: xen-block opens images with locking off (hw/block/xen-block.c in qemu.git), and
// twin nodes cannot open one image in another way. Other settings are those of the node below.
// blockdev-snapshot-sync itself opens no backing file (BDRV_O_NO_BACKING in
// external_snapshot_action, blockdev.c) and, unlike blockdev-add, leaves nothing that would keep
// the node when its disk goes. Its format is qcow2 unless another one is given.
Json overlay_action(const NodeOverlay &overlay) {
    const Json image = Json::Object{
        {"file", Json::Object{{"driver", "file"}, {"filename", overlay.path}, {"locking", "off"}}}};
    return Json::Object{
        {"type", "blockdev-snapshot-sync"},
        {"data", Json::Object{{"node-name", overlay.below},
                              {"snapshot-file", "json:" + in_single_quotes(image.to_text())},
                              {"snapshot-node-name", overlay.name},
                              {"mode", "existing"}}}};
}

} // namespace

Status QmpSession::take_snapshots(const std::vector<NodeTag> &tags,
                                  const std::vector<NodeOverlay> &overlays) {
    if (tags.empty() && overlays.empty())
        return {};
    // QEMU 7.2 puts an overlay on an inactive node without a word.
    if (!overlays.empty())
        XLSNAP_TRY(make_sure_nodes_are_active());
    Json::Array actions;
    for (const NodeTag &wanted : tags)
        actions.push_back(tag_action(wanted));
    for (const NodeOverlay &overlay : overlays)
        actions.push_back(overlay_action(overlay));
    Json::Object arguments{{"actions", std::move(actions)}};
    if (!overlays.empty())
        return put_in_use(std::move(arguments), tags, overlays);
    Status taken = change("transaction", std::move(arguments));
    if (taken || taken.error().code != ErrorCode::QmpGenericError)
        return taken;
    return fail(explain(std::move(taken.error()), tags, nodes()));
}

// What shows whether it was done is asked for together with it: after a refusal it shows why.
Status QmpSession::put_in_use(Json::Object arguments, const std::vector<NodeTag> &tags,
                              const std::vector<NodeOverlay> &overlays) {
    auto [taken, reply] =
        client_.execute_both({"transaction", std::move(arguments), deadlines_.change},
                             {kListNodes, listed_flat(), deadlines_.query});
    Result<std::vector<BlockNode>> now = listed(std::move(reply));
    if (!taken)
        return fail(explain(explain(std::move(taken.error())), tags, now));
    return make_sure_overlays_are_used(std::move(now), overlays);
}

Status QmpSession::make_sure_overlays_are_used(Result<std::vector<BlockNode>> now,
                                               const std::vector<NodeOverlay> &overlays) const {
    if (!now)
        return fail(after_a_change(std::move(now.error())));
    for (const NodeOverlay &overlay : overlays) {
        const BlockNode *below = find_node(*now, overlay.below);
        const BlockNode *found = find_node(*now, overlay.name);
        if (found == nullptr || !found->writable || found->path != overlay.path ||
            below == nullptr || below->writable)
            return fail(contradiction(fmt::format("QEMU says that {} writes to {} now, but what it "
                                                  "lists afterwards denies it",
                                                  overlay.below, overlay.path)));
    }
    return {};
}

// QEMU gives one text, "does not support internal snapshots", for nodes of another format, for
// read-only and for inactive ones. What it shows of its nodes tells which it is.
Error QmpSession::explain(Error error, const std::vector<NodeTag> &tags,
                          const Result<std::vector<BlockNode>> &now) {
    if (error.code != ErrorCode::QmpGenericError || !now)
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

} // namespace xlsnap
