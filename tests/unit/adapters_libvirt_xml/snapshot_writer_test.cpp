// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/snapshot_writer.hpp"

#include <gmock/gmock.h>

#include "support/xml_samples.hpp"

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string write(const SnapshotRecord &record, const std::string &parent = {}) {
    const auto text = write_snapshot_xml(record, parent);
    if (!text)
        ADD_FAILURE() << text.error().message;
    return text.value_or("");
}

void expect_unwritable(const SnapshotRecord &record, const std::string &message) {
    const auto text = write_snapshot_xml(record, "");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::Invalid);
    EXPECT_THAT(text.error().message, HasSubstr(message));
}

TEST(SnapshotXmlWriter, WritesAsLibvirtDoes) {
    SnapshotRecord record = sample_record();
    record.disks.resize(2);
    DiskRecord &disk = disk_of(record, "xvdb");
    disk.kind = DiskSnapshotKind::External;
    disk.overlay = "/img/b.s1";
    disk.overlay_format = DiskFormat::Qcow2;
    record.config_json = R"({"c_info":{"type":"pv"},"b_info":{"bootloader":"pygrub"}})";
    EXPECT_EQ(write(record, "s0"), R"(<domainsnapshot>
  <name>s1</name>
  <description>before the upgrade</description>
  <state>running</state>
  <parent>
    <name>s0</name>
  </parent>
  <creationTime>1700000000</creationTime>
  <memory snapshot="external" file="/var/lib/xen/snapshots/u/memory-0123456789abcdef.save"/>
  <disks>
    <disk name="xvda" snapshot="internal"/>
    <disk name="xvdb" snapshot="external" type="file">
      <driver type="qcow2"/>
      <source file="/img/b.s1"/>
    </disk>
  </disks>
  <domain type="xen">
    <name>g1</name>
    <uuid>6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01</uuid>
    <metadata>
      <xlsnap:snapshot xmlns:xlsnap="urn:xlsnap:domainsnapshot:1" state="running" version="0.1.0">
        <xlsnap:memory bytes="70000" sha256="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"/>
        <xlsnap:disk name="xvda" tag="xlsnap-0123456789abcdef" size="67108864" device="64769" inode="17" bytes="197120" changed="5"/>
        <xlsnap:disk name="xvdb" size="67108864" device="64770" bytes="67108864"/>
        <xlsnap:config>{&quot;c_info&quot;:{&quot;type&quot;:&quot;pv&quot;},&quot;b_info&quot;:{&quot;bootloader&quot;:&quot;pygrub&quot;}}</xlsnap:config>
      </xlsnap:snapshot>
    </metadata>
    <memory unit="KiB">32768</memory>
    <currentMemory unit="KiB">32768</currentMemory>
    <vcpu>1</vcpu>
    <bootloader>pygrub</bootloader>
    <os>
      <type>xen</type>
    </os>
    <devices>
      <disk type="file" device="disk">
        <driver type="qcow2"/>
        <source file="/img/a b.qcow2"/>
        <target dev="xvda" bus="xen"/>
      </disk>
      <disk type="block" device="disk">
        <driver type="raw"/>
        <source dev="/dev/vg/b"/>
        <target dev="xvdb" bus="xen"/>
      </disk>
    </devices>
  </domain>
</domainsnapshot>
)");
}

TEST(SnapshotXmlWriter, HasAllOfTheDomain) {
    const std::string text = write(sample_record());
    for (const char *part :
         {R"(<memory unit="KiB">65536</memory>)",
          R"(<currentMemory unit="KiB">32768</currentMemory>)", R"(<vcpu current="2">4</vcpu>)",
          "<type>xenpvh</type>", "<kernel>/boot/vmlinuz</kernel>", "<initrd>/boot/initrd</initrd>",
          "<cmdline>root=/dev/xvda a&lt;b&amp;c</cmdline>", R"(<driver name="phy" type="raw"/>)",
          R"(<source dev="/dev/vg/b"/>)", R"(<driver name="tap" type="vhd"/>)", "<readonly/>",
          R"(<disk type="file" device="cdrom" snapshot="no">)", R"(<target dev="hdc" bus="ide"/>)",
          R"(<target dev="sda" bus="scsi"/>)", R"(<interface type="bridge">)",
          R"(<mac address="00:16:3e:00:00:01"/>)", R"(<source bridge="xenbr0"/>)",
          R"(<model type="e1000"/>)", R"(<interface type="ethernet">)"})
        EXPECT_THAT(text, HasSubstr(part));
}

