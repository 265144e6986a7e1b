// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/catalog.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// A catalog in memory. Methods for fail_next(): "domains", "read", "read_current", "find", "lock",
// "add", "replace", "rename", "remove", "write_domain", "forget", "copies", "copied_domains". A
// change without the lock throws.
class FakeCatalog final : public Catalog, public FakeCalls {
  public:
    using Records = std::map<std::string, SnapshotRecord>; // by name

    struct Domain {
        std::optional<DomainRecord> record;
        bool record_is_broken = false;
        bool record_is_newer = false; // what is broken about it
        Records snapshots;
        std::set<std::string> broken; // names
    };

    std::map<std::string, Domain> contents; // by uuid
    // By directory and uuid, by name: what add(), replace() and rename() kept beside the data.
    std::map<std::pair<std::string, std::string>, Records> kept_copies;
    std::set<std::string> locked;                         // uuids
    std::map<std::string, std::string> locked_by_another; // uuid and who has it

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
    class Lock;

    // Of the domain that the caller has locked.
    Domain &locked_domain(const std::string &uuid);
    void drop_copies(const std::string &uuid, const std::string &name);
    void keep_copies(const std::string &uuid, const SnapshotRecord &record);
};

} // namespace xlsnap::test
