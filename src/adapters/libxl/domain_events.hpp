// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "adapters/libxl/libxl_types.hpp"
#include "ports/domain_events.hpp"

extern "C" {
#include <libxl_event.h>
}

namespace xlsnap {

// libxl's domain-death events, for one domain after the other. Nobody else may take events from the
// same ctx.
class LibxlDomainEvents final : public DomainEvents {
  public:
    explicit LibxlDomainEvents(libxl_ctx *ctx) : ctx_(ctx) {}
    LibxlDomainEvents(const LibxlDomainEvents &) = delete;
    LibxlDomainEvents &operator=(const LibxlDomainEvents &) = delete;
    LibxlDomainEvents(LibxlDomainEvents &&) = delete;
    LibxlDomainEvents &operator=(LibxlDomainEvents &&) = delete;
    ~LibxlDomainEvents() override;

    Result<std::optional<ShutdownReason>> next_shutdown(DomainId domid) override;

  private:
    // What next_shutdown() answers when it is so already; nothing: it must be waited for.
    using Told = std::optional<std::optional<ShutdownReason>>;

    Status enable(DomainId domid);
    Result<Told> happened_already(DomainId domid);

    libxl_ctx *ctx_;
    libxl_evgen_domain_death *generator_ = nullptr;
};

} // namespace xlsnap
