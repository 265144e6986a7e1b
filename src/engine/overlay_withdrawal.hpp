// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/disk_selection.hpp"
#include "core/domain.hpp"
#include "engine/live_merges.hpp"
#include "engine/live_tags.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// Takes overlays out of use that a snapshot which failed has put there: what the guest has written
// since goes into the image below, and the domain goes on with that, or can be started on it if it
// has ended meanwhile.
class OverlayWithdrawal {
  public:
    explicit OverlayWithdrawal(const Ports &ports);

    // The external targets whose overlay stays the disk's image; `why` tells of each. QEMU is asked
    // which it has put in use, whatever it answered before.
    std::vector<DiskTarget> withdraw(const Domain &domain, const std::vector<DiskTarget> &targets,
                                     Refusals &why);

  private:
    Status withdraw_one(Domain domain, const DiskTarget &target);
    Status withdraw_closed(const DiskTarget &target);
    bool is_gone(const Domain &domain);

    Ports ports_;
    LiveTags live_tags_;
    LiveMerges merges_;
};

} // namespace xlsnap
