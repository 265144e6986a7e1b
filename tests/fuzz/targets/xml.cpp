// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

#include "adapters/libvirt_xml/snapshot_reader.hpp"
#include "adapters/libvirt_xml/snapshot_writer.hpp"
#include "core/xml_record.hpp"
#include "core/xml_rules.hpp"
#include "fuzz/fuzz_target.hpp"

namespace xlsnap::fuzz {

namespace {

constexpr const char *kUuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";

Disk domain_disk(const char *vdev, const char *path) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = path;
    disk.format = DiskFormat::Qcow2;
    return disk;
}

SnapshotRecord known_snapshot(const char *name, const char *id, const char *parent_id) {
    SnapshotRecord record;
    record.name = name;
    record.id = id;
    record.parent_id = parent_id;
    record.state = SnapshotState::Running;
    record.memory = MemoryRecord{"/kept/memory", 0, ""};
    return record;
}

SnapshotRecord inactive_snapshot() {
    SnapshotRecord record = known_snapshot("off", "00000000000000cc", "");
    record.state = SnapshotState::Inactive;
    record.memory.reset();
    record.config_json = "{}";
    return record;
}

// A domain with a snapshot "base", which has a child "leaf". Two of its disks share an image.
RedefinitionFacts facts() {
    return {{kUuid},
            "g1",
            {domain_disk("xvda", "/img/a"), domain_disk("xvdb", "/img/b"),
             domain_disk("xvdc", "/img/b")},
            {known_snapshot("base", "00000000000000aa", ""),
             known_snapshot("leaf", "00000000000000bb", "00000000000000aa"), inactive_snapshot()},
            "/kept/memory"};
}

void refused_text(const Error &error, std::string_view text) {
    expect(error.code == ErrorCode::Invalid, "what is refused is invalid");
    refused(error.message, text.size());
}

void read_for_creation(std::string_view text) {
    const Result<SnapshotXml> xml = read_snapshot_xml(text, XmlUse::Create);
    if (!xml) {
        refused_text(xml.error(), text);
        return;
    }
    expect(!xml->state && !xml->domain && !xml->extension, "only what is settable is read");
    for (const bool domain_runs : {false, true}) {
        const Status fits = check_new_snapshot(*xml, facts().disks, domain_runs, true);
        if (!fits)
            refused_text(fits.error(), text);
    }
}

Result<SnapshotRecord> redefine(std::string_view text) {
    const Result<SnapshotXml> xml = read_snapshot_xml(text, XmlUse::Redefine);
    if (!xml)
        return fail(xml.error());
    return redefined_record(*xml, facts());
}

std::string name_of_parent(const SnapshotRecord &record) {
    for (const SnapshotRecord &known : facts().snapshots)
        if (known.id == record.parent_id)
            return known.name;
    return "";
}

bool has_disk(const SnapshotRecord &record, const std::string &vdev) {
    return std::ranges::count(record.disks, vdev, &DiskRecord::vdev) != 0;
}

// The disks of a domain have no order of their own. One that its configuration has and the record
// has not is left out of the snapshot.
bool tells_the_same(SnapshotRecord again, SnapshotRecord record) {
    std::erase_if(again.disks, [&](const DiskRecord &disk) {
        return disk.kind == DiskSnapshotKind::None && !has_disk(record, disk.vdev);
    });
    std::ranges::sort(again.disks, {}, &DiskRecord::vdev);
    std::ranges::sort(record.disks, {}, &DiskRecord::vdev);
    return again == record;
}

// What libvirt's XML has no place for is not written; else what is written tells the same.
void expect_kept(const SnapshotRecord &record, std::string_view text) {
    const Result<std::string> written = write_snapshot_xml(record, name_of_parent(record));
    if (!written) {
        refused_text(written.error(), text);
        return;
    }
    const Result<SnapshotRecord> again = redefine(*written);
    expect(again.has_value(), "what is written can be read");
    expect(tells_the_same(*again, record), "what is read again is the same");
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto text = xlsnap::fuzz::text_of(data, size);
    xlsnap::fuzz::read_for_creation(text);
    if (const auto record = xlsnap::fuzz::redefine(text))
        xlsnap::fuzz::expect_kept(*record, text);
    else
        xlsnap::fuzz::refused_text(record.error(), text);
    return 0;
}
