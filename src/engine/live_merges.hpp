// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/block_job.hpp"
#include "core/block_node.hpp"
#include "core/domain.hpp"
#include "engine/block_jobs.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"

namespace xlsnap {

// Two images of a chain, one of which takes the other's data.
struct ImagePair {
    std::string upper; // stands on `lower`
    std::string lower;
    DiskFormat lower_format = DiskFormat::Unknown;
};

// A merge in the chain of a disk that the domain's QEMU has open.
struct LiveMerge {
    Disk disk;
    ChainJob job;
    ImagePair images;
};

// Merges by block jobs, while the guest runs.
class LiveMerges {
  public:
    LiveMerges(const Ports &ports, Waiting wait) : ports_(ports), jobs_(ports, std::move(wait)) {}

    // Nothing: no disk of the domain stands on these two. NotReady where a job cannot do it now,
    // such as on the disk of an HVM guest that has not unplugged its emulated disks.
    Result<std::optional<LiveMerge>> find(const Domain &domain, const ImagePair &images,
                                          ChainJob::Kind kind);

    // What is read through the disk never changes, and neither does what a failure leaves, unless
    // the message says otherwise. When the guest writes to `lower` afterwards, the domain's
    // configuration names that, and `record` has told others; for that moment a running guest is
    // paused.
    Status run(
        const Domain &domain, const LiveMerge &merge,
        const std::function<Status()> &record = [] { return Status(); });

  private:
    Result<std::vector<Disk>> disks_of(const Domain &domain);
    Status run_at_the_guest(const Domain &domain, const LiveMerge &merge,
                            const std::function<Status()> &record);
    Status take_lower(const Domain &domain, const LiveMerge &merge,
                      const std::function<Status()> &record);
    Status name_image(const Domain &domain, const DiskChange &image);
    Status put_upper_back(const Domain &domain, const LiveMerge &merge);
    Status unpause(const Domain &domain);

    Ports ports_;
    BlockJobs jobs_;
};

} // namespace xlsnap
