// SPDX-License-Identifier: LGPL-2.1-only
#include "core/layer_records.hpp"

#include <algorithm>

#include "core/domain_images.hpp"

namespace xlsnap {

namespace {

// The device number of a file is another one after a boot of dom0.
bool is_unwritten(const ImageMark &recorded, const ImageMark &now) {
    return recorded.inode == now.inode && recorded.bytes == now.bytes &&
           recorded.changed_ns == now.changed_ns;
}

// As expect_change() leaves a mark.
bool is_expected_to_change(const ImageMark &recorded, const ImageMark &now) {
    return !recorded.changed_ns && recorded.inode != 0 && recorded.inode == now.inode;
}

// Of the image and of those snapshots that are what it holds.
template <typename Visit>
void each_mark(const std::string &path, std::vector<SnapshotRecord> &records, DomainRecord &domain,
               Visit visit) {
    for (SnapshotRecord &record : records)
        for (DiskRecord &disk : record.disks)
            if (disk.kind == DiskSnapshotKind::External && disk.path == path)
                visit(disk.mark);
    for (DomainImage &image : domain.images)
        if (image.path == path)
            visit(image.mark);
}

ImageMark mark_after(const ImageMark &recorded, const ImageChange &change) {
    if (change.before &&
        (is_unwritten(recorded, *change.before) || is_expected_to_change(recorded, *change.before)))
        return change.after;
    ImageMark mark = recorded;
    mark.device = change.after.device;
    mark.inode = change.after.inode;
    return mark;
}

// Of the image that holds more now than what was in `change.from`, which is judged by
// expect_change() alone.
ImageMark listed_mark_after(const ImageMark &listed, const ImageChange &change) {
    if (!listed.changed_ns)
        return change.after;
    ImageChange touched = change;
    if (change.from != change.to)
        touched.before.reset();
    return mark_after(listed, touched);
}

// A tag stays in the image that it is in: one that holds tags never gets another place.
void follow_disk(const ImageChange &change, DiskRecord &disk) {
    if (disk.path == change.from && disk.kind != DiskSnapshotKind::Internal) {
        disk.path = change.to;
        disk.format = change.format;
        disk.mark = mark_after(disk.mark, change);
    }
    if (disk.kind == DiskSnapshotKind::External && disk.overlay == change.from) {
        disk.overlay = change.to;
        disk.overlay_format = change.format;
    }
}

DomainImage *find_listed(std::string_view path, DomainRecord &domain) {
    const auto found = std::ranges::find(domain.images, path, &DomainImage::path);
    return found == domain.images.end() ? nullptr : &*found;
}

DiskFormat format_of(const std::string &path, const std::vector<SnapshotRecord> &records,
                     const DomainRecord &domain) {
    if (const DomainImage *image = find_image(domain, path))
        return image->format;
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks) {
            if (disk.path == path)
                return disk.format;
            if (disk.kind == DiskSnapshotKind::External && disk.overlay == path)
                return disk.overlay_format;
        }
    return DiskFormat::Unknown;
}

} // namespace

void follow(const ImageChange &change, std::vector<SnapshotRecord> &records, DomainRecord &domain) {
    for (SnapshotRecord &record : records)
        for (DiskRecord &disk : record.disks)
            follow_disk(change, disk);
    for (ActiveLayer &layer : domain.active_layers)
        if (layer.path == change.from)
            layer.path = change.to;
    if (DomainImage *image = find_listed(change.to, domain))
        image->mark = listed_mark_after(image->mark, change);
}

void expect_change(const std::string &path, const ImageMark &now,
                   std::vector<SnapshotRecord> &records, DomainRecord &domain) {
    each_mark(path, records, domain, [&](ImageMark &mark) {
        if (is_unwritten(mark, now))
            mark.changed_ns.reset();
    });
}

void expect_no_change(const std::string &path, const ImageMark &now,
                      std::vector<SnapshotRecord> &records, DomainRecord &domain) {
    each_mark(path, records, domain, [&](ImageMark &mark) {
        if (is_expected_to_change(mark, now))
            mark = now;
    });
}

void forget_image(std::string_view path, DomainRecord &domain) {
    const std::string gone(path); // it may lie in what goes
    std::erase_if(domain.images, [&](const DomainImage &image) { return image.path == gone; });
}

void forget_dead_tag(std::string_view path, std::string_view tag, DomainRecord &domain) {
    const std::string gone(tag);
    if (DomainImage *image = find_listed(path, domain))
        std::erase(image->dead_tags, gone);
}

std::vector<NamedImage> recorded_active_images(const std::vector<SnapshotRecord> &records,
                                               const DomainRecord &domain) {
    std::vector<NamedImage> active;
    for (const ActiveLayer &layer : domain.active_layers)
        if (const DiskFormat format = format_of(layer.path, records, domain);
            format != DiskFormat::Unknown)
            active.push_back({layer.path, format});
    return active;
}

bool has_images_to_know(const DomainRecord &domain) {
    return std::ranges::any_of(domain.images, [](const DomainImage &image) {
        return image.made || image.kept || image.pinned || !image.dead_tags.empty();
    });
}

void add_dead_tag(const std::string &path, DiskFormat format, const ImageMark &mark,
                  const std::string &tag, DomainRecord &domain) {
    if (find_listed(path, domain) == nullptr)
        domain.images.push_back({path, format, mark});
    std::vector<std::string> &tags = find_listed(path, domain)->dead_tags;
    if (std::ranges::find(tags, tag) == tags.end())
        tags.push_back(tag);
}

std::vector<NamedImage> images_to_mark(const ImageLayers &layers, const DomainRecord &domain) {
    std::vector<NamedImage> images;
    for (const DomainImage &image : domain.images) {
        const ImageLayer *layer = layers.find(image.path);
        if (image.made && image.mark.inode == 0 && layer != nullptr &&
            find_image(domain, layer->backing) != nullptr)
            images.push_back({image.path, layer->format});
    }
    return images;
}

void mark_image(std::string_view path, ImageMark mark, DomainRecord &domain) {
    mark.changed_ns.reset();
    if (DomainImage *image = find_listed(path, domain))
        image->mark = mark;
}

void pin_images(const SnapshotRecord &record, DomainRecord &domain) {
    for (const DiskRecord &disk : record.disks) {
        if (disk.kind != DiskSnapshotKind::External)
            continue;
        if (find_listed(disk.path, domain) == nullptr)
            domain.images.push_back({disk.path, disk.format, disk.mark});
        find_listed(disk.path, domain)->pinned = true;
    }
}

void pin_unrecorded_images(const std::vector<SnapshotRecord> &records, DomainRecord &domain) {
    for (DomainImage &image : domain.images)
        image.pinned = image.pinned || std::ranges::count(domain.active_layers, image.path,
                                                          &ActiveLayer::path) == 0;
    unpin_recorded_images(records, domain);
}

void unpin_recorded_images(const std::vector<SnapshotRecord> &records, DomainRecord &domain) {
    for (const SnapshotRecord &record : records)
        for (const DiskRecord &disk : record.disks)
            if (DomainImage *image = find_listed(disk.path, domain);
                image != nullptr && disk.kind == DiskSnapshotKind::External)
                image->pinned = false;
}

std::vector<std::string> pinned_for_nobody(const ImageLayers &layers, const DomainRecord &domain) {
    std::vector<std::string> paths;
    for (const DomainImage &image : domain.images)
        if (image.pinned && !layers.is_active(image.path) && !layers.is_frozen(image.path))
            paths.push_back(image.path);
    return paths;
}

} // namespace xlsnap
