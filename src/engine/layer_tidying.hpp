// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain_layers.hpp"
#include "core/layer_records.hpp"
#include "core/layer_tidy.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_finder.hpp"
#include "engine/image_protection.hpp"
#include "engine/layer_work.hpp"
#include "engine/ports.hpp"
#include "engine/waiting.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// Images and who needs them, as they are at this moment.
struct PresentLayers {
    std::optional<Domain> running; // nothing: the domain does not run
    ImageLayers layers;
    // Nobody knows what the domain writes to: then nothing is known to be needed by nobody.
    bool is_active_known = true;
    // find_missing_image(): images that it may stand on count as needed.
    std::optional<std::string> missing = {};
};

// Tidies the images of a domain away that no snapshot needs any more, and keeps the others from
// being written. The caller has the domain's lock. `known` is what the catalog has, before each
// call and after it, whether it succeeds or not.
class LayerTidying {
  public:
    LayerTidying(const Ports &ports, Catalog &catalog, Waiting wait)
        : ports_(ports), catalog_(catalog), finder_(ports.toolstack, catalog),
          protection_(ports, catalog), work_(ports, catalog, std::move(wait)) {}

    // Whether the domain has images that stand on each other because of its snapshots, or tags
    // that wait to be removed. Where it has not, all of this is left alone.
    [[nodiscard]] static bool concerns(const DomainCatalog &known);

    Result<PresentLayers> look(const Subject &subject, const DomainCatalog &known);

    // What tidy() would do if the catalog had this; nothing is changed.
    Result<Tidying> plan(const Subject &subject, const DomainCatalog &known, TidyDepth depth);

    // Fail when the data that this would move may not fit.
    Status check_space(const Subject &subject, const Tidying &tidying, const DomainCatalog &known);

    // Step by step, each followed by the records. What cannot be done now, since somebody has the
    // image open or QEMU has, stays for a later call, and the log is told so. Any other failure
    // stops it; then nothing is lost, and a later call goes on. In either case the images that
    // nobody may write to are immutable afterwards (ImageProtection::settle).
    Status tidy(const Subject &subject, DomainCatalog &known, TidyDepth depth);

    // The last part of that alone: for an operation that has made images, or records of some.
    Status protect(const Subject &subject, DomainCatalog &known);

    // After records alone were deleted or replaced: the pinned images that nothing stands on become
    // the user's own, writable and listed no more; the others are kept from being written. No data
    // are moved or removed.
    Status let_go(const Subject &subject, DomainCatalog &known);

  private:
    using Blocked = std::set<std::string>; // images that cannot be changed now

    Result<std::optional<Domain>> running_now(const Subject &subject);
    Status carry_out_all(const Subject &subject, DomainCatalog &known, TidyDepth depth);
    Status learn_marks(const PresentLayers &present, DomainCatalog &known);
    Status carry_out(const LayerStep &step, const PresentLayers &present, DomainCatalog &known);
    Status write_changes(const std::vector<ImageChange> &changes, DomainCatalog &known);
    Status write(std::vector<SnapshotRecord> records, const DomainRecord &domain,
                 DomainCatalog &known);
    Status expect_changes(const LayerStep &step, const PresentLayers &present, DomainCatalog &known,
                          bool take_back);
    Status remove_image(const std::string &path, DomainCatalog &known);
    Status unpin(DomainCatalog &known);
    void tell_new_disk(const LayerStep &step, const PresentLayers &present);
    void tell_broken(const DomainCatalog &known);
    void tell_rest(const Tidying &tidying);

    Ports ports_;
    Catalog &catalog_;
    DomainFinder finder_;
    ImageProtection protection_;
    LayerWork work_;
};

} // namespace xlsnap
