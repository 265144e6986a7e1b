// SPDX-License-Identifier: LGPL-2.1-only
#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Inspect : public LibxlToolstackTest {
  protected:
    Disk disk_from(const std::string &json) {
        const std::string config = fmt::format(
            R"({{"c_info":{{"type":"pv","name":"g1"}},"b_info":{{"type.pv":{{}}}},"disks":[{}]}})",
            json);
        const auto domain = toolstack_.inspect(libxl_.add(config));
        EXPECT_TRUE(domain) << domain.error().message;
        return domain && domain->disks.size() == 1 ? domain->disks.front() : Disk{};
    }
};

TEST_F(Inspect, TellsWhatTheConfigurationInForceSays) {
    const DomainId domid = libxl_.add(guest_config("pvh"));
    const auto domain = toolstack_.inspect(domid);
    ASSERT_TRUE(domain) << domain.error().message;
    EXPECT_EQ(domain->domid, domid);
    EXPECT_EQ(domain->name, "g1");
    EXPECT_EQ(domain->uuid, kUuid);
    EXPECT_EQ(domain->type, GuestType::Pvh);
    EXPECT_EQ(domain->state, RunState::Running);
    EXPECT_EQ(domain->device_model_pid, 4001);
    EXPECT_EQ(domain->memory_bytes, 128U << 20U);
    ASSERT_EQ(domain->disks.size(), 1U);
    EXPECT_EQ(domain->disks[0].vdev, "xvda");
    EXPECT_EQ(domain->disks[0].path, "/images/a.qcow2");
    EXPECT_TRUE(domain->disks[0].frontend_connected);
}

TEST_F(Inspect, KnowsEachTypeOfGuest) {
    EXPECT_EQ(toolstack_.inspect(libxl_.add(guest_config("pv")))->type, GuestType::Pv);
    EXPECT_EQ(toolstack_.inspect(libxl_.add(guest_config("pvh")))->type, GuestType::Pvh);
    EXPECT_EQ(toolstack_.inspect(libxl_.add(guest_config("hvm")))->type, GuestType::Hvm);
}

TEST_F(Inspect, RefusesATypeThatItDoesNotKnow) {
    const DomainId domid = libxl_.add(R"({"c_info":{"type":"invalid","name":"g1"}})");
    const auto domain = toolstack_.inspect(domid);
    EXPECT_EQ(domain.error().code, ErrorCode::Invalid);
    EXPECT_THAT(domain.error().message, HasSubstr("domain g1 (1): the configuration has the"));
}

TEST_F(Inspect, FindsWhatHindersASnapshotWithMemory) {
    std::string config = guest_config("hvm");
    config.insert(1, R"("pcidevs":[{"func":1,"dev":3,"bus":2,"domain":0}],"vtpms":[)"
                     R"({"devid":2,"uuid":"11111111-2222-3333-4444-555555555555"}],)"
                     R"("nics":[{"devid":0,"backend_domname":"net"},{"devid":1}],)"
                     R"("vfbs":[{"devid":0,"backend_domid":5}],)");
    config.insert(
        config.find("\"max_memkb\""),
        R"("disable_migrate":"True","device_model_stubdomain":"True",)"
        R"("dm_restrict":"True","device_model_user":"nobody","vnuma_nodes":[{"memkb":65536,"vcpus":[]}],)");
    const auto domain = toolstack_.inspect(libxl_.add(config));
    ASSERT_TRUE(domain) << domain.error().message;
    const Hindrances &has = domain->hindrances;
    EXPECT_TRUE(has.nomigrate);
    EXPECT_TRUE(has.stubdomain);
    EXPECT_TRUE(has.restricted_qemu);
    EXPECT_EQ(has.qemu_user, "nobody");
    EXPECT_TRUE(has.vnuma);
    ASSERT_EQ(has.vtpms.size(), 1U);
    EXPECT_EQ(has.vtpms.front().devid, 2);
    EXPECT_EQ(has.vtpms.front().uuid, "11111111-2222-3333-4444-555555555555");
    EXPECT_THAT(has.pci_devices, ::testing::ElementsAre("0000:02:03.1"));
    EXPECT_THAT(has.driver_domain_devices,
                ::testing::ElementsAre("network interface 0 is served by driver domain net",
                                       "virtual framebuffer 0 is served by driver domain 5"));
}

TEST_F(Inspect, FindsEachKindOfDeviceThatADriverDomainMayServe) {
    for (const char *kind : {"nics", "vfbs", "vkbs", "p9s", "pvcallsifs", "vdispls", "vsnds",
                             "channels", "usbctrls"}) {
        std::string config = guest_config("pv");
        config.insert(1,
                      fmt::format(R"("{}":[{{"backend_domid":0}},{{"backend_domid":7}}],)", kind));
        const auto domain = toolstack_.inspect(libxl_.add(config));
        ASSERT_TRUE(domain) << kind << domain.error().message;
        EXPECT_THAT(domain->hindrances.driver_domain_devices,
                    ::testing::ElementsAre(HasSubstr(" 1 is served by driver domain 7")))
            << kind;
    }
}

