// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_copies.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/directory_listing.hpp"
#include "adapters/store/private_directory.hpp"
#include "adapters/store/record_file.hpp"
#include "adapters/store/record_file_name.hpp"
#include "adapters/store/record_scan.hpp"
#include "adapters/store/record_shapes.hpp"
#include "core/image_directories.hpp"

namespace xlsnap {

namespace {

constexpr const char *kCopiesDirectory = ".xlsnap";

// The directories from that of the image to that of the copies.
struct CopiesPlace {
    DurableDirectory images;
    DurableDirectory copies;
    DurableDirectory domain;
};

bool is_regular_file(const std::string &path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// Another domain's process may remove a directory that both use, when it finds that empty.
constexpr int kMostAttempts = 10;

Result<CopiesPlace> make_place(const std::string &directory, const std::string &uuid) {
    XLSNAP_ASSIGN(DurableDirectory images, DurableDirectory::open(directory));
    XLSNAP_ASSIGN(DurableDirectory copies, make_private(images, kCopiesDirectory));
    XLSNAP_ASSIGN(DurableDirectory domain, make_private(copies, uuid));
    return CopiesPlace{std::move(images), std::move(copies), std::move(domain)};
}

Result<std::optional<CopiesPlace>> open_place(const std::string &directory,
                                              const std::string &uuid) {
    Result<DurableDirectory> images = DurableDirectory::open(directory);
    if (!images && images.error().code == ErrorCode::NotFound)
        return std::optional<CopiesPlace>();
    if (!images)
        return fail(std::move(images.error()));
    XLSNAP_ASSIGN(std::optional<DurableDirectory> copies, open_private(*images, kCopiesDirectory));
    if (!copies)
        return std::optional<CopiesPlace>();
    XLSNAP_ASSIGN(std::optional<DurableDirectory> domain, open_private(*copies, uuid));
    if (!domain)
        return std::optional<CopiesPlace>();
    return std::optional<CopiesPlace>({std::move(*images), std::move(*copies), std::move(*domain)});
}

Status remove_empty(const CopiesPlace &place, const std::string &uuid) {
    XLSNAP_TRY(remove_when_empty(place.copies, uuid, place.domain));
    return remove_when_empty(place.images, kCopiesDirectory, place.copies);
}

Status keep_in(const std::string &directory, const std::string &uuid, const std::string &file_name,
               const std::string &text) {
    Result<CopiesPlace> made = make_place(directory, uuid);
    for (int i = 1; !made && made.error().code == ErrorCode::NotFound && i < kMostAttempts; ++i)
        made = make_place(directory, uuid);
    XLSNAP_ASSIGN(const CopiesPlace place, std::move(made));
    Status written = write_record(place.domain, file_name, text);
    if (!written)
        static_cast<void>(remove_empty(place, uuid));
    return written;
}

Status drop_from(const std::string &directory, const std::string &uuid,
                 const std::string &file_name) {
    XLSNAP_ASSIGN(const std::optional<CopiesPlace> place, open_place(directory, uuid));
    if (!place)
        return {};
    Status removed = place->domain.remove(file_name);
    if (!removed && removed.error().code != ErrorCode::NotFound)
        return removed;
    XLSNAP_TRY(place->domain.sync());
    return remove_empty(*place, uuid);
}

Result<RecordScan> scan_place(const std::string &directory, const std::string &uuid, Log &log) {
    XLSNAP_ASSIGN(const std::optional<CopiesPlace> place, open_place(directory, uuid));
    return place ? scan_records(place->domain, log) : RecordScan();
}

Result<std::vector<std::string>> domains_in(const std::string &directory) {
    std::vector<std::string> domains;
    Result<DurableDirectory> images = DurableDirectory::open(directory);
    if (!images && images.error().code == ErrorCode::NotFound)
        return domains;
    if (!images)
        return fail(std::move(images.error()));
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> copies,
                  open_private(*images, kCopiesDirectory));
    if (!copies)
        return domains;
    XLSNAP_ASSIGN(const std::vector<ListedFile> entries, list_directory(*copies));
    for (const ListedFile &entry : entries)
        if (is_uuid(entry.name))
            domains.push_back(entry.name);
    return domains;
}

} // namespace

void RecordCopies::keep(const std::string &uuid, const SnapshotRecord &record,
                        const std::string &text) {
    std::vector<std::string> images = images_with_data(record);
    std::erase_if(images, [](const std::string &image) { return !is_regular_file(image); });
    for (const std::string &directory : directories_of(images)) {
        if (const Status kept = keep_in(directory, uuid, record_file_name(record.name), text);
            !kept)
            log_.warn(
                fmt::format("no copy of the record of the snapshot '{}' lies in {}, so a lost "
                            "catalog could not be written again from there: {}",
                            record.name, directory, kept.error().message));
    }
}

void RecordCopies::drop(const std::string &uuid, const std::string &name,
                        const std::vector<std::string> &image_directories) {
    for (const std::string &directory : image_directories) {
        if (const Status dropped = drop_from(directory, uuid, record_file_name(name)); !dropped)
            log_.warn(fmt::format("a copy of the record of the snapshot '{}' may be left in {}: {}",
                                  name, directory, dropped.error().message));
    }
}

std::vector<SnapshotRecord> RecordCopies::read(const std::string &uuid,
                                               const std::vector<std::string> &image_directories) {
    std::map<std::string, ScannedRecord> latest; // by id
    for (const std::string &directory : image_directories) {
        Result<RecordScan> scan = scan_place(directory, uuid, log_);
        if (!scan) {
            log_.warn(fmt::format("the copies of records in {} are not used: {}", directory,
                                  scan.error().message));
            continue;
        }
        for (const BrokenRecord &broken : scan->broken)
            log_.warn(fmt::format("a copy is not used: {}", broken.reason.message));
        for (ScannedRecord &scanned : scan->records) {
            const auto [found, is_new] = latest.try_emplace(scanned.record.id, scanned);
            if (!is_new && found->second.written_ns < scanned.written_ns)
                found->second = std::move(scanned);
        }
    }
    std::vector<SnapshotRecord> records;
    records.reserve(latest.size());
    for (auto &[id, scanned] : latest)
        records.push_back(std::move(scanned.record));
    std::sort(records.begin(), records.end(), [](const auto &a, const auto &b) {
        return std::tie(a.creation_time, a.name) < std::tie(b.creation_time, b.name);
    });
    return records;
}

std::vector<std::string> RecordCopies::domains(const std::vector<std::string> &image_directories) {
    std::set<std::string> domains;
    for (const std::string &directory : image_directories) {
        const auto found = domains_in(directory);
        if (found)
            domains.insert(found->begin(), found->end());
        else
            log_.warn(fmt::format("the copies of records in {} are not used: {}", directory,
                                  found.error().message));
    }
    return {domains.begin(), domains.end()};
}

} // namespace xlsnap
