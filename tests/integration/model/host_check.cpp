// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/host_check.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "integration/model/image_file.hpp"
#include "integration/model/tools.hpp"

namespace xlsnap::test {

namespace fs = std::filesystem;

namespace {

// That of its format and that of the file.
constexpr int kNodesOfImage = 2;

const SnapshotRecord *record_by_id(const DomainCatalog &records, const std::string &id) {
    const auto found = std::ranges::find(records.snapshots, id, &SnapshotRecord::id);
    return found == records.snapshots.end() ? nullptr : &*found;
}

std::string name_by_id(const DomainCatalog &records, const std::string &id) {
    const SnapshotRecord *record = record_by_id(records, id);
    return record != nullptr ? record->name : id.empty() ? std::string() : "?";
}

} // namespace

std::string HostCheck::look(const DomainModel &model) {
    runs_ = host_.runs();
    if (runs_ != model.running)
        return fmt::format("the domain {}", runs_ ? "runs" : "does not run");
    if (runs_)
        host_.qemu().flush();
    disks_ = host_.disks();
    records_ = host_.records();
    if (runs_ && host_.guest_memory() != model.memory)
        return fmt::format("the guest remembers '{}' instead of '{}'", host_.guest_memory(),
                           model.memory);
    std::string wrong = wrong_records(model);
    return wrong.empty()
               ? wrong_contents(model) + unknown_files() + wrongly_kept_files() + unknown_nodes()
               : wrong;
}

std::string HostCheck::look_closely(const DomainModel &model) {
    return damaged_images() + unknown_tags() + verified(model);
}

std::string HostCheck::raw_content(const std::string &vdev) {
    for (const Disk &disk : host_.disks()) {
        if (disk.vdev != vdev)
            continue;
        host_.qemu().flush();
        const std::string raw_file = raw_ / "content";
        runs_ = true;
        const std::string failed =
            run_all({conversion({"", disk.path, disk.format, "", nullptr}, raw_file)});
        if (failed.empty())
            return raw_file;
        throw std::runtime_error(failed);
    }
    throw std::runtime_error("there is no disk " + vdev);
}

std::vector<std::string> HostCheck::conversion(const State &state,
                                               const std::string &raw_file) const {
    std::vector<std::string> argv{"qemu-img", "convert", "-f", std::string(to_string(state.format)),
                                  "-O",       "raw"};
    if (runs_)
        argv.emplace_back("-U");
    if (!state.tag.empty())
        argv.insert(argv.end(), {"-l", "snapshot.name=" + state.tag});
    argv.insert(argv.end(), {state.path, raw_file});
    return argv;
}

std::string HostCheck::wrong_records(const DomainModel &model) {
    std::string wrong;
    if (!records_.broken.empty() || !records_.domain_fault)
        wrong += "a record is broken; ";
    std::set<std::string> names;
    for (const SnapshotRecord &record : records_.snapshots) {
        names.insert(record.name);
        const auto expected = model.snapshots().find(record.name);
        if (expected == model.snapshots().end())
            wrong += fmt::format("snapshot {} is not gone; ", record.name);
        else if (name_by_id(records_, record.parent_id) != expected->second.parent)
            wrong += fmt::format("the parent of {} is '{}' instead of '{}'; ", record.name,
                                 name_by_id(records_, record.parent_id), expected->second.parent);
    }
    for (const auto &[name, snapshot] : model.snapshots())
        if (!names.contains(name))
            wrong += fmt::format("snapshot {} is gone; ", name);
    if (name_by_id(records_, records_.domain.current_id) != model.current())
        wrong += fmt::format("'{}' is current instead of '{}'; ",
                             name_by_id(records_, records_.domain.current_id), model.current());
    for (const ActiveLayer &active : records_.domain.active_layers)
        for (const Disk &disk : disks_)
            if (disk.vdev == active.vdev && disk.path != active.path)
                wrong += fmt::format("the record has {} as {}, which is {}; ", active.path,
                                     active.vdev, disk.path);
    return wrong;
}

std::vector<HostCheck::State> HostCheck::states(const DomainModel &model) {
    std::vector<State> states;
    for (const Disk &disk : disks_)
        states.push_back(
            {"the present " + disk.vdev, disk.path, disk.format, "", &model.present.at(disk.vdev)});
    for (const SnapshotRecord &record : records_.snapshots) {
        const DiskContents &contents = model.snapshots().at(record.name).disks;
        for (const DiskRecord &disk : record.disks) {
            const auto content = contents.find(disk.vdev);
            if ((content != contents.end()) != (disk.kind != DiskSnapshotKind::None))
                throw std::runtime_error(fmt::format("disk {} of snapshot {} takes part or not",
                                                     disk.vdev, record.name));
            if (content != contents.end())
                states.push_back({fmt::format("{} of snapshot {}", disk.vdev, record.name),
                                  disk.path, disk.format, disk.tag, &content->second});
        }
    }
    return states;
}

std::string HostCheck::wrong_contents(const DomainModel &model) {
    const std::vector<State> all = states(model);
    std::vector<std::vector<std::string>> conversions;
    for (std::size_t i = 0; i < all.size(); ++i)
        conversions.push_back(conversion(all[i], raw_ / std::to_string(i)));
    std::string wrong = run_all(conversions);
    for (std::size_t i = 0; i < all.size() && wrong.empty(); ++i) {
        const State &state = all[i];
        const auto size =
            state.tag.empty() ? DiskContent::SizeOf::Disk : DiskContent::SizeOf::Other;
        const std::string differs = state.content->difference_from(raw_ / std::to_string(i), size);
        if (!differs.empty())
            wrong += fmt::format("{} ({} {}): {}; ", state.what, state.path, state.tag, differs);
    }
    return wrong;
}

std::vector<std::string> HostCheck::image_files() const {
    std::vector<std::string> files;
    for (const auto &entry : fs::directory_iterator(host_.image_directory()))
        if (!entry.is_directory())
            files.push_back(entry.path());
    return files;
}

// What the domain and its snapshots name, and with that what it stands on.
std::string HostCheck::unknown_files() {
    std::set<std::string> named;
    for (const Disk &disk : disks_)
        named.insert(disk.path);
    for (const SnapshotRecord &record : records_.snapshots)
        for (const DiskRecord &disk : record.disks)
            if (disk.kind != DiskSnapshotKind::None)
                named.insert(disk.path);
    std::set<std::string> needed;
    for (const std::string &path : named)
        for (const std::string &image : chain_of(path))
            needed.insert(image);
    for (const DomainImage &image : records_.domain.images)
        named.insert(image.path);
    std::string wrong;
    for (const std::string &file : image_files()) {
        if (host_.is_of_user(file))
            continue;
        if (!named.contains(file))
            wrong += fmt::format("nobody names {}; ", file);
        else if (!needed.contains(file))
            wrong += fmt::format("nobody needs {}; ", file);
    }
    return wrong;
}

// Where files can be made immutable, those are that snapshots are, and no others but what the
// domain's record tells of; above all not what the domain writes to.
std::string HostCheck::wrongly_kept_files() {
    if (!host_.can_keep_images())
        return {};
    std::set<std::string> listed;
    std::set<std::string> snapshots;
    for (const DomainImage &image : records_.domain.images)
        if (image.kept)
            listed.insert(image.path);
    for (const SnapshotRecord &record : records_.snapshots)
        for (const DiskRecord &disk : record.disks)
            if (disk.kind == DiskSnapshotKind::External)
                snapshots.insert(disk.path);
    std::string wrong;
    for (const std::string &file : image_files()) {
        const bool immutable = is_immutable(file);
        if (immutable != listed.contains(file))
            wrong += fmt::format("{} is {} and the record has it {}; ", file,
                                 immutable ? "immutable" : "no immutable file",
                                 immutable ? "otherwise" : "as one");
        if (immutable && std::ranges::count(disks_, file, &Disk::path) != 0)
            wrong += fmt::format("{} is immutable, and the domain's; ", file);
        if (!immutable && snapshots.contains(file))
            wrong += fmt::format("{} is a snapshot, and can be written to; ", file);
    }
    return wrong;
}

std::string HostCheck::unknown_nodes() {
    if (!runs_)
        return {};
    std::string wrong = host_.qemu().jobs() == 0 ? "" : "QEMU has a job; ";
    std::set<std::string> known;
    for (const Disk &disk : disks_)
        for (const std::string &path : chain_of(disk.path))
            known.insert(path);
    for (const auto &[file, nodes] : host_.qemu().files())
        if (!known.contains(file))
            wrong += fmt::format("QEMU has {} open; ", file);
        else if (nodes != kNodesOfImage)
            wrong += fmt::format("QEMU has {} nodes on {}; ", nodes, file);
    return wrong;
}

std::string HostCheck::damaged_images() {
    std::vector<std::vector<std::string>> checks;
    for (const std::string &file : image_files())
        if (has_tables(file) && (!runs_ || std::ranges::count(disks_, file, &Disk::path) == 0))
            checks.push_back({"qemu-img", "check", "-q", "-f", "qcow2", file});
    return run_all(checks);
}

std::string HostCheck::unknown_tags() {
    std::set<std::pair<std::string, std::string>> known; // path, tag
    for (const SnapshotRecord &record : records_.snapshots)
        for (const DiskRecord &disk : record.disks)
            known.emplace(disk.path, disk.tag);
    for (const DomainImage &image : records_.domain.images)
        for (const std::string &tag : image.dead_tags)
            known.emplace(image.path, tag);
    std::string wrong;
    for (const std::string &file : image_files())
        for (const std::string &tag : has_tables(file) ? tags_of(file) : std::vector<std::string>())
            if (!known.contains({file, tag}))
                wrong += fmt::format("{} has the tag {}; ", file, tag);
    return wrong;
}

std::string HostCheck::verified(const DomainModel &model) {
    std::string wrong;
    for (const auto &[name, snapshot] : model.snapshots())
        if (const Status verified = host_.snapshots().verify(host_.subject(), name); !verified)
            wrong += fmt::format("verify {}: {}; ", name, verified.error().message);
    return wrong;
}

} // namespace xlsnap::test
