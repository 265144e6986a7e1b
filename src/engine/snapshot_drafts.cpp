// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/snapshot_drafts.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "core/memory_file.hpp"
#include "core/record_request.hpp"
#include "core/snapshot_description.hpp"
#include "core/snapshot_name.hpp"
#include "core/standstill.hpp"
#include "engine/memory_files.hpp"
#include "engine/new_name.hpp"

namespace xlsnap {

namespace {

SnapshotState state_of(const Subject &subject, const Domain &domain) {
    if (!subject.domid)
        return SnapshotState::Inactive;
    switch (domain.state) {
    case RunState::Running:
        return domain.blocked ? SnapshotState::Blocked : SnapshotState::Running;
    case RunState::Paused:
        return SnapshotState::Paused;
    case RunState::Suspended:
    case RunState::Shutdown:
        return SnapshotState::Shutdown;
    case RunState::Dying:
        break;
    }
    return SnapshotState::Dying;
}

} // namespace

Result<SnapshotDraft> SnapshotDrafts::draft(const Domain &domain, const CurrentSnapshot &known,
                                            const Subject &subject, const CreateWish &wish) {
    SnapshotDraft draft;
    SnapshotRecord &record = draft.record;
    XLSNAP_ASSIGN(record, begin_record(domain, known, subject, wish));
    XLSNAP_ASSIGN(
        const SnapshotChoice choice,
        choose(domain, subject, wish, record).with_context(fmt::format("domain {}", domain.name)));
    if (choice.memory) {
        XLSNAP_ASSIGN(record.memory, draft_memory(subject.key, record.id, wish));
    }
    record.live = wish.live && choice.memory;
    record.crash_consistent = subject.domid && !choice.memory;
    record.disks = disk_records(domain, choice.disks);
    draft.request = create_request(record, choice.disks);
    draft.request.twins = domain.type == GuestType::Hvm;
    return draft;
}

Result<SnapshotRecord> SnapshotDrafts::begin_record(const Domain &domain,
                                                    const CurrentSnapshot &known,
                                                    const Subject &subject,
                                                    const CreateWish &wish) {
    SnapshotRecord record;
    record.id = circumstances_.id();
    record.creation_time = circumstances_.now();
    XLSNAP_ASSIGN(record.name, choose_new_name(catalog_, subject.key, wish.name, known.record,
                                               record.creation_time));
    XLSNAP_TRY(check_description(wish.description));
    record.description = wish.description;
    // A current snapshot whose record is gone is nobody's parent.
    record.parent_id = known.record ? known.record->id : std::string();
    record.state = state_of(subject, domain);
    record.domain_uuid = domain.uuid;
    record.domain_name = domain.name;
    record.config_json = domain.config_json;
    record.program_version = circumstances_.program_version;
    return record;
}

Result<MemoryRecord> SnapshotDrafts::draft_memory(const std::string &key, const std::string &id,
                                                  const CreateWish &wish) {
    MemoryRecord memory{catalog_.memory_path(key, id), 0, {}, wish.compression};
    if (wish.memory_path.empty())
        return memory;
    XLSNAP_TRY(check_chosen_file(wish.memory_path, memory.path));
    XLSNAP_TRY(check_unclaimed(catalog_, key, id, wish.memory_path));
    memory.path = wish.memory_path;
    return memory;
}

// Overlays of block devices lie where the memory image would.
Result<SnapshotChoice> SnapshotDrafts::choose(const Domain &domain, const Subject &subject,
                                              const CreateWish &wish, const SnapshotRecord &draft) {
    const std::string memory_path = catalog_.memory_path(subject.key, draft.id);
    const std::string of_domain = memory_path.substr(0, memory_path.rfind('/'));
    return choose_snapshot(
        domain,
        {.online = subject.domid.has_value(),
         .memory = wish.memory_path.empty() ? wish.memory : MemoryWish::Image,
         .disk_only = wish.disk_only,
         .live = wish.live,
         .slow_tags = subject.domid && time_for_tags(tagged_images(domain)) > kLongestUnasked,
         .disks = wish.disks,
         .name = draft.name,
         .tag = snapshot_tag(draft.id),
         .overlays = {wish.overlay_directory, of_domain}});
}

// The images that could hold tags. Of one that nobody can look at others tell why.
std::vector<ChainLayer> SnapshotDrafts::tagged_images(const Domain &domain) {
    std::vector<ChainLayer> images;
    for (const Disk &disk : domain.disks) {
        if (!is_changeable(disk) || !holds_tags(disk.format))
            continue;
        if (auto chain = ports_.image_chains.chain(disk.path, disk.format))
            images.push_back(std::move(chain->front()));
    }
    return images;
}

std::string SnapshotDrafts::standstill(const Domain &domain, const SnapshotRecord &record) {
    std::vector<ChainLayer> tagged = tagged_images(domain);
    std::erase_if(tagged, [&](const ChainLayer &image) {
        return std::ranges::none_of(record.disks, [&](const DiskRecord &disk) {
            return disk.kind == DiskSnapshotKind::Internal && disk.path == image.path;
        });
    });
    std::chrono::milliseconds time = kTimeForDisks + time_for_tags(tagged);
    if (record.memory)
        time += time_for_memory(domain.memory_bytes, record.live);
    return fmt::format("(the guest is expected to stand still for {})", about(time));
}

} // namespace xlsnap
