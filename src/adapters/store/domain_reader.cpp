// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/domain_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/store/domain_file.hpp"
#include "adapters/store/record_scan.hpp"

namespace xlsnap {

namespace {

bool tells_of_the_record(ErrorCode code) {
    return code == ErrorCode::Invalid || code == ErrorCode::NotImplemented;
}

// For DomainCatalog and CurrentSnapshot. A file that cannot be read for another reason than what it
// holds is not broken, and not to be replaced.
template <typename Answer>
Status take_domain(Answer &answer, const DurableDirectory &directory, const std::string &uuid) {
    answer.domain.uuid = uuid;
    Result<DomainRecord> domain = read_domain_file(directory, uuid);
    if (!domain && !tells_of_the_record(domain.error().code))
        return fail(std::move(domain.error()));
    if (domain)
        answer.domain = std::move(*domain);
    else
        answer.domain_fault = fail(std::move(domain.error()));
    return {};
}

// The record of the current snapshot if the domain's record knows its name. Whatever is wrong with
// that file, a look at all of them tells.
std::optional<SnapshotRecord> read_named(const DurableDirectory &directory,
                                         const DomainRecord &domain) {
    if (domain.current_name.empty())
        return std::nullopt;
    Result<std::optional<SnapshotRecord>> record =
        read_snapshot_file(directory, domain.current_name);
    if (!record || !*record || (*record)->id != domain.current_id)
        return std::nullopt;
    return std::move(*record);
}

Result<std::optional<SnapshotRecord>> look_for(const std::string &id,
                                               const DurableDirectory &directory, Log &log) {
    XLSNAP_ASSIGN(RecordScan scan, scan_records(directory, log));
    const auto found = std::ranges::find_if(
        scan.records, [&](const ScannedRecord &scanned) { return scanned.record.id == id; });
    if (found == scan.records.end())
        return std::optional<SnapshotRecord>();
    return std::optional<SnapshotRecord>(std::move(found->record));
}

} // namespace

Result<DomainCatalog> read_domain(const DurableDirectory &directory, const std::string &uuid,
                                  Log &log) {
    DomainCatalog catalog;
    XLSNAP_TRY(take_domain(catalog, directory, uuid));
    XLSNAP_ASSIGN(RecordScan scan, scan_records(directory, log));
    catalog.snapshots.reserve(scan.records.size());
    for (ScannedRecord &scanned : scan.records)
        catalog.snapshots.push_back(std::move(scanned.record));
    catalog.broken = std::move(scan.broken);
    return catalog;
}

Result<CurrentSnapshot> read_current_snapshot(const DurableDirectory &directory,
                                              const std::string &uuid, Log &log) {
    CurrentSnapshot current;
    XLSNAP_TRY(take_domain(current, directory, uuid));
    const std::string &id = current.domain.current_id;
    if (id.empty())
        return current;
    current.record = read_named(directory, current.domain);
    if (!current.record) {
        XLSNAP_ASSIGN(current.record, look_for(id, directory, log));
    }
    return current;
}

} // namespace xlsnap
