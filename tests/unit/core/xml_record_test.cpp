// SPDX-License-Identifier: LGPL-2.1-only
#include "core/xml_record.hpp"

#include <gmock/gmock.h>

namespace xlsnap {

namespace {

using ::testing::HasSubstr;

constexpr const char *kUuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";

Disk image(const std::string &vdev, DiskFormat format = DiskFormat::Qcow2) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = "/img/" + vdev;
    disk.format = format;
    disk.writable = true;
    return disk;
}

class RecordOfXml : public ::testing::Test {
  protected:
    RecordOfXml() {
        xml_.name = "s";
        xml_.state = XmlState::Shutoff;
        xml_.creation_time = 7;
        xml_.memory = XmlMemory::None;
        facts_.uuids = {kUuid, "another"};
        facts_.name = "g1";
        facts_.disks = {image("xvda")};
        facts_.kept_memory = "/kept/memory";
    }

    SnapshotRecord record() {
        const auto record = redefined_record(xml_, facts_);
        if (!record)
            ADD_FAILURE() << record.error().message;
        return record.value_or(SnapshotRecord{});
    }

    void expect_invalid(const std::string &message) {
        const auto record = redefined_record(xml_, facts_);
        ASSERT_FALSE(record);
        EXPECT_EQ(record.error().code, ErrorCode::Invalid);
        EXPECT_THAT(record.error().message, HasSubstr(message));
    }

    void list(const std::string &name, std::optional<DiskSnapshotKind> kind,
              const std::string &overlay = {}) {
        XmlDisk disk;
        disk.name = name;
        disk.kind = kind;
        disk.path = overlay;
        xml_.disks.push_back(disk);
    }