TEST(SnapshotXmlWriter, NamesTheTypeOfTheGuest) {
    SnapshotRecord record = sample_record();
    for (const auto &[type, word] : {std::pair{"pv", "xen"}, {"pvh", "xenpvh"}, {"hvm", "hvm"}}) {
        record.config_json = sample_config(type);
        EXPECT_THAT(write(record), HasSubstr("<type>" + std::string(word) + "</type>"));
    }
}

TEST(SnapshotXmlWriter, HasAStateOfLibvirts) {
    SnapshotRecord record = sample_record();
    const auto expect_state = [&](SnapshotState state, const std::string &word) {
        record.state = state;
        EXPECT_THAT(write(record), HasSubstr("<state>" + word + "</state>"));
    };
    expect_state(SnapshotState::Unknown, "running");
    expect_state(SnapshotState::Blocked, "blocked");
    expect_state(SnapshotState::Paused, "paused");
    expect_state(SnapshotState::Shutdown, "shutdown");
    expect_state(SnapshotState::Dying, "shutdown");
    record.memory.reset();
    for (const auto state :
         {SnapshotState::Running, SnapshotState::Paused, SnapshotState::Shutdown})
        expect_state(state, "disk-snapshot");
    expect_state(SnapshotState::Inactive, "shutoff");
}

TEST(SnapshotXmlWriter, HasDefaultsWithoutAConfiguration) {
    SnapshotRecord record = sample_record();
    record.config_json.clear();
    const std::string text = write(record);
    for (const char *part : {R"(<source file="/img/a b.qcow2"/>)", R"(<memory unit="KiB">32768<)",
                             "<vcpu>1</vcpu>", "<type>xen</type>"})
        EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, Not(HasSubstr("config>")));
}

TEST(SnapshotXmlWriter, RefusesWhatLibvirtCannotSay) {
    SnapshotRecord record = sample_record();
    disk_of(record, "xvda").vdev = "d0p1";
    expect_unwritable(record, "libvirt knows no disk by a name like \"d0p1\"");
    record = sample_record();
    disk_of(record, "xvda").path = "rbd:pool/image";
    expect_unwritable(record, "disk xvda: libvirt's XML has no place for the image rbd:pool/image");
    record = sample_record();
    disk_of(record, "xvda").overlay = "o";
    expect_unwritable(record, "disk xvda: libvirt's XML has no place for the image o");
    record = sample_record();
    record.description = "bell \a";
    expect_unwritable(record, "description: the text has characters that XML cannot hold");
    record = sample_record();
    record.config_json = "{";
    expect_unwritable(record, "configuration in snapshot s1: ");
    record.config_json = "{}";
    record.description.assign(5 << 20, 'x');
    expect_unwritable(record, "at most 4194304 are read");
}

TEST(SnapshotXmlWriter, TakesNothingOfAConfigurationForGranted) {
    SnapshotRecord record = sample_record();
    for (const char *config :
         {"[]", "3", R"({"c_info":3,"b_info":[],"nics":{},"disks":3})",
          R"({"b_info":{"max_memkb":"x","max_vcpus":-1,"kernel":3},"nics":[3],"disks":[]})"}) {
        record.config_json = config;
        EXPECT_THAT(write(record), HasSubstr("<os>")) << config;
    }
}

} // namespace

} // namespace xlsnap::test