TEST_F(Inspect, FindsNoHindranceInAnOrdinaryDomain) {
    const auto domain = toolstack_.inspect(libxl_.add(guest_config_with_nic("hvm")));
    ASSERT_TRUE(domain) << domain.error().message;
    const Hindrances &has = domain->hindrances;
    EXPECT_FALSE(has.nomigrate || has.stubdomain || has.restricted_qemu || has.vnuma ||
                 !has.vtpms.empty());
    EXPECT_TRUE(has.pci_devices.empty() && has.driver_domain_devices.empty());
    EXPECT_FALSE(domain->managed_by_libvirt);
}

TEST_F(Inspect, KnowsAPvGuestWhoseWritesXenCannotLog) {
    for (const bool shadow : {true, false})
        for (const char *type : {"pv", "hvm"}) {
            libxl_.shadow_paging = shadow;
            const auto domain = toolstack_.inspect(libxl_.add(guest_config(type)));
            ASSERT_TRUE(domain) << domain.error().message;
            EXPECT_EQ(domain->hindrances.no_dirty_log, !shadow && type == std::string("pv"));
        }
}

TEST_F(Inspect, KnowsADomainOfLibvirt) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    libxl_.userdata[domid]["libvirt-xml"] = "<domain/>";
    EXPECT_TRUE(toolstack_.inspect(domid)->managed_by_libvirt);
}

TEST_F(Inspect, TellsHowADiskIsServed) {
    const Disk disk = disk_from(R"({"vdev":"xvda","script":"block-drbd","backend_domid":3,)"
                                R"("colo_enable":"True"})");
    EXPECT_EQ(disk.script, "block-drbd");
    EXPECT_EQ(disk.backend_domain, "3");
    EXPECT_TRUE(disk.colo);
}

TEST_F(Inspect, LeavesTheDomidOutOfTheConfiguration) {
    const auto domain = toolstack_.inspect(libxl_.add(guest_config("pv", R"(,"domid":7)")));
    EXPECT_THAT(domain->config_json, AllOf(HasSubstr("\"g1\""), Not(HasSubstr("domid"))));
}

TEST_F(Inspect, KeepsTheMacAddressesInTheConfiguration) {
    const auto domain = toolstack_.inspect(libxl_.add(guest_config_with_nic("pvh")));
    ASSERT_TRUE(domain) << domain.error().message;
    EXPECT_THAT(domain->config_json, HasSubstr(kMac));
}

TEST_F(Inspect, TranslatesEveryFormat) {
    const std::pair<const char *, DiskFormat> formats[] = {
        {"unknown", DiskFormat::Unknown}, {"qcow", DiskFormat::Qcow}, {"qcow2", DiskFormat::Qcow2},
        {"vhd", DiskFormat::Vhd},         {"raw", DiskFormat::Raw},   {"empty", DiskFormat::Empty},
        {"qed", DiskFormat::Qed}};
    for (const auto &[name, format] : formats)
        EXPECT_EQ(disk_from(fmt::format(R"({{"vdev":"xvda","format":"{}"}})", name)).format, format)
            << name;
}

TEST_F(Inspect, TranslatesEveryBackEnd) {
    const std::pair<const char *, DiskBackend> backends[] = {
        {"phy", DiskBackend::Phy},
        {"tap", DiskBackend::Tap},
        {"qdisk", DiskBackend::Qdisk},
        {"standalone", DiskBackend::Standalone}};
    for (const auto &[name, backend] : backends)
        EXPECT_EQ(disk_from(fmt::format(R"({{"vdev":"xvda","backend":"{}"}})", name)).backend,
                  backend)
            << name;
}

TEST_F(Inspect, TellsWhichBackEndLibxlChoseWhenItHadTheChoice) {
    EXPECT_EQ(disk_from(R"({"vdev":"xvda","format":"qcow2"})").backend, DiskBackend::Qdisk);
    std::erase_if(libxl_.xenstore, [](const auto &node) {
        return node.first.find("/device/vbd/") != std::string::npos;
    });
    EXPECT_EQ(toolstack_.inspect(1)->disks[0].backend, DiskBackend::Unknown);
}

TEST_F(Inspect, TellsCdromsAndReadOnlyDisksApart) {
    const Disk cdrom = disk_from(R"({"vdev":"hdc","format":"empty","is_cdrom":1,"removable":1})");
    EXPECT_TRUE(cdrom.cdrom);
    EXPECT_FALSE(cdrom.writable);
    EXPECT_EQ(cdrom.path, "");
    EXPECT_TRUE(disk_from(R"({"vdev":"xvda","readwrite":1})").writable);
}

