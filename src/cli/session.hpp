// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>

#include "cli/command_line.hpp"
#include "cli/settings.hpp"
#include "xlsnap.hpp"

namespace xlsnap::cli {

// What a verb works with: Xen, the catalog, the settings, and a log on standard error. Throws
// std::runtime_error when Xen is out of reach or the settings cannot be read.
class Session {
  public:
    explicit Session(const CommandLine &line);

    [[nodiscard]] libxl_ctx *xen() const { return context_.get(); }
    [[nodiscard]] const Settings &settings() const { return settings_; }

    // A running domain by name or domid, without a look at the catalog.
    [[nodiscard]] std::uint32_t find_running(const std::string &who) const;

    // A domain by name, domid or uuid. What the library has to say of it goes to standard error.
    [[nodiscard]] SnapshotDomain find(const std::string &who) const;

    // Where the catalog has what belongs to the domain.
    [[nodiscard]] std::string directory_of(const libxl_snapshot_domain &domain) const;

    // To be called before anything is changed: it is not to end in the middle.
    static void begin_change();

    // A fork leaves no libxl context that may be used: between the two there is none.
    void close_context() { context_.reset(); }
    void open_context();

  private:
    struct LoggerDestroy {
        void operator()(xentoollog_logger *logger) const { xtl_logger_destroy(logger); }
    };
    struct ContextFree {
        void operator()(libxl_ctx *ctx) const { libxl_ctx_free(ctx); }
    };

    Settings settings_;
    std::unique_ptr<xentoollog_logger, LoggerDestroy> logger_;
    std::unique_ptr<libxl_ctx, ContextFree> context_;
};

} // namespace xlsnap::cli
