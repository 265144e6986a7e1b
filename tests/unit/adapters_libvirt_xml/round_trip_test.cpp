// SPDX-License-Identifier: LGPL-2.1-only
#include "expectations.hpp"

#include <algorithm>

#include "adapters/libvirt_xml/snapshot_writer.hpp"
#include "core/xml_record.hpp"
#include "support/xml_samples.hpp"

namespace xlsnap::test {

namespace {

SnapshotRecord base() {
    SnapshotRecord record = sample_record();
    record.id = "fedcba9876543210";
    record.name = "base";
    return record;
}

std::string must_write(const SnapshotRecord &record, const std::string &parent) {
    const auto text = write_snapshot_xml(record, parent);
    if (!text)
        ADD_FAILURE() << text.error().message;
    return text.value_or("");
}

class WrittenXml : public ::testing::TestWithParam<NamedRecord> {};

TEST_P(WrittenXml, MakesTheSameRecord) {
    SnapshotRecord record = GetParam().record;
    const SnapshotXml xml = must_read(must_write(record, GetParam().parent), XmlUse::Redefine);
    const auto again = redefined_record(
        xml, {{record.domain_uuid}, record.domain_name, {}, {base()}, "/kept/memory"});
    ASSERT_TRUE(again) << again.error().message;
    record.id.clear(); // the catalog gives it
    record.parent_id = GetParam().parent.empty() ? "" : base().id;
    EXPECT_EQ(*again, record);
}

INSTANTIATE_TEST_SUITE_P(Of, WrittenXml, ::testing::ValuesIn(sample_records()),
                         [](const auto &test) { return std::string(test.param.what); });

TEST(SnapshotXmlWriter, BelievesTheRecordThatADriveIsWritable) {
    SnapshotRecord record = sample_record();
    record.disks.push_back(disk_of(record, "xvdb"));
    record.disks.back().vdev = "hdc"; // of the configuration a CD-ROM drive
    const SnapshotXml xml = must_read(must_write(record, ""), XmlUse::Redefine);
    const auto drive =
        std::ranges::find(xml.domain->disks, "hdc", [](const auto &d) { return d.disk.vdev; });
    ASSERT_NE(drive, xml.domain->disks.end());
    EXPECT_TRUE(drive->disk.writable);
}

TEST(SnapshotXmlWriter, IsReadOfANewSnapshotToo) {
    const SnapshotXml xml = must_read(must_write(sample_record(), "base"), XmlUse::Create);
    EXPECT_EQ(xml.name, "s1");
    EXPECT_EQ(xml.memory, XmlMemory::External);
    EXPECT_EQ(xml.disks.size(), 5U);
}

} // namespace

} // namespace xlsnap::test
