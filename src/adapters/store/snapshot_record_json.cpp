// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/snapshot_record_json.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/store/disk_record_json.hpp"
#include "adapters/store/record_envelope.hpp"
#include "adapters/store/record_fields.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kSnapshotKind = "snapshot";

// In the order of SnapshotState.
const std::vector<std::string_view> kStates = {"unknown",  "running", "blocked", "paused",
                                               "shutdown", "dying",   "inactive"};

// In the order of MemoryCompression.
const std::vector<std::string_view> kCompressions = {"none", "zstd"};

Json to_json(const MemoryRecord &memory) {
    Json::Object object;
    object["path"] = memory.path;
    object["bytes"] = static_cast<std::int64_t>(memory.bytes);
    object["sha256"] = memory.sha256;
    if (memory.compression != MemoryCompression::None)
        object["compression"] = kCompressions.at(static_cast<std::size_t>(memory.compression));
    return object;
}

Json to_json(const SnapshotRecord &record) {
    Json::Object object;
    object["id"] = record.id;
    if (!record.parent_id.empty())
        object["parent"] = record.parent_id;
    if (!record.description.empty())
        object["description"] = record.description;
    object["creation_time"] = static_cast<std::int64_t>(record.creation_time);
    object["state"] = kStates.at(static_cast<std::size_t>(record.state));
    object["live"] = record.live;
    object["crash_consistent"] = record.crash_consistent;
    object["protected"] = record.is_protected;
    object["domain_uuid"] = record.domain_uuid;
    object["domain_name"] = record.domain_name;
    if (!record.config_json.empty())
        object["config"] = record.config_json;
    if (record.memory)
        object["memory"] = to_json(*record.memory);
    Json::Array disks;
    for (const DiskRecord &disk : record.disks)
        disks.push_back(disk_to_json(disk));
    object["disks"] = std::move(disks);
    object["program_version"] = record.program_version;
    return object;
}

std::optional<MemoryRecord> read_memory(RecordFields &fields) {
    std::optional<RecordFields> inner = fields.optional_object("memory");
    if (!inner)
        return std::nullopt;
    MemoryRecord memory;
    memory.path = inner->text("path", kAbsolutePath);
    memory.bytes = inner->number("bytes");
    memory.sha256 = inner->text("sha256", kDigest);
    if (inner->has("compression"))
        memory.compression =
            static_cast<MemoryCompression>(inner->word("compression", kCompressions));
    fields.adopt(*inner);
    return memory;
}

std::vector<DiskRecord> read_disks(RecordFields &fields) {
    std::vector<DiskRecord> disks;
    std::set<std::string> vdevs;
    for (RecordFields &element : fields.array("disks")) {
        disks.push_back(read_disk(element));
        fields.adopt(element);
        if (!vdevs.insert(disks.back().vdev).second)
            fields.refuse("disks", fmt::format("names {:?} twice", disks.back().vdev));
    }
    return disks;
}

SnapshotRecord read_snapshot(RecordFields &fields) {
    SnapshotRecord record;
    record.id = fields.text("id", kSnapshotId);
    record.parent_id = fields.optional_text("parent", kSnapshotId);
    if (record.parent_id == record.id)
        fields.refuse("parent", "is the snapshot itself");
    record.description = fields.optional_text("description", kAnyText);
    record.creation_time = fields.number("creation_time", kLatestTime);
    record.state = static_cast<SnapshotState>(fields.word("state", kStates));
    record.live = fields.flag("live");
    record.crash_consistent = fields.flag("crash_consistent");
    record.is_protected = fields.flag("protected");
    record.domain_uuid = fields.text("domain_uuid", kUuid);
    record.domain_name = fields.text("domain_name", kAnyText);
    record.config_json = fields.optional_text("config", kAnyText);
    record.memory = read_memory(fields);
    record.disks = read_disks(fields);
    record.program_version = fields.text("program_version", kAnyText);
    return record;
}

} // namespace

Result<std::string> encode_snapshot(const SnapshotRecord &record) {
    XLSNAP_ASSIGN(std::string text, seal_record(kSnapshotKind, to_json(record).to_text()));
    XLSNAP_ASSIGN(const SnapshotRecord read_back, decode_snapshot(text, record.name));
    if (read_back != record)
        return fail(ErrorCode::Invalid, "the record could not be read back as it is");
    return text;
}

Result<SnapshotRecord> decode_snapshot(std::string_view text, std::string name) {
    XLSNAP_ASSIGN(const std::string_view value, unseal_record(kSnapshotKind, text));
    XLSNAP_ASSIGN(const Json json, parse_json(value));
    RecordFields fields(json, {});
    SnapshotRecord record = read_snapshot(fields);
    XLSNAP_TRY(fields.status());
    record.name = std::move(name);
    return record;
}

} // namespace xlsnap
