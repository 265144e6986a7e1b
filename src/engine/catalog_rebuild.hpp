// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/catalogued_subject.hpp"
#include "engine/domain_catalogs.hpp"
#include "engine/layer_tidying.hpp"
#include "engine/ports.hpp"
#include "ports/catalog.hpp"

namespace xlsnap {

struct RebuiltCatalog {
    int count = 0; // of records
    PlanLines plan;
};

// Writes records that are missing or broken from the copies beside the images, and keeps the images
// that all of them mean from being written, as a create does.
class CatalogRebuild {
  public:
    CatalogRebuild(const Ports &ports, Catalog &catalog, const Circumstances &circumstances)
        : catalog_(catalog), catalogs_(ports, catalog),
          tidying_(ports, catalog, circumstances.wait) {}

    Result<RebuiltCatalog> rebuild(const Subject &subject, bool dry_run);

  private:
    Result<std::string> key_of_copies(const std::string &key, const Domain &domain);
    Status protect(Subject subject, const std::string &key);

    Catalog &catalog_;
    DomainCatalogs catalogs_;
    LayerTidying tidying_;
};

} // namespace xlsnap
