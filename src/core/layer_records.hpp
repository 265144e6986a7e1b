// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.hpp"
#include "core/domain_layers.hpp"
#include "core/image_layers.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// What the records say of images after some of them were merged, touched or removed (LayerStep).
// The configuration in a record stays as it was: a revert puts the right images into it.

// An image whose file has changed, or whose content another image has from now on.
struct ImageChange {
    std::string from;
    std::string to; // the same path when the image is where it was
    DiskFormat format = DiskFormat::Qcow2;
    // Of `from` before the change; nothing: `to` holds more than that.
    std::optional<ImageMark> before = {};
    ImageMark after = {}; // of `to`

    friend bool operator==(const ImageChange &, const ImageChange &) = default;
};

// Whatever meant the image at `from` means that at `to`: external snapshots, disks that were left
// out, overlays, and what the domain writes to. A record whose mark was that of the image gets the
// new one; one whose mark had shown that somebody wrote to the image goes on showing it.
// So it is with the marks in the domain's list, which keeps both images: one leaves it when it is
// removed.
void follow(const ImageChange &change, std::vector<SnapshotRecord> &records, DomainRecord &domain);

// Before one of our own changes to the image, which is `now`: whoever finds it half done must not
// take it for somebody else's. Marks that tell that nobody has written to it say from now on that
// nobody can tell; follow() renews them.
void expect_change(const std::string &path, const ImageMark &now,
                   std::vector<SnapshotRecord> &records, DomainRecord &domain);

// Nothing was changed in the end.
void expect_no_change(const std::string &path, const ImageMark &now,
                      std::vector<SnapshotRecord> &records, DomainRecord &domain);

void forget_image(std::string_view path, DomainRecord &domain);
void forget_dead_tag(std::string_view path, std::string_view tag, DomainRecord &domain);

// The images that a domain which does not run writes to, as its record has them; those of a format
// that nothing tells are in no chain that the catalog knows of.
[[nodiscard]] std::vector<NamedImage>
recorded_active_images(const std::vector<SnapshotRecord> &records, const DomainRecord &domain);

// Whether a domain without snapshots still has something that only its record tells: an image of
// ours, which may be what it writes to, one that is immutable or pinned, a tag to be removed.
[[nodiscard]] bool has_images_to_know(const DomainRecord &domain);

// Adds the tag to those of the image that nobody needs. The image is listed from then on.
void add_dead_tag(const std::string &path, DiskFormat format, const ImageMark &mark,
                  const std::string &tag, DomainRecord &domain);

// The images that are listed as made by xlsnap without telling the file (DomainImage::mark), and
// that must be those: they stand on one that is listed.
[[nodiscard]] std::vector<NamedImage> images_to_mark(const ImageLayers &layers,
                                                     const DomainRecord &domain);

// Whoever has written to the image until now, nobody can tell.
void mark_image(std::string_view path, ImageMark mark, DomainRecord &domain);

// The record alone is to go: the images that its external disks hold are pinned, and listed.
void pin_images(const SnapshotRecord &record, DomainRecord &domain);

// A record that nobody can read is to go: it may have meant any image that is listed, that the
// domain does not write to and that no other record means.
void pin_unrecorded_images(const std::vector<SnapshotRecord> &records, DomainRecord &domain);

// What a record means is its snapshot's again, and goes with that.
void unpin_recorded_images(const std::vector<SnapshotRecord> &records, DomainRecord &domain);

// The images that are pinned though nothing stands on them, those that are gone included: they are
// the user's. What the domain writes to is none of these.
[[nodiscard]] std::vector<std::string> pinned_for_nobody(const ImageLayers &layers,
                                                         const DomainRecord &domain);

} // namespace xlsnap
