// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/domain_match.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

// A domain as the caller names it. Nothing but the domid is needed of one that runs; of one that
// does not, its key in the catalog or a configuration.
struct DomainReference {
    std::optional<DomainId> domid;
    std::string key;
    std::string config_json;
};

// A domain and its place in the catalog.
struct FoundDomain {
    std::optional<DomainId> domid; // nothing: it does not run
    std::string name;              // empty: not known
    DomainMatch match;
};

// Finds domains, running or not, and what the catalog has of them. Changes nothing.
class DomainFinder {
  public:
    DomainFinder(Toolstack &toolstack, Catalog &catalog)
        : toolstack_(toolstack), catalog_(catalog) {}

    // By name, domid or uuid. NotFound when nobody knows it; Invalid when several fit.
    Result<FoundDomain> find(std::string_view who);

    // The domid of the domain that has this key in the catalog; nothing when it does not run.
    Result<std::optional<DomainId>> domid_now(const std::string &key);

    // Every domain that the catalog knows, by name. Where it cannot be told whether one runs, its
    // note says why.
    Result<std::vector<FoundDomain>> known();

    // Whether a domain runs is looked up, whatever the reference says.
    Result<FoundDomain> resolve(const DomainReference &reference);

  private:
    Result<FoundDomain> find_running(const KnownDomain &running);
    Result<FoundDomain> find_inactive(std::string_view who);
    Result<std::optional<KnownDomain>> running(const DomainRecord &record,
                                               const std::vector<KnownDomain> &domains);
    Result<std::optional<KnownDomain>> running(const Domain &configured,
                                               const std::vector<KnownDomain> &domains);

    Toolstack &toolstack_;
    Catalog &catalog_;
};

} // namespace xlsnap
