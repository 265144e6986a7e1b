// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/snapshot_record.hpp"

namespace xlsnap {

// A record that is there and cannot be used: damaged, or of a newer xlsnap.
struct BrokenRecord {
    std::string name; // of the snapshot, as the file's name tells it
    std::string path;
    Error reason; // Invalid; NotImplemented for one of a newer xlsnap, which is not to be replaced
};

// All that the catalog has of one domain. A record that cannot be used hides no other.
struct DomainCatalog {
    DomainRecord domain;
    std::vector<SnapshotRecord> snapshots; // by creation time, then by name
    std::vector<BrokenRecord> broken;      // by name
    // Why the domain's own record cannot be used, as in a BrokenRecord; then `domain` has a uuid
    // alone, and nobody knows which snapshot is current.
    Status domain_fault;
};

// The domain's record, and of its snapshots the current one alone.
struct CurrentSnapshot {
    DomainRecord domain;
    // Nothing when none is current, or when its record is gone or cannot be used.
    std::optional<SnapshotRecord> record;
    Status domain_fault; // as in DomainCatalog
};

// The right to change what the catalog has of one domain. It ends with the object, or with the
// process, however that ends.
class CatalogLock {
  public:
    CatalogLock() = default;
    CatalogLock(const CatalogLock &) = delete;
    CatalogLock &operator=(const CatalogLock &) = delete;
    CatalogLock(CatalogLock &&) = delete;
    CatalogLock &operator=(CatalogLock &&) = delete;
    virtual ~CatalogLock() = default;
};

// The records of snapshots, by domain uuid. Readers never wait and see each record as it was before
// a change or as it is after it. Each change is on the disk when the call returns. Whoever changes
// anything holds the domain's lock.
class Catalog {
  public:
    virtual ~Catalog() = default;

    // The domains that have something in the catalog, by uuid: their records alone. One whose
    // record cannot be used has an entry without a name.
    virtual Result<std::vector<DomainRecord>> domains() = 0;

    // An empty catalog for a domain that has nothing in it.
    virtual Result<DomainCatalog> read(const std::string &uuid) = 0;

    // What read() tells of the current snapshot. The other records are looked at only when
    // DomainRecord::current_name does not lead to it.
    virtual Result<CurrentSnapshot> read_current(const std::string &uuid) = 0;

    // One record alone, without a look at the others. NotFound when there is none of this name;
    // Invalid when it is broken, of a newer xlsnap too.
    virtual Result<SnapshotRecord> find(const std::string &uuid, const std::string &name) = 0;

    // Makes the domain's directory when there is none. A lock that another process holds is waited
    // for, a minute at most; then LockFail, naming that process. A process that died holds nothing.
    virtual Result<std::unique_ptr<CatalogLock>> lock(const std::string &uuid) = 0;

    // A record of a new snapshot. Invalid when the name is taken, by a broken record too.
    virtual Status add(const std::string &uuid, const SnapshotRecord &record) = 0;

    // Replaces the record that has this name. NotFound when there is none.
    virtual Status replace(const std::string &uuid, const SnapshotRecord &record) = 0;

    // Gives a snapshot another name; Invalid when that is taken, NotFound when there is no snapshot
    // `from`. In one step: there is never a moment with both names or with none. The domain's
    // current_name follows if it can.
    virtual Status rename(const std::string &uuid, const std::string &from,
                          const std::string &to) = 0;

    // Removes a record, broken or not. False when there was none.
    virtual Result<bool> remove(const std::string &uuid, const std::string &name) = 0;

    virtual Status write_domain(const DomainRecord &domain) = 0;

    // Removes what is left of a domain that has no snapshot any more: its record, and with the end
    // of the lock its directory, if nothing else lies in that.
    virtual Status forget(const std::string &uuid) = 0;

    // Where the memory image of a snapshot lies by default. The directory is there once the domain
    // is locked.
    [[nodiscard]] virtual std::string memory_path(const std::string &uuid,
                                                  const std::string &id) = 0;

    // What add(), replace() and rename() kept beside the data, for a catalog that was lost: a copy
    // of each record lies in the directories of its images_with_data() that are files. Of several
    // copies of a snapshot (by id) this gives the one written last, by creation time, then by name.
    // A directory that is not there or holds none adds nothing; neither does a copy that cannot be
    // used. No change fails for want of a copy: that is told to the log.
    virtual Result<std::vector<SnapshotRecord>>
    copies(const std::string &uuid, const std::vector<std::string> &image_directories) = 0;

    // The domains of which copies lie in these directories: their keys, each once, sorted.
    virtual Result<std::vector<std::string>>
    copied_domains(const std::vector<std::string> &image_directories) = 0;
};

} // namespace xlsnap
