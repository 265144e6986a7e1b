// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/overlay_withdrawal.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/refusals.hpp"
#include "engine/closed_images.hpp"

namespace xlsnap {

OverlayWithdrawal::OverlayWithdrawal(const Ports &ports)
    : ports_(ports), live_tags_(ports.toolstack, ports.live_disks),
      merges_(ports, [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }) {}

std::vector<DiskTarget> OverlayWithdrawal::withdraw(const Domain &domain,
                                                    const std::vector<DiskTarget> &targets,
                                                    Refusals &why) {
    const bool gone = is_gone(domain);
    std::vector<DiskTarget> used = external_ones(targets);
    if (!gone) {
        if (auto shown = live_tags_.overlaid(domain, targets)) // else nobody can tell
            used = std::move(*shown);
    }
    std::vector<DiskTarget> left;
    for (const DiskTarget &target : used) {
        const Status done = gone ? withdraw_closed(target) : withdraw_one(domain, target);
        if (done)
            continue;
        why.add(fail(done.error()),
                fmt::format("disk {} goes on in {}, which stands on {}: both are needed",
                            target.vdev, target.overlay, target.path));
        left.push_back(target);
    }
    return left;
}

bool OverlayWithdrawal::is_gone(const Domain &domain) {
    const auto state = ports_.toolstack.state(domain.domid);
    return !state && state.error().code == ErrorCode::DomainNotFound;
}

// It was in use for as long as the domain lived, if at all: then it is empty.
Status OverlayWithdrawal::withdraw_closed(const DiskTarget &target) {
    DiskTarget overlay = target;
    overlay.path = target.overlay;
    XLSNAP_TRY(wait_until_closed(ports_.image_users, {overlay, target}));
    return ports_.image_chains.commit(target.overlay, target.path);
}

Status OverlayWithdrawal::withdraw_one(Domain domain, const DiskTarget &target) {
    set_image(domain, {target.vdev, target.overlay, target.overlay_format});
    const ImagePair images{target.overlay, target.path, target.format};
    XLSNAP_ASSIGN(const std::optional<LiveMerge> merge,
                  merges_.find(domain, images, ChainJob::Kind::Commit));
    if (!merge)
        return fail(ErrorCode::NotReady, "QEMU does not show how the two stand on each other");
    return merges_.run(domain, *merge);
}

} // namespace xlsnap
