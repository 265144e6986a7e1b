// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/store/catalog_root.hpp"
#include "adapters/store/record_copies.hpp"
#include "base/durable_directory.hpp"
#include "ports/catalog.hpp"
#include "ports/log.hpp"

namespace xlsnap {

// The catalog as files of this host: a directory for each domain, a file for each snapshot
// (docs/catalog-format.md).
class FileCatalog final : public Catalog {
  public:
    // `root` is made when it is needed, in a directory that must be there. `patience`: how long
    // lock() waits.
    FileCatalog(std::string root, Log &log,
                std::chrono::milliseconds patience = std::chrono::minutes(1));

    Result<std::vector<DomainRecord>> domains() override;
    Result<DomainCatalog> read(const std::string &uuid) override;
    Result<CurrentSnapshot> read_current(const std::string &uuid) override;
    Result<SnapshotRecord> find(const std::string &uuid, const std::string &name) override;
    Result<std::unique_ptr<CatalogLock>> lock(const std::string &uuid) override;
    Status add(const std::string &uuid, const SnapshotRecord &record) override;
    Status replace(const std::string &uuid, const SnapshotRecord &record) override;
    Status rename(const std::string &uuid, const std::string &from, const std::string &to) override;
    Result<bool> remove(const std::string &uuid, const std::string &name) override;
    Status write_domain(const DomainRecord &domain) override;
    Status forget(const std::string &uuid) override;
    [[nodiscard]] std::string memory_path(const std::string &uuid, const std::string &id) override;
    Result<std::vector<SnapshotRecord>>
    copies(const std::string &uuid, const std::vector<std::string> &image_directories) override;
    Result<std::vector<std::string>>
    copied_domains(const std::vector<std::string> &image_directories) override;

  private:
    // Where copies of the record of this name lie.
    static std::vector<std::string> directories_of_copies(const DurableDirectory &directory,
                                                          const std::string &uuid,
                                                          const std::string &name);

    CatalogRoot root_;
    Log &log_;
    std::chrono::milliseconds patience_;
    RecordCopies copies_;
};

} // namespace xlsnap
