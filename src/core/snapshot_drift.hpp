// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/image_chain.hpp"
#include "core/refusals.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// A disk of the domain that has an image now.
struct DiskNow {
    std::string vdev;
    std::string path;
    std::uint64_t virtual_bytes = 0; // 0: not known
    bool writable = true;
    std::optional<ImageMark> mark; // nothing: nobody could look
};

// What has changed since a snapshot was made.
struct SnapshotDrift {
    // No force helps: the revert would fail after the domain is destroyed, or give a guest disks
    // that its memory does not know, which destroys their file systems.
    Refusals firm;
    // Told, and accepted by force: what is lost is what the user is told of.
    Refusals forcible;
    // Images that the domain has no more and that a memory image brings back with it, by path.
    // Force or not, the open-image guard must find nobody there: they may be another domain's by
    // now.
    std::vector<std::string> brought_back;
};

// What stands against a revert to `record` of a domain with the disks `now`. The rule: a memory
// image is reverted only onto the disks of its own instant; disks alone may be reverted one by one.
//
//                                      with memory                       disks alone
//   attached since                     forcible: the domain loses it     nothing
//   detached since, takes part         forcible: it is brought back,     forcible: it is left out
//                                      reverted
//   detached since, was left out       forcible: it is brought back      nothing
//   another size                       forcible                          forcible if it takes part
//   same image by another path         firm: the memory image names the  nothing
//                                      old path, and libxl opens that
//   another image                      forcible: the one of then is      forcible if it takes part:
//                                      brought back                      its tag proves a copy
//   left out, writable and written to  forcible                          nothing
//
// A disk that "takes part" has a kind other than None. Whether its image holds the tag is asked
// elsewhere (tag_check), and proves more than a path: only a copy of an image holds tags of ours.
// An image that the disk has left for another one of the domain's `own` (DomainRecord::images) is
// the same for this: that other one stands on it, or on what it stood on. Of a disk that was left
// out, it says that the disk was written to.
//
// "Same image" is told by device and inode. "Written to" by inode, size and time of change: a
// device number is another one after a boot of dom0. A block device has no such time, so of one
// that was left out nobody can tell, which is told as such.
[[nodiscard]] SnapshotDrift drift_since(const SnapshotRecord &record,
                                        const std::vector<DiskNow> &now,
                                        const std::vector<DomainImage> &own = {});

// What stands against taking the image of an external disk snapshot for what it was: somebody has
// written to it since. Force helps, for what is left of it.
[[nodiscard]] Refusals changed_since(const DiskRecord &then, const ImageMark &now);

// The same of the images below the first of a chain, as far as they are known: by the external
// snapshot that is what such an image holds, or by the domain's list, which was told of it when an
// overlay of ours was put on it. Others, as a template, nobody has looked at.
[[nodiscard]] Refusals changed_below(const ImageChain &chain,
                                     const std::vector<SnapshotRecord> &records,
                                     const DomainRecord &domain);

} // namespace xlsnap
