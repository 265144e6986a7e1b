// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/block_node.hpp"
#include "core/domain.hpp"

namespace xlsnap {

struct NodeTag {
    std::string node;
    std::string tag;
};

// One conversation with the QEMU that serves a domain's disks. Short by contract: QEMU serves one
// client per socket, so a session never lives across a Toolstack call.
class LiveDisksSession {
  public:
    virtual ~LiveDisksSession() = default;

    // All nodes that have an image open in the image's own format.
    virtual Result<std::vector<BlockNode>> nodes() = 0;

    // Creates every tag, or none: one QMP transaction. The image tells whether QEMU did
    // what it says.
    virtual Status create_tags(const std::vector<NodeTag> &tags) = 0;

    // Deletes the tag by id and name; NotFound when the node has no such tag, QmpDeviceNotFound
    // when there is no such node. When QEMU is stopped, this makes the nodes active first and
    // leaves QEMU stopped: a QEMU told to delete a tag of an inactive node aborts.
    virtual Status delete_tag(const std::string &node, const Tag &tag) = 0;

    // Gives up what QEMU keeps in memory of every image. The nodes are unusable until
    // activate_nodes(), or until the Toolstack resumes the domain; then they read their images
    // again. For domains with two nodes on one image; the guest must not run meanwhile.
    // QEMU is stopped afterwards. On inactive nodes this does the same once more.
    virtual Status deactivate_nodes() = 0;

    // Makes the nodes usable again. `running` says whether QEMU is left running or stopped.
    virtual Status activate_nodes(bool running) = 0;
};

class LiveDisks {
  public:
    virtual ~LiveDisks() = default;

    // NotReady, with the reason, when the domain's QEMU does not answer within the deadline or
    // another client holds the socket.
    virtual Result<std::unique_ptr<LiveDisksSession>> open(DomainId domid) = 0;
};

} // namespace xlsnap
