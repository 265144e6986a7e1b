// SPDX-License-Identifier: LGPL-2.1-only
#include "core/snapshot_drift.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/domain_images.hpp"

namespace xlsnap {

namespace {

bool is_same_image(const ImageMark &then, const std::optional<ImageMark> &now) {
    return now && then.device == now->device && then.inode == now->inode &&
           (then.device != 0 || then.inode != 0);
}

enum class Written { No, Yes, Unknown };

Written written_since(const ImageMark &then, const std::optional<ImageMark> &now) {
    if (!now || !then.changed_ns || !now->changed_ns)
        return Written::Unknown;
    const bool unchanged =
        then.inode == now->inode && then.bytes == now->bytes && then.changed_ns == now->changed_ns;
    return unchanged ? Written::No : Written::Yes;
}

// The newest: an image may be what several snapshots hold. nullptr: none is.
const ImageMark *recorded_mark(const std::vector<SnapshotRecord> &records,
                               const std::string &path) {
    const ImageMark *mark = nullptr;
    std::uint64_t newest = 0;
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks) {
            if (disk.kind != DiskSnapshotKind::External || disk.path != path ||
                (mark != nullptr && record.creation_time < newest))
                continue;
            mark = &disk.mark;
            newest = record.creation_time;
        }
    return mark;
}

// A listed image may have been written to since it was listed, by the domain itself, unless an
// overlay of ours stands on it.
const ImageMark *listed_mark(const DomainRecord &domain, const ChainLayer &above,
                             const std::string &path) {
    const DomainImage *overlay = find_image(domain, above.path);
    const DomainImage *image = find_image(domain, path);
    return overlay != nullptr && overlay->made && image != nullptr ? &image->mark : nullptr;
}

const DiskNow *find_now(const std::vector<DiskNow> &disks, std::string_view vdev) {
    const auto found = std::ranges::find(disks, vdev, &DiskNow::vdev);
    return found == disks.end() ? nullptr : &*found;
}

class DriftCheck {
  public:
    DriftCheck(bool memory, const std::vector<DomainImage> &own) : memory_(memory), own_(own) {}

    void check(const DiskRecord &then, const DiskNow *now) {
        if (!memory_ && !takes_part(then))
            return;
        if (now == nullptr) {
            tell_detached(then);
            return;
        }
        const bool has_left = then.path != now->path && is_own(*now);
        if (then.path != now->path && !has_left) {
            tell_other_path(then, *now);
            if (memory_)
                return; // the sizes are those of two images
        }
        if (then.virtual_bytes != 0 && now->virtual_bytes != 0 &&
            then.virtual_bytes != now->virtual_bytes)
            tell_resized(then, *now);
        if (!takes_part(then) && has_left)
            tell_written(then, *now);
        if (!takes_part(then) && then.path == now->path && (then.writable || now->writable))
            check_written(then, *now);
    }

    void tell_attached(const DiskNow &now) {
        forcible(fmt::format("disk {0} ({1}) was attached since, and the domain will lose it; "
                             "detach it first (xl block-detach)",
                             now.vdev, now.path));
    }

    SnapshotDrift finish() && { return std::move(drift_); }

  private:
    [[nodiscard]] bool is_own(const DiskNow &now) const {
        return std::ranges::count(own_, now.path, &DomainImage::path) != 0;
    }

    static bool takes_part(const DiskRecord &disk) { return disk.kind != DiskSnapshotKind::None; }

    static const char *with_what_it_held(const DiskRecord &then) {
        return takes_part(then) ? ", with what it held then" : "";
    }

    void firm(std::string reason) { drift_.firm.add(ErrorCode::Invalid, std::move(reason)); }
    void forcible(std::string reason) {
        drift_.forcible.add(ErrorCode::Invalid, std::move(reason));
    }

    void tell_detached(const DiskRecord &then) {
        if (!memory_) {
            forcible(fmt::format("disk {} ({}) was detached since, and will stay as it is; attach "
                                 "it again to revert it too (xl block-attach)",
                                 then.vdev, then.path));
        } else {
            forcible(fmt::format("disk {} ({}) was detached since, and the domain will have it "
                                 "again{}; attach it first (xl block-attach)",
                                 then.vdev, then.path, with_what_it_held(then)));
            drift_.brought_back.push_back(then.path);
        }
    }

