// SPDX-License-Identifier: LGPL-2.1-only
#include "core/xml_rules.hpp"

#include <gmock/gmock.h>

namespace xlsnap {

namespace {

using ::testing::HasSubstr;

Disk named_disk(const std::string &vdev, const std::string &path) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = path;
    return disk;
}

XmlDisk listed_disk(const std::string &name, int line = 4) {
    XmlDisk disk;
    disk.name = name;
    disk.line = line;
    return disk;
}

SnapshotRecord snapshot(const std::string &name, const std::string &parent_id = {},
                        SnapshotState state = SnapshotState::Inactive) {
    SnapshotRecord record;
    record.id = "id-" + name;
    record.name = name;
    record.parent_id = parent_id;
    record.state = state;
    return record;
}

SnapshotXml redefinition(const std::string &name, const std::string &parent = {}) {
    SnapshotXml xml;
    xml.name = name;
    xml.parent = parent;
    xml.state = XmlState::Shutoff;
    xml.creation_time = 7;
    return xml;
}

template <typename T> void expect_invalid(const Result<T> &result, const std::string &message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Invalid);
    EXPECT_THAT(result.error().message, HasSubstr(message));
}

const std::vector<Disk> kDisks{named_disk("xvda", "/a"), named_disk("xvdb", "/b"),
                               named_disk("xvdc", "/b")};

TEST(XmlDisks, AreNamedByTargetOrByImage) {
    const auto aligned = aligned_disks({listed_disk("xvdb"), listed_disk("/a")}, kDisks);
    ASSERT_TRUE(aligned);
    EXPECT_EQ(aligned->at(0).name, "xvdb");
    EXPECT_EQ(aligned->at(1).name, "xvda");
}

TEST(XmlDisks, MustBeTheDomains) {
    expect_invalid(aligned_disks({listed_disk("xvdz"), listed_disk("/z", 5)}, kDisks),
                   "line 4: <disk>: the domain has no disk xvdz; it has xvda, xvdb, xvdc; "
                   "line 5: <disk>: the domain has no disk /z;");
    expect_invalid(aligned_disks({listed_disk("xvda")}, {}), "it has none");
    expect_invalid(aligned_disks({listed_disk("/b")}, kDisks),
                   "line 4: <disk>: several disks have the image /b; name the target");
}

TEST(XmlDisks, AreNamedOnce) {
    expect_invalid(aligned_disks({listed_disk("xvda"), listed_disk("/a", 5)}, kDisks),
                   "line 5: <disk>: disk xvda is named twice");
}

TEST(NewSnapshotFromXml, HasMemoryOnlyWhereThereIsSome) {
    SnapshotXml xml;
    for (const auto memory : {XmlMemory::Internal, XmlMemory::External}) {
        xml.memory = memory;
        EXPECT_TRUE(check_new_snapshot(xml, kDisks, true, false));
        expect_invalid(check_new_snapshot(xml, kDisks, false, false),
                       "<memory>: a domain that does not run has no memory");
        expect_invalid(check_new_snapshot(xml, kDisks, true, true),
                       "<memory>: a snapshot of disks alone has no memory");
    }
    for (const auto memory : {std::optional<XmlMemory>(), std::optional(XmlMemory::None)}) {
        xml.memory = memory;
        EXPECT_TRUE(check_new_snapshot(xml, kDisks, false, true));
    }
}

TEST(NewSnapshotFromXml, TellsAllThatIsWrong) {
    SnapshotXml xml;
    xml.memory = XmlMemory::Internal;
    xml.disks = {listed_disk("xvdz")};
    const auto status = check_new_snapshot(xml, kDisks, false, false);
    expect_invalid(status, "no disk xvdz");
    expect_invalid(status, "<memory>");
}

TEST(RedefinedSnapshot, IsOfThisDomain) {
    SnapshotXml xml = redefinition("s");
    xml.domain = XmlDomain{"u1", "g", {}};
    EXPECT_TRUE(check_redefinition(xml, {"u0", "u1"}, {}));
    expect_invalid(check_redefinition(xml, {"u0", "u2"}, {}),
                   "<domain>: the snapshot is of the domain u1, not of u0 or u2");
    xml.domain->uuid.clear();
    EXPECT_TRUE(check_redefinition(xml, {"u0"}, {}));
}

TEST(RedefinedSnapshot, HasAParentThatIsThere) {
    const std::vector<SnapshotRecord> snapshots{snapshot("a")};
    EXPECT_TRUE(check_redefinition(redefinition("s", "a"), {}, snapshots));
    expect_invalid(check_redefinition(redefinition("s", "b"), {}, snapshots),
                   "<parent>: there is no snapshot b; import that first");
}

TEST(RedefinedSnapshot, DoesNotBecomeItsOwnAncestor) {
    const std::vector<SnapshotRecord> snapshots{snapshot("a"), snapshot("b", "id-a"),
                                                snapshot("c", "id-b")};
    EXPECT_TRUE(check_redefinition(redefinition("c", "a"), {}, snapshots));
    for (const char *parent : {"b", "c"})
        expect_invalid(check_redefinition(redefinition("a", parent), {}, snapshots),
                       std::string(parent) + " descends from a and cannot be its parent");
}

TEST(RedefinedSnapshot, IsNotHeldUpByRecordsInACircle) {
    const std::vector<SnapshotRecord> snapshots{snapshot("a", "id-b"), snapshot("b", "id-a")};
    EXPECT_TRUE(check_redefinition(redefinition("s", "a"), {}, snapshots));
}

TEST(RedefinedSnapshot, StaysOfItsKind) {
    SnapshotRecord full = snapshot("full", "", SnapshotState::Running);
    full.memory = MemoryRecord{};
    const std::vector<SnapshotRecord> snapshots{full, snapshot("disks", "", SnapshotState::Running),
                                                snapshot("off")};
    const auto check = [&](const std::string &name, XmlState state) {
        SnapshotXml xml = redefinition(name);
        xml.state = state;
        return check_redefinition(xml, {}, snapshots);
    };
    EXPECT_TRUE(check("full", XmlState::Paused));
    EXPECT_TRUE(check("disks", XmlState::DiskSnapshot));
    EXPECT_TRUE(check("off", XmlState::Shutoff));
    expect_invalid(check("full", XmlState::Shutoff),
                   "between a domain that runs and one that does");
    expect_invalid(check("off", XmlState::Running), "between a domain that runs and one that does");
    expect_invalid(check("full", XmlState::DiskSnapshot), "between disks alone and all");
    expect_invalid(check("disks", XmlState::Running), "between disks alone and all");
}

} // namespace

} // namespace xlsnap