    SnapshotXml xml_;
    RedefinitionFacts facts_;
};

TEST_F(RecordOfXml, IsOfTheDomainThatItIsFor) {
    EXPECT_EQ(record().domain_uuid, kUuid);
    EXPECT_EQ(record().domain_name, "g1");
    xml_.domain = XmlDomain{"another", "g2", {}};
    EXPECT_EQ(record().domain_uuid, "another");
    EXPECT_EQ(record().domain_name, "g2");
}

TEST_F(RecordOfXml, IsRefusedWithoutStateOrTime) {
    xml_.state.reset();
    expect_invalid("needs its <state> and its <creationTime>");
    xml_.state = XmlState::Shutoff;
    xml_.creation_time.reset();
    expect_invalid("needs its <state> and its <creationTime>");
}

TEST_F(RecordOfXml, IsRefusedByTheRules) {
    xml_.parent = "nobody";
    expect_invalid("<parent>: there is no snapshot nobody");
}

TEST_F(RecordOfXml, KeepsTheIdOfTheOneThatItReplaces) {
    SnapshotRecord known;
    known.id = "id-s";
    known.name = "s";
    known.state = SnapshotState::Inactive;
    known.config_json = "{}";
    SnapshotRecord parent;
    parent.id = "id-p";
    parent.name = "p";
    facts_.snapshots = {known, parent};
    xml_.parent = "p";
    EXPECT_EQ(record().id, "id-s");
    EXPECT_EQ(record().parent_id, "id-p");
    EXPECT_EQ(record().config_json, "{}");
    facts_.snapshots = {parent};
    EXPECT_EQ(record().id, "");
}

TEST_F(RecordOfXml, HasTheMemoryThatTheCatalogKeepsForInternal) {
    xml_.state = XmlState::Running;
    xml_.memory = XmlMemory::Internal;
    ASSERT_TRUE(record().memory);
    EXPECT_EQ(record().memory->path, "/kept/memory");
    xml_.memory = XmlMemory::External;
    xml_.memory_path = "/m";
    list("xvda", DiskSnapshotKind::Internal);
    EXPECT_EQ(record().memory->path, "/m");
    EXPECT_EQ(record().memory->bytes, 0U);
}

TEST_F(RecordOfXml, HasTheCompressionThatOurElementOrElseTheXmlSays) {
    xml_.state = XmlState::Running;
    xml_.memory = XmlMemory::Internal;
    EXPECT_EQ(record().memory->compression, MemoryCompression::None);
    xml_.compression = MemoryCompression::Zstd;
    EXPECT_EQ(record().memory->compression, MemoryCompression::Zstd);
    xml_.extension = XmlExtension{};
    ASSERT_TRUE(record().memory);
    EXPECT_EQ(record().memory->compression, MemoryCompression::None);
}

TEST_F(RecordOfXml, HasTheStateThatLibvirtSays) {
    list("xvda", DiskSnapshotKind::Internal);
    const auto state_of = [&](XmlState state) {
        xml_.state = state;
        xml_.memory = is_offline(state) ? XmlMemory::None : XmlMemory::Internal;
        return record().state;
    };
    EXPECT_EQ(state_of(XmlState::Running), SnapshotState::Running);
    EXPECT_EQ(state_of(XmlState::Blocked), SnapshotState::Blocked);
    EXPECT_EQ(state_of(XmlState::Paused), SnapshotState::Paused);
    EXPECT_EQ(state_of(XmlState::Shutdown), SnapshotState::Shutdown);
    EXPECT_EQ(state_of(XmlState::Crashed), SnapshotState::Shutdown);
    EXPECT_FALSE(record().crash_consistent);
    EXPECT_EQ(state_of(XmlState::Shutoff), SnapshotState::Inactive);
    EXPECT_FALSE(record().crash_consistent);
    EXPECT_EQ(state_of(XmlState::DiskSnapshot), SnapshotState::Running);
    EXPECT_TRUE(record().crash_consistent);
}

TEST_F(RecordOfXml, BelievesLibvirtsStateRatherThanOurs) {
    xml_.extension = XmlExtension{};
    xml_.extension->state = SnapshotState::Paused;
    xml_.extension->live = true;
    xml_.extension->crash_consistent = true;
    EXPECT_EQ(record().state, SnapshotState::Inactive);
    EXPECT_FALSE(record().crash_consistent);
    EXPECT_FALSE(record().live);
    xml_.state = XmlState::DiskSnapshot;
    list("xvda", DiskSnapshotKind::Internal);
    EXPECT_EQ(record().state, SnapshotState::Paused);
    EXPECT_TRUE(record().crash_consistent);
}

TEST_F(RecordOfXml, FillsInDisksThatAreNotListed) {
    facts_.disks = {image("xvda"), image("xvdb"), image("xvdc"), image("hdc")};
    facts_.disks[1].writable = false;
    facts_.disks[3].path.clear();
    list("xvdc", DiskSnapshotKind::None);
    const SnapshotRecord made = record();
    ASSERT_EQ(made.disks.size(), 3U);
    EXPECT_EQ(made.disks[0].kind, DiskSnapshotKind::Internal);
    EXPECT_EQ(made.disks[0].tag, "s");
    EXPECT_EQ(made.disks[1].kind, DiskSnapshotKind::None);
    EXPECT_EQ(made.disks[2].kind, DiskSnapshotKind::None);
}

TEST_F(RecordOfXml, TakesDisksAsTheDomainInItSays) {
    xml_.domain = XmlDomain{"", "", {{image("xvdx"), DiskSnapshotKind::None}, {image("xvdy"), {}}}};
    const SnapshotRecord made = record();
    ASSERT_EQ(made.disks.size(), 2U);
    EXPECT_EQ(made.disks[0].vdev, "xvdx");
    EXPECT_EQ(made.disks[0].kind, DiskSnapshotKind::None);
    EXPECT_EQ(made.disks[1].kind, DiskSnapshotKind::Internal);
}

TEST_F(RecordOfXml, HasNoDisksWhenOursSaysThatTheDomainHadNone) {
    xml_.domain = XmlDomain{"", "", {}};
    EXPECT_EQ(record().disks.size(), 1U);
    xml_.extension = XmlExtension{};
    EXPECT_EQ(record().disks.size(), 0U);
}

TEST_F(RecordOfXml, LeavesNoExternalDiskOpen) {
    facts_.disks = {image("xvda"), image("xvdb")};
    list("xvda", DiskSnapshotKind::External, "/o");
    expect_invalid("the snapshot of disk xvdb is external; name its overlay");
    list("xvdb", DiskSnapshotKind::External);
    expect_invalid("the snapshot of disk xvdb is external; name its overlay");
    xml_.disks.back().path = "/img/xvdb";
    expect_invalid("the overlay of disk xvdb is the image itself");
    xml_.disks.back().path = "/p";
    EXPECT_EQ(record().disks.at(1).overlay, "/p");
    EXPECT_EQ(record().disks.at(1).overlay_format, DiskFormat::Qcow2);
}

TEST_F(RecordOfXml, TakesExternalForDisksThatAreNotListedAsLibvirtDoes) {
    xml_.state = XmlState::DiskSnapshot;
    expect_invalid("the snapshot of disk xvda is external; name its overlay");
    xml_.state = XmlState::Running;
    xml_.memory = XmlMemory::External;
    expect_invalid("the snapshot of disk xvda is external; name its overlay");
}

TEST_F(RecordOfXml, HasTagsInQcow2Alone) {
    facts_.disks = {image("xvda", DiskFormat::Raw)};
    expect_invalid(
        "the image of disk xvda is raw, and only a qcow2 image holds internal snapshots");
}

TEST_F(RecordOfXml, NamesEachDiskOfTheDomain) {
    list("xvdz", DiskSnapshotKind::Internal);
    expect_invalid("the domain has no disk xvdz");
}

TEST_F(RecordOfXml, HasNoConfigurationOfAnotherDomain) {
    xml_.extension = XmlExtension{};
    xml_.extension->config_json = R"({"c_info":{"uuid":"x"}})";
    expect_invalid("<config>: it is of the domain \"x\", and");
    xml_.extension->config_json = R"({"c_info":{"uuid":"\u001b[2J"}})";
    expect_invalid("<config>: it is of the domain \"\\x1b[2J\", and");
    xml_.extension->config_json = "{";
    expect_invalid("");
}

} // namespace

} // namespace xlsnap
