// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/block_job.hpp"
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

    // Makes every tag and puts every overlay in use, at one instant, or nothing of it: one QMP
    // transaction. The image tells whether QEMU made the tags that it says it made.
    //
    // An overlay's image was made beforehand, empty, with its backing file, by the path that
    // nodes() tells, and that one's format in its header; QEMU follows neither. Twin nodes get an
    // overlay each on the same image. With an overlay, nodes of a stopped QEMU are made active
    // first, and QEMU is left stopped. An overlay's node goes with the disk; nothing else keeps it.
    //
    // The domain's configuration is to name the overlays before this is called: a domain that is
    // started from an overlay that is still empty reads its base, while one that is started from
    // the base of an overlay in use loses what was written since, and spoils the overlay.
    //
    // Of twin nodes the idle one does not see what is written to the overlay through the other: its
    // tables are those of the empty image. Before it is used, both must read the image again
    // (deactivate_nodes(), activate_nodes()).
    //
    // A failure leaves the nodes as they were, and the overlays' images unused; but after TimedOut
    // and ProtocolErrorQmp only nodes(), of a new session, can tell what QEMU has done.
    virtual Status take_snapshots(const std::vector<NodeTag> &tags,
                                  const std::vector<NodeOverlay> &overlays) = 0;

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

    // Starts the job and returns: it becomes Ready, unless it fails. It goes on when the session is
    // closed, whether the guest runs, is suspended, or QEMU is stopped. For disks without twin
    // nodes. Nodes of a stopped QEMU are made active first. NotReady, naming it, when QEMU has
    // another one's block job (QEMU does not show on which disk), or one of this id. Invalid when
    // `top`, or for a Commit an image of `leaving`, holds a tag, whose content would be lost, or
    // when the node `base` is not on `base_path`.
    //
    // A job that fails, is cancelled, or dies with its QEMU leaves the chain as it was, and
    // what is read through `top`, and any image above it, is what it was. But after a Commit,
    // however it ended, `base` alone holds neither what it held before nor what `top` holds. Bytes
    // that were copied stay where they are, and the job can be started again.
    virtual Status start_job(const ChainJob &job) = 0;

    // All block jobs, those of others too. One that has concluded stays until conclude_job().
    virtual Result<std::vector<BlockJob>> jobs() = 0;

    // Tells a job that is Ready to change the chain. It concludes some time later, well or not. The
    // guest may write all the time, unless `top` is the active node: then the domain is to be
    // paused from here until its configuration names the base. What the guest writes goes to the
    // base as soon as the chain is changed, and a domain that is started from the old overlay would
    // read a mix of both.
    //
    // What was copied is flushed before: QEMU itself would let the headers tell of a chain whose
    // tables are still in its memory, and then die with them. (It does not say when that flush
    // fails.)
    virtual Status complete_job(const ChainJob &job) = 0;

    // Cancels the job, which concludes some time later: well, if it was about to end.
    virtual Status cancel_job(const std::string &id) = 0;

    // Takes a concluded job off QEMU's list and says how it ended: Fail with its reason when it
    // failed or was cancelled. NotReady while it is not concluded. After success the chain is what
    // the job was to make of it, and the images that left it are closed where close_idle_nodes()
    // can. Can be repeated: a job that is not listed any more has succeeded when the chain shows
    // it; NotFound when it does not, as when QEMU was started anew, or when after the commit of an
    // active node that one cannot be closed. ProtocolErrorQmp when the job is off the list but QEMU
    // shows another chain, or does not tell which one.
    virtual Status conclude_job(const ChainJob &job) = 0;

    // Closes those of the nodes that nobody uses. Returns the others, as far as they are there.
    virtual Result<std::vector<std::string>>
    close_idle_nodes(const std::vector<std::string> &nodes) = 0;
};

class LiveDisks {
  public:
    virtual ~LiveDisks() = default;

    // NotReady, with the reason, when the domain's QEMU does not answer within the deadline or
    // another client holds the socket.
    virtual Result<std::unique_ptr<LiveDisksSession>> open(DomainId domid) = 0;
};

} // namespace xlsnap
