// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/image_chain.hpp"
#include "core/snapshot_choice.hpp"
#include "core/snapshot_record.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

struct CreateWish {
    std::string name = {}; // empty: the seconds since the epoch
    std::string description = {};
    MemoryWish memory = MemoryWish::Default;
    bool disk_only = false;
    bool live = false;
    bool left_paused = false;
    std::string memory_path = {}; // of the memory image; empty: the catalog's own place
    MemoryCompression compression = MemoryCompression::None;
    std::vector<DiskWish> disks = {};
    std::string overlay_directory = {}; // empty: each overlay beside its image
    bool dry_run = false;
};

// What is to be made, and the record of it as far as it is known before.
struct SnapshotDraft {
    SnapshotRecord record;
    SnapshotRequest request;
};

// Makes drafts of what is wished. Nothing is changed.
class SnapshotDrafts {
  public:
    SnapshotDrafts(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : ports_(ports), catalog_(catalog), circumstances_(circumstances) {}

    // Refuses what cannot be, and a name that is given already.
    Result<SnapshotDraft> draft(const Domain &domain, const CurrentSnapshot &known,
                                const Subject &subject, const CreateWish &wish);

    // How long the guest is expected to stand still, for the plan.
    [[nodiscard]] std::string standstill(const Domain &domain, const SnapshotRecord &record);

  private:
    Result<SnapshotRecord> begin_record(const Domain &domain, const CurrentSnapshot &known,
                                        const Subject &subject, const CreateWish &wish);
    Result<MemoryRecord> draft_memory(const std::string &key, const std::string &id,
                                      const CreateWish &wish);
    Result<SnapshotChoice> choose(const Domain &domain, const Subject &subject,
                                  const CreateWish &wish, const SnapshotRecord &draft);
    std::vector<ChainLayer> tagged_images(const Domain &domain);

    Ports ports_;
    Catalog &catalog_;
    Circumstances circumstances_;
};

} // namespace xlsnap
