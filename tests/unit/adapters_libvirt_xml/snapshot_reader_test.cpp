// SPDX-License-Identifier: LGPL-2.1-only
#include "expectations.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SnapshotXml read_new(const std::string &content) {
    return must_read(snapshot_xml(content), XmlUse::Create);
}

void expect_invalid_new(const std::string &content, const std::string &message) {
    expect_refused(snapshot_xml(content), XmlUse::Create, message);
}

TEST(NewSnapshotXml, NeedsNothing) {
    const SnapshotXml xml = must_read("<domainsnapshot/>", XmlUse::Create);
    EXPECT_THAT(xml.name, IsEmpty());
    EXPECT_THAT(xml.description, IsEmpty());
    EXPECT_FALSE(xml.memory);
    EXPECT_THAT(xml.disks, IsEmpty());
    EXPECT_EQ(xml.compression, std::nullopt);
}

TEST(NewSnapshotXml, SetsNameAndDescription) {
    const SnapshotXml xml =
        read_new("<name>a b é &lt;&amp;</name><description>two\nlines</description>");
    EXPECT_EQ(xml.name, "a b é <&");
    EXPECT_EQ(xml.description, "two\nlines");
}

TEST(NewSnapshotXml, IgnoresWhatTheDriverFillsIn) {
    const SnapshotXml xml =
        read_new("<creationdate>...</creationdate><state>RUNNING</state>"
                 "<creationTime>soon</creationTime><parent><name>p</name></parent>"
                 "<domain><uuid>XXXXX-XXXX</uuid></domain><active>7</active>"
                 "<nobody-knows/>");
    EXPECT_FALSE(xml.state);
    EXPECT_FALSE(xml.creation_time);
    EXPECT_THAT(xml.parent, IsEmpty());
    EXPECT_FALSE(xml.domain);
}

TEST(NewSnapshotXml, KnowsTwoCompressions) {
    EXPECT_EQ(read_new("<compression>none</compression>").compression, MemoryCompression::None);
    EXPECT_EQ(read_new("<compression>zstd</compression>").compression, MemoryCompression::Zstd);
    EXPECT_EQ(read_new("").compression, std::nullopt);
    expect_invalid_new(
        "<compression>gzip</compression>",
        "line 2: <compression>: \"gzip\" is no compression that is known; write none or "
        "zstd");
    expect_invalid_new("<compression/>", "line 2: <compression>: \"\" is no compression that is "
                                         "known; write none or zstd");
}

TEST(NewSnapshotXml, SaysWhereTheMemoryGoes) {
    EXPECT_EQ(read_new("<memory snapshot='no'/>").memory, XmlMemory::None);
    EXPECT_EQ(read_new("<memory snapshot='internal'/>").memory, XmlMemory::Internal);
    EXPECT_FALSE(read_new("<memory/>").memory);
    for (const char *text : {"<memory snapshot='external' file='/m'/>", "<memory file='/m'/>"}) {
        const SnapshotXml xml = read_new(text);
        EXPECT_EQ(xml.memory, XmlMemory::External);
        EXPECT_EQ(xml.memory_path, "/m");
    }
}

TEST(NewSnapshotXml, RefusesContradictionsAboutTheMemory) {
    expect_invalid_new("<memory snapshot='manual'/>",
                       "line 2: <memory>: snapshot=\"manual\" is none of no, internal, external");
    expect_invalid_new("<memory snapshot='internal' file='/m'/>",
                       "line 2: <memory>: the file \"/m\" needs snapshot='external'");
    expect_invalid_new("<memory snapshot='external'/>",
                       "line 2: <memory>: snapshot='external' needs a file");
    expect_invalid_new("<memory file='m'/>",
                       "line 2: <memory>: the file \"m\" must be an absolute path");
}

TEST(NewSnapshotXml, SaysWhatIsDoneWithDisks) {
    const SnapshotXml xml = read_new("<disks><disk name='xvda' snapshot='internal'/>\n"
                                     "<disk name='/img/b.qcow2' snapshot='no'/><disk name='xvdc'/>"
                                     "<disk name='xvdd' snapshot='external' type='block'>"
                                     "<driver type='qed'/><source dev='/dev/o'/></disk></disks>");
    EXPECT_THAT(
        xml.disks,
        ElementsAre(XmlDisk{2, "xvda", DiskSnapshotKind::Internal, "", DiskFormat::Unknown},
                    XmlDisk{3, "/img/b.qcow2", DiskSnapshotKind::None, "", DiskFormat::Unknown},
                    XmlDisk{3, "xvdc", std::nullopt, "", DiskFormat::Unknown},
                    XmlDisk{3, "xvdd", DiskSnapshotKind::External, "/dev/o", DiskFormat::Qed}));
}

TEST(NewSnapshotXml, TakesAFileOrAFormatForExternal) {
    for (const char *text : {"<source file='/o'/>", "<driver type='qcow2'/>"})
        EXPECT_EQ(read_new("<disks><disk name='xvda'>" + std::string(text) + "</disk></disks>")
                      .disks.at(0)
                      .kind,
                  DiskSnapshotKind::External);
}

TEST(NewSnapshotXml, RefusesDisksThatCannotBe) {
    const auto refused = [](const std::string &disks, const std::string &message) {
        expect_invalid_new("<disks>" + disks + "</disks>", message);
    };
    refused("<disk snapshot='no'/>", "line 2: <disk>: it has no name");
    refused("<cow name='xvda'/>", "line 2: <cow>: <disks> holds <disk> only");
    refused("<disk name='xvda' snapshot='manual'/>",
            "line 2: <disk>: snapshot=\"manual\" is none of no, internal, external");
    refused("<disk name='xvda' type='volume'/>",
            "line 2: <disk>: disks of type \"volume\" are not supported");
    refused("<disk name='xvda' type='dir'/>", "disks of type \"dir\" are not supported");
    refused("<disk name='xvda' type='network'/>", "disks of type \"network\" are not supported");
    refused("<disk name='xvda'>\n<source file='o'/></disk>",
            "line 3: <source>: the path \"o\" must be absolute");
    refused("<disk name='xvda'><driver type='vmdk'/></disk>",
            "line 2: <driver>: the format \"vmdk\" is none of raw, qcow2, qcow, qed, vhd");
    refused("<disk name='xvda' snapshot='internal'><source file='/o'/></disk>",
            "disk xvda: a file or a format needs snapshot='external'");
    refused("<disk name='xvda' snapshot='no'><driver type='qcow2'/></disk>",
            "disk xvda: a file or a format needs snapshot='external'");
    refused("<disk name='xvda'/>\n<disk name='xvda'/>", "line 3: <disk>: disk xvda is named twice");
}

TEST(NewSnapshotXml, HasNoMoreDisksThanCanBeCompared) {
    std::string disks;
    for (int i = 0; i <= 1024; ++i)
        disks += "<disk name='xvd" + std::to_string(i) + "'/>";
    expect_invalid_new("<disks>" + disks + "</disks>", "there are more than 1024 disks");
}

} // namespace

} // namespace xlsnap::test
