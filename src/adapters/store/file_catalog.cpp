// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/file_catalog.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/catalog_file_lock.hpp"
#include "adapters/store/directory_listing.hpp"
#include "adapters/store/domain_file.hpp"
#include "adapters/store/domain_reader.hpp"
#include "adapters/store/private_directory.hpp"
#include "adapters/store/record_file.hpp"
#include "adapters/store/record_file_name.hpp"
#include "adapters/store/record_scan.hpp"
#include "adapters/store/record_shapes.hpp"
#include "adapters/store/snapshot_record_json.hpp"
#include "core/image_directories.hpp"
#include "core/snapshot_name.hpp"

namespace xlsnap {

namespace {

constexpr std::chrono::milliseconds kPollInterval(20);

Status check_there(const DurableDirectory &directory, const std::string &name) {
    XLSNAP_ASSIGN(const bool exists, directory.exists(record_file_name(name)));
    if (!exists)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no snapshot '{}' in {}", name, directory.path()));
    return {};
}

Status check_not_there(const DurableDirectory &directory, const std::string &name) {
    XLSNAP_ASSIGN(const bool exists, directory.exists(record_file_name(name)));
    if (exists)
        return fail(ErrorCode::Invalid,
                    fmt::format("there is a snapshot '{}' already; choose another name, or delete "
                                "that one first",
                                name));
    return {};
}

bool holds_records(const DurableDirectory &directory) {
    const auto files = list_directory(directory);
    return files && std::any_of(files->begin(), files->end(), [](const ListedFile &file) {
               return snapshot_of_file_name(file.name).has_value();
           });
}

} // namespace

FileCatalog::FileCatalog(std::string root, Log &log, std::chrono::milliseconds patience)
    : root_(std::move(root)), log_(log), patience_(patience), copies_(log) {}

Result<std::vector<DomainRecord>> FileCatalog::domains() {
    std::vector<DomainRecord> domains;
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> root, root_.open());
    if (!root)
        return domains;
    XLSNAP_ASSIGN(const std::vector<ListedFile> entries, list_directory(*root));
    for (const ListedFile &entry : entries) {
        if (!is_uuid(entry.name))
            continue;
        const auto directory = open_private(*root, entry.name);
        if (directory && !*directory)
            continue;
        DomainRecord nameless;
        nameless.uuid = entry.name;
        DomainRecord domain =
            directory ? read_domain_file(**directory, entry.name).value_or(nameless) : nameless;
        const bool has_record = domain != nameless;
        if (!directory || has_record || (*directory)->exists(kDomainFile).value_or(true) ||
            holds_records(**directory))
            domains.push_back(std::move(domain));
    }
    std::sort(domains.begin(), domains.end(),
              [](const auto &a, const auto &b) { return a.uuid < b.uuid; });
    return domains;
}

Result<DomainCatalog> FileCatalog::read(const std::string &uuid) {
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> directory, root_.open_domain(uuid));
    if (directory)
        return read_domain(*directory, uuid, log_);
    DomainCatalog nothing;
    nothing.domain.uuid = uuid;
    return nothing;
}

Result<CurrentSnapshot> FileCatalog::read_current(const std::string &uuid) {
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> directory, root_.open_domain(uuid));
    if (directory)
        return read_current_snapshot(*directory, uuid, log_);
    CurrentSnapshot nothing;
    nothing.domain.uuid = uuid;
    return nothing;
}

Result<SnapshotRecord> FileCatalog::find(const std::string &uuid, const std::string &name) {
    XLSNAP_TRY(check_snapshot_name(name));
    XLSNAP_ASSIGN(const std::optional<DurableDirectory> directory, root_.open_domain(uuid));
    if (!directory)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no snapshot '{}' in {}/{}", name, root_.path(), uuid));
    auto record = read_snapshot_file(*directory, name);
    if (!record && record.error().code == ErrorCode::NotImplemented)
        return fail(ErrorCode::Invalid, std::move(record.error().message));
    if (!record)
        return fail(std::move(record.error()));
    if (!*record)
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no snapshot '{}' in {}", name, directory->path()));
    return std::move(**record);
}

Result<std::unique_ptr<CatalogLock>> FileCatalog::lock(const std::string &uuid) {
    XLSNAP_TRY(check_uuid(uuid));
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    for (;;) {
        XLSNAP_ASSIGN(DurableDirectory root, root_.make());
        Result<DurableDirectory> directory = make_private(root, uuid);
        // One that goes with its lock may go just now.
        if (!directory && directory.error().code == ErrorCode::NotFound)
            continue;
        if (!directory)
            return fail(std::move(directory.error()));
        XLSNAP_ASSIGN(auto attempt,
                      CatalogFileLock::try_lock(std::move(root), uuid, std::move(*directory)));
        if (attempt.lock)
            return std::unique_ptr<CatalogLock>(std::move(attempt.lock));
        if (attempt.holder.empty())
            continue;
        if (std::chrono::steady_clock::now() >= deadline)
            return fail(ErrorCode::LockFail,
                        fmt::format("{} changes the snapshots of the domain {}; wait until it ends",
                                    attempt.holder, uuid));
        std::this_thread::sleep_for(kPollInterval);
    }
}

