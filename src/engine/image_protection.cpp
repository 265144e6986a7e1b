// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/image_protection.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace xlsnap {

namespace {

// What the domain writes to is left alone whatever else it is: the guest's writes would fail.
bool must_not_change(const ImageLayers &layers, const std::string &path) {
    return layers.find(path) != nullptr && layers.is_frozen(path) && !layers.is_active(path);
}

// An image that nobody found is not judged: its file system may be mounted again.
bool may_change(const ImageLayers &layers, const std::string &path) {
    return layers.find(path) != nullptr && !must_not_change(layers, path);
}

bool cannot_be_had(const Error &error) {
    return error.code == ErrorCode::NotImplemented;
}

void take_first(Status &result, Status other) {
    if (result)
        result = std::move(other);
}

} // namespace

Status ImageProtection::settle(DomainRecord &domain, const ImageLayers &layers) {
    Status settled = settle_released(domain, layers);
    DomainRecord intended = domain;
    take_first(settled, add_intents(intended, layers));
    // All of them at once, before the first image is touched.
    if (intended != domain)
        XLSNAP_TRY(catalog_.write_domain(intended));
    domain = std::move(intended);
    take_first(settled, keep_all(domain, layers));
    return settled;
}

Status ImageProtection::release(DomainRecord &domain, const std::string &path) {
    const auto image = std::ranges::find(domain.images, path, &DomainImage::path);
    if (image == domain.images.end() || !image->kept)
        return {};
    const Status released = ports_.kept_images.release(path);
    if (!released && released.error().code != ErrorCode::NotFound &&
        !cannot_be_had(released.error()))
        return fail(with_context(path + " cannot be made writable again", released.error()));
    image->kept = false;
    Status written = catalog_.write_domain(domain);
    // What the catalog has is an intent still, and nothing must think otherwise.
    if (!written)
        image->kept = true;
    return written;
}

Status ImageProtection::settle_released(DomainRecord &domain, const ImageLayers &layers) {
    std::vector<std::string> paths;
    for (const DomainImage &image : domain.images)
        if (image.kept && may_change(layers, image.path))
            paths.push_back(image.path);
    Status settled;
    for (const std::string &path : paths)
        take_first(settled, release(domain, path));
    return settled;
}

Status ImageProtection::add_intents(DomainRecord &domain, const ImageLayers &layers) {
    Status looked;
    for (DomainImage &image : domain.images) {
        if (image.kept || !must_not_change(layers, image.path))
            continue;
        const Result<bool> wanted = can_be_kept(image.path);
        if (!wanted)
            take_first(looked, fail(with_context(image.path, wanted.error())));
        image.kept = wanted && *wanted;
    }
    return looked;
}

Result<bool> ImageProtection::can_be_kept(const std::string &path) {
    const Result<bool> immutable = ports_.kept_images.is_kept(path);
    if (!immutable && cannot_be_had(immutable.error())) {
        warn_unprotected(path);
        return false;
    }
    if (!immutable || *immutable)
        return immutable ? Result<bool>(false) : immutable;
    XLSNAP_ASSIGN(const bool written, is_written(path));
    return !written;
}

// The recorded ones too: a crash may have come between the record and the image.
Status ImageProtection::keep_all(DomainRecord &domain, const ImageLayers &layers) {
    DomainRecord settled = domain;
    Status result;
    for (DomainImage &image : settled.images) {
        if (!image.kept || !must_not_change(layers, image.path))
            continue;
        const Result<bool> kept = keep(image.path);
        if (!kept)
            take_first(result, fail(with_context(image.path, kept.error())));
        else
            image.kept = *kept;
    }
    if (settled != domain)
        XLSNAP_TRY(catalog_.write_domain(settled));
    domain = std::move(settled);
    return result;
}

// False: it cannot be had.
Result<bool> ImageProtection::keep(const std::string &path) {
    Result<bool> made = ports_.kept_images.keep(path);
    if (made)
        return true;
    if (!cannot_be_had(made.error()))
        return made;
    warn_unprotected(path);
    return false;
}

// The mark stops the writes of those who have the file open already, as those of the guest.
Result<bool> ImageProtection::is_written(const std::string &path) {
    XLSNAP_ASSIGN(const std::vector<ImageUser> users, ports_.image_users.of(path));
    const auto writer = std::ranges::find(users, true, &ImageUser::writes);
    if (writer == users.end())
        return false;
    ports_.log.warn(fmt::format(
        "{} is what a snapshot or an overlay needs, but {} (pid {}) has it open for writing: it is "
        "not made immutable; end that, and look at what the snapshots hold (xlsnap verify)",
        path, writer->command, writer->pid));
    return true;
}

void ImageProtection::warn_unprotected(const std::string &path) {
    ports_.log.warn(fmt::format(
        "{} cannot be made immutable here: starting the domain with its old xl.cfg would write to "
        "it, below its overlay, and spoil both; have that file name the overlay (xlsnap config "
        "--rewrite FILE)",
        path));
}

} // namespace xlsnap
