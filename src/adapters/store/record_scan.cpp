// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/record_scan.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/directory_listing.hpp"
#include "adapters/store/record_file.hpp"
#include "adapters/store/record_file_name.hpp"
#include "adapters/store/snapshot_record_json.hpp"

namespace xlsnap {

namespace {

constexpr int kMostPasses = 1000;

// Stacked file systems list other inodes than the files have. One that does so this often in a row
// for a file, always the same two, is such a one: no writer repeats itself so exactly.
constexpr int kOwnNumbering = 8;

// A file that was read, by the inode that the listing gave and the one that was opened.
struct ReadFile {
    std::uint64_t listed = 0;
    std::uint64_t opened = 0;
    int repeated = 0; // how often the same two were found again
    std::int64_t written_ns = 0;
    Result<SnapshotRecord> record;
};

using ReadFiles = std::unordered_map<std::string, ReadFile>; // by the snapshot's name

// Lists the directory and reads what is new in it, until nothing that happens meanwhile can have
// hidden a record: a file listed and gone, or another in its place, may stand in the listing under
// a name that it had before.
class Scanner {
  public:
    Scanner(const DurableDirectory &directory, Log &log) : directory_(directory), log_(log) {}

    Result<ReadFiles> run() {
        for (int pass = 0; pass < kMostPasses; ++pass) {
            XLSNAP_ASSIGN(const bool settled, look());
            if (settled)
                return std::move(files_);
        }
        return fail(ErrorCode::NotReady,
                    fmt::format("{} is being changed all the time; try again", directory_.path()));
    }

  private:
    Result<bool> look() {
        XLSNAP_ASSIGN(const std::vector<ListedFile> listing, list_directory(directory_));
        before_ = std::exchange(files_, {});
        files_.reserve(listing.size());
        moved_ = false;
        changed_ = false;
        for (const ListedFile &file : listing) {
            if (const std::optional<std::string> name = name_of(file))
                XLSNAP_TRY(look_at(file, *name));
        }
        const bool unchanged = !changed_ && before_.empty();
        return !moved_ && (unchanged || !has_doubles());
    }

    Status look_at(const ListedFile &file, const std::string &name) {
        auto known = before_.extract(name);
        if (!known.empty() && known.mapped().listed == file.inode &&
            known.mapped().opened == file.inode) {
            files_.insert(std::move(known));
            return {};
        }
        Result<std::optional<RecordFileReader::File>> content = reader_.read(directory_, file.name);
        if (content && !*content) {
            moved_ = true;
            return {};
        }
        const std::uint64_t opened = content ? (*content)->inode : file.inode;
        if (!known.empty() && known.mapped().listed == file.inode &&
            known.mapped().opened == opened) {
            moved_ = moved_ || ++known.mapped().repeated < kOwnNumbering;
            files_.insert(std::move(known));
            return {};
        }
        moved_ = moved_ || opened != file.inode;
        changed_ = true;
        return decode(std::move(content), file, name);
    }

    // Foreign files are told once.
    std::optional<std::string> name_of(const ListedFile &file) {
        std::optional<std::string> name = snapshot_of_file_name(file.name);
        if (!name && file.name.starts_with(kRecordPrefix) && file.name.ends_with(kRecordSuffix) &&
            foreign_.insert(file.name).second)
            log_.warn(fmt::format("{:?} is ignored: no snapshot's record has this file name",
                                  directory_.path_of(file.name)));
        return name;
    }

    Status decode(Result<std::optional<RecordFileReader::File>> content, const ListedFile &file,
                  const std::string &name) {
        ReadFile entry;
        entry.listed = file.inode;
        entry.opened = file.inode;
        if (content) {
            entry.opened = (*content)->inode;
            entry.written_ns = (*content)->written_ns;
            entry.record = decode_snapshot((*content)->text, name);
        } else if (content.error().code == ErrorCode::Invalid) {
            entry.record = fail(std::move(content.error()));
        } else {
            return fail(with_context(directory_.path_of(file.name), std::move(content.error())));
        }
        files_.emplace(name, std::move(entry));
        return {};
    }

    [[nodiscard]] bool has_doubles() const {
        std::unordered_set<std::string_view> ids;
        return std::any_of(files_.begin(), files_.end(), [&](const auto &file) {
            return file.second.record && !ids.insert(file.second.record->id).second;
        });
    }

    const DurableDirectory &directory_;
    Log &log_;
    RecordFileReader reader_;
    ReadFiles before_; // of the pass before, without those seen again
    ReadFiles files_;
    bool moved_ = false;   // in this pass a file was not the one that was listed
    bool changed_ = false; // in this pass a file was read that was not known
    std::unordered_set<std::string> foreign_;
};

void break_doubles(std::vector<ScannedRecord> &records, std::vector<BrokenRecord> &broken,
                   const DurableDirectory &directory) {
    std::sort(records.begin(), records.end(),
              [](const auto &a, const auto &b) { return a.record.name < b.record.name; });
    std::unordered_map<std::string, std::string> names; // by id
    std::erase_if(records, [&](const ScannedRecord &scanned) {
        const auto [first, is_new] = names.emplace(scanned.record.id, scanned.record.name);
        if (is_new)
            return false;
        const std::string path = directory.path_of(record_file_name(scanned.record.name));
        broken.push_back(
            {scanned.record.name, path,
             Error{ErrorCode::Invalid,
                   fmt::format("{}: the record is a copy of that of the snapshot '{}'; remove one",
                               path, first->second)}});
        return true;
    });
}

} // namespace

Result<RecordScan> scan_records(const DurableDirectory &directory, Log &log) {
    XLSNAP_ASSIGN(ReadFiles files, Scanner(directory, log).run());
    RecordScan scan;
    scan.records.reserve(files.size());
    for (auto &[name, file] : files) {
        if (file.record) {
            scan.records.push_back({std::move(*file.record), file.written_ns});
            continue;
        }
        const std::string path = directory.path_of(record_file_name(name));
        scan.broken.push_back({name, path, with_context(path, std::move(file.record.error()))});
    }
    break_doubles(scan.records, scan.broken, directory);
    std::stable_sort(scan.records.begin(), scan.records.end(), [](const auto &a, const auto &b) {
        return a.record.creation_time < b.record.creation_time;
    });
    std::sort(scan.broken.begin(), scan.broken.end(),
              [](const auto &a, const auto &b) { return a.name < b.name; });
    return scan;
}

Result<std::optional<SnapshotRecord>> read_snapshot_file(const DurableDirectory &directory,
                                                         const std::string &name) {
    const std::string file_name = record_file_name(name);
    RecordFileReader reader;
    auto content = reader.read(directory, file_name);
    if (!content)
        return fail(with_context(directory.path_of(file_name), std::move(content.error())));
    if (!*content)
        return std::optional<SnapshotRecord>();
    Result<SnapshotRecord> record =
        decode_snapshot((*content)->text, name).with_context(directory.path_of(file_name));
    if (!record)
        return fail(std::move(record.error()));
    return std::optional<SnapshotRecord>(std::move(*record));
}

} // namespace xlsnap