    void tell_other_path(const DiskRecord &then, const DiskNow &now) {
        const bool same = is_same_image(then.mark, now.mark);
        if (memory_ && same)
            firm(fmt::format("the image of disk {} was moved from {} to {}, and the memory image "
                             "names the former; give it that path again",
                             then.vdev, then.path, now.path));
        else if (memory_)
            tell_other_image(then, now);
        else if (!same)
            forcible(fmt::format("disk {} was {} when the snapshot was made, now it is {}; unless "
                                 "that is a copy, give it the former again",
                                 then.vdev, then.path, now.path));
    }

    void tell_other_image(const DiskRecord &then, const DiskNow &now) {
        forcible(
            fmt::format("disk {0} was {1} when the snapshot was made, now it is {2}; the "
                        "domain will have {1} again{3}, and lose {2}; give it that image first",
                        then.vdev, then.path, now.path, with_what_it_held(then)));
        drift_.brought_back.push_back(then.path);
    }

    void tell_resized(const DiskRecord &then, const DiskNow &now) {
        if (takes_part(then))
            forcible(fmt::format("disk {} had {} bytes, now it has {}, and will have its old size "
                                 "again; copy what else it holds first",
                                 then.vdev, then.virtual_bytes, now.virtual_bytes));
        else
            forcible(fmt::format("disk {} was left out of the snapshot and had {} bytes, now it "
                                 "has {}; give it its old size again (qemu-img resize)",
                                 then.vdev, then.virtual_bytes, now.virtual_bytes));
    }

    void check_written(const DiskRecord &then, const DiskNow &now) {
        switch (written_since(then.mark, now.mark)) {
        case Written::No:
            break;
        case Written::Yes:
            tell_written(then, now);
            break;
        case Written::Unknown:
            forcible(fmt::format("disk {} ({}) was left out of the snapshot, and nobody can tell "
                                 "whether it was written to since; make sure that it was not",
                                 then.vdev, then.path));
            break;
        }
    }

    void tell_written(const DiskRecord &then, const DiskNow &now) {
        forcible(
            fmt::format("disk {} ({}) was left out of the snapshot and written to since; bring "
                        "back what it held then, or what the memory knows of it destroys its "
                        "file system",
                        then.vdev, now.path));
    }

    bool memory_;
    const std::vector<DomainImage> &own_;
    SnapshotDrift drift_;
};

} // namespace

SnapshotDrift drift_since(const SnapshotRecord &record, const std::vector<DiskNow> &now,
                          const std::vector<DomainImage> &own) {
    DriftCheck drift(!is_disk_only(record), own);
    for (const DiskRecord &then : record.disks)
        drift.check(then, find_now(now, then.vdev));
    if (!is_disk_only(record))
        for (const DiskNow &disk : now)
            if (std::ranges::count(record.disks, disk.vdev, &DiskRecord::vdev) == 0)
                drift.tell_attached(disk);
    return std::move(drift).finish();
}

Refusals changed_since(const DiskRecord &then, const ImageMark &now) {
    Refusals refusals;
    if (written_since(then.mark, now) == Written::Yes)
        refusals.add(
            ErrorCode::Invalid,
            fmt::format("{} was written to since the snapshot was made, and is not what it "
                        "was; bring back that file from a backup",
                        then.path));
    return refusals;
}

Refusals changed_below(const ImageChain &chain, const std::vector<SnapshotRecord> &records,
                       const DomainRecord &domain) {
    Refusals refusals;
    for (std::size_t i = 1; i < chain.size(); ++i) {
        const ImageMark *then = recorded_mark(records, chain[i].path);
        if (then == nullptr)
            then = listed_mark(domain, chain[i - 1], chain[i].path);
        if (then == nullptr || written_since(*then, chain[i].mark) != Written::Yes)
            continue;
        refusals.add(ErrorCode::Invalid,
                     fmt::format("{}, which {} stands on, was written to since, so that both are "
                                 "not what they were; bring back that file from a backup",
                                 chain[i].path, chain.front().path));
    }
    return refusals;
}

} // namespace xlsnap
