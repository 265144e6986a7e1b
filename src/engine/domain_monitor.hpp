// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>

#include "base/result.hpp"
#include "core/domain.hpp"
#include "core/domain_end.hpp"
#include "ports/domain_events.hpp"
#include "ports/image_users.hpp"
#include "ports/log.hpp"
#include "ports/toolstack.hpp"
#include "ports/watchers.hpp"

namespace xlsnap {

// Does for a domain what xl's own process does that stays behind `xl create`: when the guest shuts
// down, reboots or crashes, what the configuration wants happens.
class DomainMonitor {
  public:
    DomainMonitor(Toolstack &toolstack, DomainEvents &events, ImageUsers &images,
                  Watchers &watchers, Log &log)
        : toolstack_(toolstack), events_(events), images_(images), watchers_(watchers), log_(log) {}

    // Follows the domain through its reboots, and returns when it is gone or is to stay as it is;
    // also when another process watches it. An error says what could not be done; the domain is
    // then as libxl left it.
    Status watch(DomainId domid);

  private:
    // Null when another process is the domain's watcher and stays.
    Result<std::unique_ptr<Watch>> take_over(const Domain &domain);
    Status follow(Domain domain, Watch &watch);
    // The domain as it is now; as it was known before when libxl cannot say that. Nothing when it
    // is gone.
    std::optional<Domain> look_again(const Domain &known);
    // The domid to go on with; nothing when there is none.
    Result<std::optional<DomainId>> act(const Domain &domain, const Aftermath &aftermath);
    Status destroy(const Domain &domain);
    Result<std::optional<DomainId>> start_again(const Domain &domain);
    bool is_gone(const Domain &domain);

    Toolstack &toolstack_;
    DomainEvents &events_;
    ImageUsers &images_;
    Watchers &watchers_;
    Log &log_;
};

} // namespace xlsnap
