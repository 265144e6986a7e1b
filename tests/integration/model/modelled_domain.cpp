// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/modelled_domain.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "integration/model/tools.hpp"

namespace xlsnap::test {

namespace {

DiskContents empty_disks(std::size_t units) {
    return {{"xvda", DiskContent(units)}, {"xvdb", DiskContent(units)}};
}

std::string to_text(const CreateWish &wish) {
    std::string text = fmt::format("create {}:", wish.name);
    for (const DiskWish &disk : wish.disks)
        text += fmt::format(" {} {}", disk.vdev,
                            disk.kind == DiskWishKind::Internal   ? "internal"
                            : disk.kind == DiskWishKind::External ? "external"
                            : disk.kind == DiskWishKind::None     ? "none"
                                                                  : "default");
    return text + (wish.disk_only ? "" : wish.live ? ", live" : ", with memory");
}

std::string to_text(UnitRange range) {
    return fmt::format("{} to {}", range.first, range.first + range.count - 1);
}

std::string offset_and_length(UnitRange range) {
    return fmt::format("{} {}", range.first * DiskContent::kUnitBytes,
                       range.count * DiskContent::kUnitBytes);
}

std::string answer_of(const Status &status) {
    return status ? std::string(" -> done") : fmt::format(" -> {}", status.error().message);
}

Status status_of(const Result<CreatedSnapshot> &created) {
    return created ? created->closing : Status(fail(created.error()));
}

Status status_of(const Result<RevertedSnapshot> &reverted) {
    return reverted ? reverted->closing : Status(fail(reverted.error()));
}

Status status_of(const Result<PlanLines> &removed) {
    return removed ? Status() : Status(fail(removed.error()));
}

bool wants_tag_in_raw_disk(const CreateWish &wish, const std::vector<Disk> &disks) {
    return std::ranges::any_of(wish.disks, [&](const DiskWish &disk) {
        return disk.kind == DiskWishKind::Internal &&
               std::ranges::find(disks, disk.vdev, &Disk::vdev)->format == DiskFormat::Raw;
    });
}

bool can_be_forced(const Error &error) {
    return error.message.find("a forced revert (--force)") != std::string::npos;
}

} // namespace

ModelledDomain::ModelledDomain(std::size_t units, DiskFormat of_xvdb)
    : host_(units * DiskContent::kUnitBytes, of_xvdb), model_(empty_disks(units)) {}

void ModelledDomain::start() {
    tell("start");
    if (const Status started = host_.start(); !started)
        throw StepFailed("the domain cannot be started: " + started.error().message);
    model_.running = true;
    model_.memory.clear();
}

void ModelledDomain::start_by_xlsnap() {
    tell("start by xlsnap");
    const Status started = status_of(host_.snapshots().start(host_.subject(), {}, {}));
    if (!started)
        throw StepFailed("start" + answer_of(started));
    model_.running = true;
    model_.memory.clear();
}

void ModelledDomain::power_off() {
    tell("power off");
    host_.power_off();
    model_.running = false;
    model_.memory.clear();
}

void ModelledDomain::guest_writes(const std::string &vdev, UnitRange range, std::uint8_t byte) {
    tell(fmt::format("the guest writes {:#04x} to units {} of {}", byte, to_text(range), vdev));
    host_.qemu().io(vdev, fmt::format("write -q -P {} {}", byte, offset_and_length(range)));
    model_.present.at(vdev).fill(range, byte);
    model_.memory = fmt::format("line {}", story_.size());
    host_.guest_memory() = model_.memory;
}

void ModelledDomain::guest_discards(const std::string &vdev, UnitRange range, bool zeroes) {
    tell(fmt::format("the guest {} units {} of {}", zeroes ? "zeroes" : "discards", to_text(range),
                     vdev));
    DiskContent &content = model_.present.at(vdev);
    const std::string what = zeroes ? "write -q -z -u" : "discard -q";
    host_.qemu().io(vdev, fmt::format("{} {}", what, offset_and_length(range)));
    if (zeroes)
        content.fill(range, 0);
    else
        content.take_discard(range, check_.raw_content(vdev));
}

void ModelledDomain::resize(const std::string &vdev, std::size_t units) {
    DiskContent resized = model_.present.at(vdev);
    tell(fmt::format("resize {} from {} units to {}", vdev, resized.units(), units));
    resized.resize(units);
    if (model_.running)
        host_.qemu().resize(vdev, resized.bytes());
    else
        resize_closed_image(vdev, resized.bytes());
    model_.present.at(vdev) = std::move(resized);
}

void ModelledDomain::resize_closed_image(const std::string &vdev, std::uint64_t bytes) {
    for (const Disk &disk : host_.disks())
        if (disk.vdev == vdev &&
            !succeeds({"qemu-img", "resize", "-q", "--shrink", "-f",
                       std::string(to_string(disk.format)), disk.path, std::to_string(bytes)}))
            throw StepFailed("qemu-img does not change the disk's size");
}

// Tags do.
bool ModelledDomain::can_shrink(const std::string &vdev) {
    const std::vector<Disk> disks = host_.disks();
    const std::string path = std::ranges::find(disks, vdev, &Disk::vdev)->path;
    const DomainCatalog records = host_.records();
    const auto tagged = [&](const DiskRecord &disk) {
        return disk.path == path && !disk.tag.empty();
    };
    for (const SnapshotRecord &record : records.snapshots)
        if (std::ranges::any_of(record.disks, tagged))
            return false;
    return std::ranges::none_of(records.domain.images, [&](const DomainImage &image) {
        return image.path == path && !image.dead_tags.empty();
    });
}

// What the records name and the model does not know yet holds the present state.
void ModelledDomain::adopt_new_snapshots() {
    for (const SnapshotRecord &record : host_.records().snapshots) {
        if (model_.snapshots().contains(record.name))
            continue;
        std::vector<std::string> vdevs;
        for (const DiskRecord &disk : record.disks)
            if (disk.kind != DiskSnapshotKind::None)
                vdevs.push_back(disk.vdev);
        model_.create(record.name, vdevs, record.memory.has_value());
    }
}

template <typename Act> Status ModelledDomain::attempt(bool rehearsed, Act act) {
    if (!rehearsed)
        return act(false);
    const Status dry = act(true);
    compare();
    Status done = act(false);
    if (done.has_value() != dry.has_value())
        throw StepFailed(
            fmt::format("the dry run{}; the operation{}", answer_of(dry), answer_of(done)));
    return done;
}

bool ModelledDomain::create(const CreateWish &wish, bool rehearsed) {
    tell(to_text(wish));
    const Status created = attempt(rehearsed, [&](bool dry_run) {
        CreateWish attempted = wish;
        attempted.dry_run = dry_run;
        return status_of(host_.snapshots().create(host_.subject(), attempted));
    });
    if (wants_tag_in_raw_disk(wish, host_.disks())) {
        if (created || created.error().code != ErrorCode::Invalid)
            throw StepFailed("create of a tag in a raw image" + answer_of(created));
        counts_.add("refused: a raw image holds no tag", model_.running);
        return false;
    }
    if (!created)
        throw StepFailed("create" + answer_of(created));
    adopt_new_snapshots();
    return true;
}

Status ModelledDomain::attempt_revert(const std::string &name, const RevertWish &wish,
                                      bool rehearsed) {
    return attempt(rehearsed, [&](bool dry_run) {
        RevertWish attempted = wish;
        attempted.dry_run = dry_run;
        return status_of(host_.snapshots().revert(host_.subject(), name, attempted));
    });
}

bool ModelledDomain::revert(const std::string &name, const RevertWish &wish, bool rehearsed) {
    tell(fmt::format("revert to {}{}{}", name, wish.keep_current ? ", the present is kept" : "",
                     wish.start ? ", and start" : ""));
    Status reverted = attempt_revert(name, wish, rehearsed);
    if (!reverted && can_be_forced(reverted.error())) {
        tell(answer_of(reverted));
        counts_.add("refused: reverted by force only", model_.running);
        compare();
        RevertWish forced = wish;
        forced.force = true;
        reverted = attempt_revert(name, forced, rehearsed);
    }
    if (!reverted)
        throw StepFailed("revert" + answer_of(reverted));
    adopt_new_snapshots();
    model_.revert(name);
    model_.running = model_.running || wish.start;
    return true;
}

void ModelledDomain::remove(const std::string &name, const DeletionWish &wish, bool rehearsed) {
    tell(fmt::format("delete {}{}", name, wish.children ? " with its children" : ""));
    const Status removed = attempt(rehearsed, [&](bool dry_run) {
        return status_of(host_.snapshots().remove(host_.subject(), name, wish, dry_run));
    });
    if (!removed)
        throw StepFailed("delete" + answer_of(removed));
    for (const std::string &gone :
         wish.children ? model_.subtree(name) : std::vector<std::string>{name})
        model_.remove(gone);
}

void ModelledDomain::compare() {
    if (const std::string wrong = check_.look(model_); !wrong.empty())
        throw StepFailed(wrong);
}

void ModelledDomain::compare_closely() {
    compare();
    if (const std::string wrong = check_.look_closely(model_); !wrong.empty())
        throw StepFailed(wrong);
}

} // namespace xlsnap::test
