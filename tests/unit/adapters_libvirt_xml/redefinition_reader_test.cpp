// SPDX-License-Identifier: LGPL-2.1-only
#include "expectations.hpp"

namespace xlsnap::test {

namespace {

constexpr const char *kState = "<name>s</name><state>running</state><creationTime>7</creationTime>";
constexpr const char *kExtension =
    "<xlsnap:snapshot xmlns:xlsnap='urn:xlsnap:domainsnapshot:1' state='running'>";

SnapshotXml read_redefinition(const std::string &content) {
    return must_read(snapshot_xml(content), XmlUse::Redefine);
}

void expect_invalid_redefinition(const std::string &content, const std::string &message) {
    expect_refused(snapshot_xml(content), XmlUse::Redefine, message);
}

// In <domain> after what every redefinition needs.
void expect_invalid_domain(const std::string &content, const std::string &message) {
    expect_invalid_redefinition(kState + ("<domain>" + content) + "</domain>", message);
}

void expect_invalid_extension(const std::string &content, const std::string &message) {
    expect_invalid_domain("<metadata>" + content + "</metadata>", message);
}

TEST(Redefinition, ReadsWhatLibvirtWrote) {
    const SnapshotXml xml = read_redefinition(R"(
  <name>s2</name>
  <state>shutoff</state>
  <parent>
    <name>s1</name>
  </parent>
  <creationTime>1700000000</creationTime>
  <memory snapshot='no'/>
  <disks>
    <disk name='xvda' snapshot='external' type='file'>
      <driver type='qcow2'/>
      <source file='/img/a.s2'/>
    </disk>
  </disks>
  <domain type='xen'>
    <name>g1</name>
    <uuid>6C8A2E5E0F4B4D0C9D6E1D1A3B0F9A01</uuid>
    <devices>
      <emulator>/usr/bin/qemu</emulator>
      <disk type='file' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source file='/img/a.qcow2'/>
        <target dev='xvda' bus='xen'/>
      </disk>
      <disk type='block' device='disk' snapshot='no'>
        <driver name='phy' type='raw'/>
        <source dev='/dev/vg/b'/>
        <target dev='xvdb' bus='xen'/>
        <readonly/>
      </disk>
      <disk type='file' device='cdrom'>
        <target dev='hdc' bus='ide'/>
      </disk>
    </devices>
  </domain>)");
    EXPECT_EQ(xml.state, XmlState::Shutoff);
    EXPECT_EQ(xml.creation_time, 1700000000U);
    EXPECT_EQ(xml.parent, "s1");
    ASSERT_TRUE(xml.domain);
    EXPECT_EQ(xml.domain->uuid, "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01");
    EXPECT_EQ(xml.domain->name, "g1");
    ASSERT_EQ(xml.domain->disks.size(), 3U);
    const auto &[a, b, c] =
        std::tie(xml.domain->disks[0], xml.domain->disks[1], xml.domain->disks[2]);
    EXPECT_EQ(a.disk.path, "/img/a.qcow2");
    EXPECT_EQ(a.disk.format, DiskFormat::Qcow2);
    EXPECT_TRUE(a.disk.writable);
    EXPECT_FALSE(a.kind);
    EXPECT_EQ(b.disk.path, "/dev/vg/b");
    EXPECT_FALSE(b.disk.writable);
    EXPECT_EQ(b.kind, DiskSnapshotKind::None);
    EXPECT_EQ(c.disk.path, "");
    EXPECT_TRUE(c.disk.cdrom);
    EXPECT_FALSE(c.disk.writable);
    EXPECT_FALSE(xml.extension);
}

TEST(Redefinition, NeedsNameStateAndTime) {
    expect_invalid_redefinition("<state>running</state><creationTime>7</creationTime>",
                                "needs its <name>");
    expect_invalid_redefinition("<name>s</name><creationTime>7</creationTime>",
                                "needs its <state>");
    expect_invalid_redefinition("<name>s</name><state/><creationTime>7</creationTime>",
                                "needs its <state>");
    expect_invalid_redefinition("<name>s</name><state>running</state>", "needs its <creationTime>");
    for (const char *state : {"RUNNING", "nostate", "pmsuspended"})
        expect_invalid_redefinition("<name>s</name>\n<state>" + std::string(state) +
                                        "</state><creationTime>7</creationTime>",
                                    "line 3: <state>: \"" + std::string(state) +
                                        "\" is none of running, ");
    for (const char *time : {"soon", "-1", "1e9", "99999999999999999999", "7 "})
        expect_invalid_redefinition("<name>s</name><state>running</state>\n<creationTime>" +
                                        std::string(time) + "</creationTime>",
                                    "line 3: <creationTime>: \"" + std::string(time) +
                                        "\" is no number of seconds since the epoch");
}

TEST(Redefinition, IsNotItsOwnParent) {
    expect_invalid_redefinition(kState + std::string("<parent><name>s</name></parent>"),
                                "line 2: <parent>: snapshot s cannot be its own parent");
}

TEST(Redefinition, HasMemoryByDefaultIfTheDomainRan) {
    const auto memory_in = [](const std::string &state) {
        return read_redefinition("<name>s</name><state>" + state +
                                 "</state><creationTime>7</creationTime>")
            .memory;
    };
    for (const char *state : {"running", "blocked", "paused", "shutdown", "crashed"})
        EXPECT_EQ(memory_in(state), XmlMemory::Internal) << state;
    for (const char *state : {"shutoff", "disk-snapshot"})
        EXPECT_EQ(memory_in(state), XmlMemory::None) << state;
}

TEST(Redefinition, HasNoMemoryOfAnOfflineDomain) {
    for (const std::string state : {"shutoff", "disk-snapshot"})
        expect_invalid_redefinition(
            "<name>s</name><state>" + state +
                "</state><creationTime>7</creationTime><memory snapshot='internal'/>",
            "a snapshot in state \"" + state + "\" has no memory");
}

TEST(Redefinition, RefusesADomainThatCannotBe) {
    expect_invalid_domain("<uuid>XXXXX</uuid>", "line 2: <domain>: \"XXXXX\" is no uuid");
    expect_invalid_domain("<devices><disk/></devices>", "line 2: <disk>: the disk has no target");
    const std::string disk = "<disk><target dev='xvda'/></disk>";
    expect_invalid_domain("<devices>" + disk + disk + "</devices>",
                          "the domain has two disks xvda");
    std::string disks;
    for (int i = 0; i <= 1024; ++i)
        disks += "<disk><target dev='xvd" + std::to_string(i) + "'/></disk>";
    expect_invalid_domain("<devices>" + disks + "</devices>", "there are more than 1024 disks");
}

TEST(Redefinition, IgnoresMetadataOfOthers) {
    const SnapshotXml xml =
        read_redefinition(kState + std::string("<domain><metadata><snapshot state='x'/>"
                                               "<a:snapshot xmlns:a='urn:a' state='x'/>"
                                               "</metadata></domain>"));
    EXPECT_FALSE(xml.extension);
}

TEST(Redefinition, RefusesAnExtensionThatIsNotOurs) {
    const std::string open = kExtension;
    const std::string close = "</xlsnap:snapshot>";
    expect_invalid_extension("<snapshot xmlns='urn:xlsnap:domainsnapshot:1' state='x'/>",
                             "line 2: <snapshot>: state=\"x\" is not known");
    expect_invalid_extension(
        "<snapshot xmlns='urn:xlsnap:domainsnapshot:1' state='running' live='1'/>",
        "live=\"1\" is not \"yes\"");
    expect_invalid_extension(open + "<xlsnap:memory bytes='x'/>" + close,
                             "<memory>: bytes=\"x\" is no number");
    expect_invalid_extension(open + "<xlsnap:memory sha256='x'/>" + close,
                             "<memory>: sha256=\"x\" is no SHA-256");
    expect_invalid_extension(open + "<xlsnap:memory compression='x'/>" + close,
                             "<memory>: compression=\"x\" is not known");
    expect_invalid_extension(open + "<xlsnap:disk/>" + close, "<disk>: it has no name");
    expect_invalid_extension(open + "<xlsnap:config>{</xlsnap:config>" + close, "<config>: ");
    expect_invalid_extension(open + "<xlsnap:config>[]</xlsnap:config>" + close,
                             "<config>: it is no libxl_domain_config in libxl's JSON");
    std::string disks;
    for (int i = 0; i <= 1024; ++i)
        disks += "<xlsnap:disk name='xvd" + std::to_string(i) + "'/>";
    expect_invalid_extension(open + disks + close, "there are more than 1024 disks");
}

} // namespace

} // namespace xlsnap::test