Status FileCatalog::add(const std::string &uuid, const SnapshotRecord &record) {
    XLSNAP_TRY(check_snapshot_name(record.name));
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(uuid));
    XLSNAP_TRY(check_not_there(directory, record.name));
    XLSNAP_ASSIGN(const std::string text, encode_snapshot(record));
    XLSNAP_TRY(write_new_record(directory, record_file_name(record.name), text));
    copies_.keep(uuid, record, text);
    return {};
}

Status FileCatalog::replace(const std::string &uuid, const SnapshotRecord &record) {
    XLSNAP_TRY(check_snapshot_name(record.name));
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(uuid));
    XLSNAP_TRY(check_there(directory, record.name));
    XLSNAP_ASSIGN(const std::string text, encode_snapshot(record));
    std::vector<std::string> left = directories_of_copies(directory, uuid, record.name);
    XLSNAP_TRY(write_record(directory, record_file_name(record.name), text));
    for (const std::string &still_used : directories_of(images_with_data(record)))
        std::erase(left, still_used);
    copies_.drop(uuid, record.name, left);
    copies_.keep(uuid, record, text);
    return {};
}

Status FileCatalog::rename(const std::string &uuid, const std::string &from,
                           const std::string &to) {
    XLSNAP_TRY(check_snapshot_name(from));
    XLSNAP_TRY(check_snapshot_name(to));
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(uuid));
    XLSNAP_TRY(check_there(directory, from));
    XLSNAP_TRY(check_not_there(directory, to));
    XLSNAP_TRY(directory.rename_to_free_name(record_file_name(from), record_file_name(to)));
    XLSNAP_TRY(directory.sync());
    follow_rename(directory, uuid, from, to, log_);
    copies_.drop(uuid, from, directories_of_copies(directory, uuid, to));
    const auto record = read_snapshot_file(directory, to);
    if (!record || !*record)
        return {};
    XLSNAP_ASSIGN(const std::string text, encode_snapshot(**record));
    copies_.keep(uuid, **record, text);
    return {};
}

Result<bool> FileCatalog::remove(const std::string &uuid, const std::string &name) {
    XLSNAP_TRY(check_snapshot_name(name));
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(uuid));
    XLSNAP_ASSIGN(const bool exists, directory.exists(record_file_name(name)));
    if (!exists)
        return false;
    // First the copies: one without a record would bring a deleted snapshot back.
    copies_.drop(uuid, name, directories_of_copies(directory, uuid, name));
    XLSNAP_TRY(directory.remove(record_file_name(name)));
    XLSNAP_TRY(directory.sync());
    return true;
}

Status FileCatalog::write_domain(const DomainRecord &domain) {
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(domain.uuid));
    return write_domain_file(directory, domain);
}

Status FileCatalog::forget(const std::string &uuid) {
    XLSNAP_ASSIGN(const DurableDirectory directory, root_.make_domain(uuid));
    XLSNAP_ASSIGN(const bool exists, directory.exists(kDomainFile));
    if (!exists)
        return {};
    XLSNAP_TRY(directory.remove(kDomainFile));
    return directory.sync();
}

std::string FileCatalog::memory_path(const std::string &uuid, const std::string &id) {
    return fmt::format("{}/{}/{}.save", root_.path(), uuid, id);
}

Result<std::vector<SnapshotRecord>>
FileCatalog::copies(const std::string &uuid, const std::vector<std::string> &image_directories) {
    XLSNAP_TRY(check_uuid(uuid));
    return copies_.read(uuid, image_directories);
}

// A record that cannot be used does not say it; then the domain's images are where to look.
std::vector<std::string> FileCatalog::directories_of_copies(const DurableDirectory &directory,
                                                            const std::string &uuid,
                                                            const std::string &name) {
    const auto record = read_snapshot_file(directory, name);
    if (record && *record)
        return directories_of(images_with_data(**record));
    std::vector<std::string> images;
    if (const auto domain = read_domain_file(directory, uuid)) {
        for (const ActiveLayer &layer : domain->active_layers) {
            if (layer.path.starts_with('/'))
                images.push_back(layer.path);
        }
    }
    return directories_of(images);
}

Result<std::vector<std::string>>
FileCatalog::copied_domains(const std::vector<std::string> &image_directories) {
    return copies_.domains(image_directories);
}

} // namespace xlsnap