TEST_F(Inspect, SeesWhichFrontEndsAreConnected) {
    const DomainId domid = libxl_.add(guest_config("hvm"));
    std::string &state =
        libxl_.xenstore.at(fmt::format("/local/domain/{}/device/vbd/51712/state", domid));
    for (const char *value : {"1", "3", "5", "nonsense"}) {
        state = value;
        EXPECT_FALSE(toolstack_.inspect(domid)->disks[0].frontend_connected) << value;
        EXPECT_FALSE(toolstack_.frontend_connected(domid, "xvda").value()) << value;
    }
    state = "4";
    EXPECT_TRUE(toolstack_.inspect(domid)->disks[0].frontend_connected);
    EXPECT_TRUE(toolstack_.frontend_connected(domid, "xvda").value());
}

TEST_F(Inspect, HasNoFrontEndForADiskThatXenstoreDoesNotHave) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    EXPECT_EQ(toolstack_.frontend_connected(domid, "xvdb").error().code, ErrorCode::NotFound);
    EXPECT_EQ(toolstack_.frontend_connected(99, "xvda").error().code, ErrorCode::DomainNotFound);
    std::erase_if(libxl_.xenstore, [](const auto &node) {
        return node.first.find("/device/vbd/") != std::string::npos;
    });
    EXPECT_FALSE(toolstack_.inspect(domid)->disks[0].frontend_connected);
}

TEST_F(Inspect, TakesNoPidFromAnythingButANumber) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    const std::string node = fmt::format("/local/domain/{}/image/device-model-pid", domid);
    for (const char *text : {"", "-5", "0", "12x", "99999999999999999999"}) {
        libxl_.xenstore[node] = text;
        EXPECT_EQ(toolstack_.inspect(domid)->device_model_pid, 0) << text;
    }
    libxl_.xenstore.erase(node);
    EXPECT_EQ(toolstack_.inspect(domid)->device_model_pid, 0);
}

TEST_F(Inspect, PutsTheStrongestStateFirst) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    FakeXenDomain &domain = libxl_.domain(domid);
    EXPECT_EQ(toolstack_.state(domid).value(), RunState::Running);
    domain.pauses = 1;
    EXPECT_EQ(toolstack_.state(domid).value(), RunState::Paused);
    domain.shutdown = true;
    domain.shutdown_reason = LIBXL_SHUTDOWN_REASON_SUSPEND;
    EXPECT_EQ(toolstack_.state(domid).value(), RunState::Suspended);
    domain.shutdown_reason = LIBXL_SHUTDOWN_REASON_CRASH;
    EXPECT_EQ(toolstack_.state(domid).value(), RunState::Shutdown);
    domain.looks_before_gone = 1;
    domain.dying = true;
    EXPECT_EQ(toolstack_.state(domid).value(), RunState::Dying);
}

TEST_F(Inspect, SaysThatTheEmulatorIsSilent) {
    const DomainId domid = libxl_.add(guest_config("hvm"));
    libxl_.domain(domid).emulator_hangs = true;
    const auto domain = toolstack_.inspect(domid);
    EXPECT_EQ(domain.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(domain.error().message, AllOf(HasSubstr("the configuration of domain g1 (1)"),
                                              HasSubstr("QEMU within 10 s: is process "),
                                              HasSubstr("kill -CONT"), HasSubstr("qmp-libxl-1?")));
}

TEST_F(Inspect, SaysThatADomainHasNoConfiguration) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    libxl_.fail_next("libxl_retrieve_domain_configuration", ERROR_JSON_CONFIG_EMPTY);
    const auto domain = toolstack_.inspect(domid);
    EXPECT_EQ(domain.error().code, ErrorCode::Fail);
    EXPECT_THAT(domain.error().message,
                AllOf(HasSubstr("started through libxl"), Not(HasSubstr("QEMU"))));
}

TEST_F(Inspect, FindsNoDomainThatGoesAwayMeanwhile) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    libxl_.domain(domid).dying = true;
    libxl_.domain(domid).looks_before_gone = 1;
    libxl_.fail_next("libxl_retrieve_domain_configuration", ERROR_FAIL);
    EXPECT_EQ(toolstack_.inspect(domid).error().code, ErrorCode::DomainNotFound);
}

TEST_F(Inspect, NeedsXenstore) {
    const DomainId domid = libxl_.add(guest_config("pv"));
    libxl_.xenstore_refuses = true;
    EXPECT_THAT(toolstack_.inspect(domid).error().message, HasSubstr("xenstored"));
}

TEST_F(Inspect, SaysThatTheHypervisorDoesNotAnswer) {
    libxl_.fail_next("libxl_domain_info", ERROR_FAIL);
    const auto state = toolstack_.state(1);
    EXPECT_EQ(state.error().code, ErrorCode::Fail);
    EXPECT_THAT(state.error().message, HasSubstr("root in dom0"));
}

} // namespace

} // namespace xlsnap::test
