// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/disk_selection.hpp"

namespace xlsnap {

namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Disk qcow2_disk(const std::string &vdev) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = "/images/" + vdev + ".qcow2";
    disk.format = DiskFormat::Qcow2;
    disk.backend = DiskBackend::Qdisk;
    disk.writable = true;
    return disk;
}

Domain domain() {
    Domain domain;
    domain.name = "g1";
    domain.disks = {qcow2_disk("xvda"), qcow2_disk("xvdb")};
    return domain;
}

SnapshotRequest request_for(const std::vector<std::string> &vdevs, bool memory = false) {
    SnapshotRequest request;
    request.memory = memory;
    for (const std::string &vdev : vdevs)
        request.disks.push_back(DiskRequest{vdev, "", "s1", false});
    return request;
}

// The targets of a request that nothing was found against; else what was.
Result<std::vector<DiskTarget>> accepted_targets(const Domain &domain,
                                                 const SnapshotRequest &request, TagUse use) {
    DiskSelection selected = select_disks(domain, request, use);
    XLSNAP_TRY(selected.refusals.status());
    return std::move(selected.targets);
}

TEST(SelectDisks, FindsThemByVdev) {
    const auto targets = accepted_targets(domain(), request_for({"xvdb"}), TagUse::Create);
    ASSERT_TRUE(targets);
    ASSERT_EQ(targets->size(), 1U);
    EXPECT_EQ(targets->front().path, "/images/xvdb.qcow2");
    EXPECT_EQ(targets->front().tag, "s1");
}

TEST(SelectDisks, TakesAPathOnlyWhenItIsTheOneInUse) {
    SnapshotRequest request = request_for({"xvda"});
    request.disks.front().path = "/images/xvda.qcow2";
    EXPECT_TRUE(accepted_targets(domain(), request, TagUse::Create));
    request.disks.front().path = "/images/other.qcow2";
    const auto refused = accepted_targets(domain(), request, TagUse::Create);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("uses /images/xvda.qcow2"));
}

TEST(SelectDisks, NamesEveryReasonAtOnce) {
    Domain odd = domain();
    odd.disks[1].format = DiskFormat::Raw;
    SnapshotRequest request = request_for({"xvda", "xvda", "xvdb", "xvdc"});
    request.disks[0].tag = "7";
    const auto refused = accepted_targets(odd, request, TagUse::Create);
    ASSERT_FALSE(refused);
    for (const char *reason : {"xvda: the snapshot name '7'", "xvda is named twice",
                               "xvdb: format raw holds no internal snapshots", "no disk 'xvdc'"})
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
}

TEST(SelectDisks, SaysWhichDisksThereAreInsteadOfAnUnknownOne) {
    const auto refused = accepted_targets(domain(), request_for({"xvdz"}), TagUse::Create);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_THAT(refused.error().message, HasSubstr("those it has, xvda, xvdb"));
    EXPECT_THAT(accepted_targets(Domain{}, request_for({"xvdz"}), TagUse::Create).error().message,
                HasSubstr("it has none"));
}

TEST(SelectDisks, RefusesDisksThatCanHoldNoInternalSnapshot) {
    const auto refuse = [](auto change, const std::string &text) {
        Domain odd = domain();
        change(odd.disks.front());
        const auto refused = accepted_targets(odd, request_for({"xvda"}), TagUse::Create);
        ASSERT_FALSE(refused) << text;
        EXPECT_THAT(refused.error().message, HasSubstr(text));
    };
    refuse([](Disk &disk) { disk.cdrom = true; }, "CD-ROM");
    refuse([](Disk &disk) { disk.format = DiskFormat::Empty; }, "empty");
    refuse([](Disk &disk) { disk.path.clear(); }, "empty");
    refuse([](Disk &disk) { disk.writable = false; }, "read-only");
    refuse([](Disk &disk) { disk.backend = DiskBackend::Phy; }, "served by phy");
    refuse([](Disk &disk) { disk.backend = DiskBackend::Tap; }, "served by tap");
    refuse([](Disk &disk) { disk.backend = DiskBackend::Standalone; }, "standalone (virtio)");
    refuse([](Disk &disk) { disk.backend_domain = "storage"; }, "driver domain storage");
    refuse([](Disk &disk) { disk.script = "block-drbd"; }, "block script block-drbd");
    refuse([](Disk &disk) { disk.colo = true; }, "COLO");
    refuse([](Disk &disk) { disk.format = DiskFormat::Raw; },
           "format raw holds no internal snapshots; ask for an external one, convert");
    refuse([](Disk &disk) { disk.format = DiskFormat::Vhd; },
           "format vhd holds no internal snapshots; convert");
}

std::string refusal_of(const Disk &disk) {
    Domain odd = domain();
    odd.disks.front() = disk;
    const auto refused = accepted_targets(odd, request_for({disk.vdev}), TagUse::Create);
    return refused ? "" : refused.error().message;
}

TEST(SelectDisks, TellsEverythingThatStandsAgainstOneDisk) {
    Disk disk = qcow2_disk("xvda");
    disk.backend_domain = "storage";
    disk.script = "block-drbd";
    disk.colo = true;
    disk.backend = DiskBackend::Tap;
    disk.format = DiskFormat::Raw;
    for (const char *reason :
         {"disk xvda is served by driver domain storage", "disk xvda is made by the block script",
          "disk xvda is replicated by COLO", "disk xvda is served by tap", "disk xvda: format raw"})
        EXPECT_THAT(refusal_of(disk), HasSubstr(reason));
}

// Convert it, says the advice otherwise, or give it another back end: in vain.
TEST(SelectDisks, TellsOneReasonAgainstADiskThatHoldsNothingOfTheGuest) {
    Disk disk = qcow2_disk("xvda");
    disk.backend = DiskBackend::Phy;
    disk.format = DiskFormat::Raw;
    for (bool Disk::*which : {&Disk::cdrom, &Disk::writable}) {
        Disk odd = disk;
        odd.*which = !(odd.*which);
        EXPECT_THAT(refusal_of(odd), HasSubstr("leave it out"));
        EXPECT_THAT(refusal_of(odd), Not(AnyOf(HasSubstr("format raw"), HasSubstr("served by"))));
    }
}

TEST(SelectDisks, DoesNotAskForAnotherBackEndThanTheOneThatAScriptNeeds) {
    Disk disk = qcow2_disk("xvda");
    disk.script = "block-drbd";
    disk.backend = DiskBackend::Phy;
    EXPECT_THAT(refusal_of(disk), Not(HasSubstr("backendtype")));
}

TEST(SelectDisks, RefusesTwoDisksOnOneImage) {
    Domain odd = domain();
    odd.disks[1].path = odd.disks[0].path;
    const auto refused = accepted_targets(odd, request_for({"xvda", "xvdb"}), TagUse::Create);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("same image"));
}

SnapshotRequest external_request(const std::vector<std::string> &vdevs) {
    SnapshotRequest request = request_for(vdevs);
    for (DiskRequest &disk : request.disks)
        disk.external = true;
    return request;
}

std::string refusal_of(const Domain &domain, const SnapshotRequest &request,
                       TagUse use = TagUse::Create) {
    const auto refused = accepted_targets(domain, request, use);
    return refused ? "" : refused.error().message;
}

TEST(SelectDisks, GivesAnOverlayThatHasNoPathOneBesideItsImage) {
    Domain raw = domain();
    raw.disks[1].format = DiskFormat::Raw;
    raw.disks[1].path = "/images/b.img";
    SnapshotRequest request = external_request({"xvda", "xvdb"});
    request.disks[0].overlay = "/elsewhere/new.qcow2";
    const auto targets = accepted_targets(raw, request, TagUse::Create);
    ASSERT_TRUE(targets) << targets.error().message;
    EXPECT_EQ((*targets)[0].kind, DiskSnapshotKind::External);
    EXPECT_EQ((*targets)[0].overlay, "/elsewhere/new.qcow2");
    EXPECT_EQ((*targets)[1].overlay, "/images/b.s1.qcow2");
    EXPECT_EQ((*targets)[1].overlay_format, DiskFormat::Qcow2);
    EXPECT_EQ((*targets)[1].path, "/images/b.img");
}

TEST(SelectDisks, RefusesDisksThatCarryNoOverlay) {
    const auto refuse = [](auto change, const std::string &text) {
        Domain odd = domain();
        change(odd.disks.front());
        EXPECT_THAT(refusal_of(odd, external_request({"xvda"})), HasSubstr(text));
    };
    refuse([](Disk &disk) { disk.cdrom = true; }, "CD-ROM");
    refuse([](Disk &disk) { disk.backend = DiskBackend::Phy; }, "served by phy");
    refuse([](Disk &disk) { disk.backend_domain = "storage"; }, "driver domain storage");
    refuse([](Disk &disk) { disk.script = "block-drbd"; }, "block script block-drbd");
    refuse([](Disk &disk) { disk.colo = true; }, "COLO");
    for (const DiskFormat format : {DiskFormat::Vhd, DiskFormat::Qed, DiskFormat::Qcow})
        refuse([format](Disk &disk) { disk.format = format; }, "carries no overlay; convert");
}

TEST(SelectDisks, RefusesOverlaysThatQemuMayNotOpen) {
    Domain run_by = domain();
    for (const char *user : {"", "root"}) {
        run_by.hindrances.qemu_user = user;
        EXPECT_EQ(refusal_of(run_by, external_request({"xvda"})), "") << user;
    }
    run_by.hindrances.qemu_user = "nobody";
    EXPECT_THAT(refusal_of(run_by, external_request({"xvda"})),
                HasSubstr("disk xvda: the domain's QEMU runs as user nobody (device_model_user)"));
    EXPECT_EQ(refusal_of(run_by, request_for({"xvda"})), "");
    EXPECT_THAT(refusal_of(run_by, external_request({"xvda"}), TagUse::Existing),
                Not(HasSubstr("device_model_user")));
}

TEST(SelectDisks, RefusesBadPathsAndFormatsOfOverlays) {
    const auto refuse = [](const std::string &overlay, const std::string &text) {
        SnapshotRequest request = external_request({"xvda", "xvdb"});
        request.disks[0].overlay = overlay;
        request.disks[1].overlay = "/images/taken.qcow2";
        EXPECT_THAT(refusal_of(domain(), request), HasSubstr(text));
    };
    refuse("new.qcow2", "disk xvda: 'new.qcow2' is no absolute path");
    refuse("/images/", "no absolute path of a file");
    refuse("/" + std::string(4096, 'a'), "4097 bytes");
    refuse("/images/taken.qcow2", "xvda and xvdb would have the same overlay /images/taken");
    refuse("/images/xvda.qcow2", "disk xvda: its overlay /images/xvda.qcow2 would be an image");
    refuse("/images/xvdb.qcow2", "disk xvda: its overlay /images/xvdb.qcow2 would be an image");
    SnapshotRequest request = external_request({"xvda"});
    request.disks[0].overlay_format = DiskFormat::Raw;
    EXPECT_THAT(refusal_of(domain(), request), HasSubstr("the format of an overlay is qcow2"));
}

TEST(SelectDisks, RefusesAnOverlayThatIsToBeNamedAfterNothing) {
    SnapshotRequest request = external_request({"xvda"});
    request.disks[0].tag.clear();
    EXPECT_THAT(refusal_of(domain(), request), HasSubstr("disk xvda: no overlay can be named"));
    request.disks[0].overlay = "/images/o.qcow2";
    EXPECT_EQ(refusal_of(domain(), request), "");
}

// The domain writes the overlay now, or a later one.
TEST(SelectDisks, TakesAnExternalSnapshotThatIsThereByItsBaseAndOverlay) {
    Domain later = domain();
    later.disks[0].path = "/images/xvda.s1.qcow2";
    SnapshotRequest request = external_request({"xvda"});
    request.disks[0].path = "/images/xvda.qcow2";
    request.disks[0].overlay = "/images/xvda.s1.qcow2";
    EXPECT_EQ(refusal_of(later, request, TagUse::Existing), "");
    EXPECT_THAT(refusal_of(later, request, TagUse::Create), HasSubstr("name the one in use"));
    request.disks[0].overlay.clear();
    EXPECT_THAT(refusal_of(later, request, TagUse::Existing), HasSubstr("no absolute path"));
}

TEST(SelectDisks, RefusesALiveSnapshotWithInternalDisks) {
    SnapshotRequest request = request_for({"xvda", "xvdb"}, true);
    request.live = true;
    EXPECT_THAT(refusal_of(domain(), request),
                HasSubstr("disk xvda, disk xvdb: a live snapshot has no internal"));
    EXPECT_EQ(refusal_of(domain(), request_for({"xvda"}, true)), "");
    request = external_request({"xvda"});
    request.live = true;
    EXPECT_EQ(refusal_of(domain(), request), "");
}

TEST(SelectDisks, NeedsSomethingToDo) {
    EXPECT_FALSE(accepted_targets(domain(), request_for({}), TagUse::Create));
    EXPECT_TRUE(accepted_targets(domain(), request_for({}, true), TagUse::Create));
}

TEST(SelectDisks, LetsDeleteNameATagThatARevertLeft) {
    SnapshotRequest request = request_for({"xvda"});
    request.disks.front().tag = "xlsnap-revert-1";
    EXPECT_FALSE(accepted_targets(domain(), request, TagUse::Create));
    EXPECT_TRUE(accepted_targets(domain(), request, TagUse::Existing));
}

TEST(LeftOut, AreWritableDisksWithContentThatNoTargetCovers) {
    Domain many = domain();
    many.disks.push_back(qcow2_disk("xvdc"));
    many.disks.back().writable = false;
    many.disks.push_back(qcow2_disk("hdd"));
    many.disks.back().cdrom = true;
    many.disks.push_back(qcow2_disk("xvde"));
    many.disks.back().format = DiskFormat::Raw;
    const auto targets = accepted_targets(many, request_for({"xvda"}), TagUse::Create);
    ASSERT_TRUE(targets);
    EXPECT_THAT(writable_disks_left_out(many, *targets), ElementsAre("xvdb", "xvde"));
    EXPECT_THAT(paths_of(*targets), ElementsAre("/images/xvda.qcow2"));
    EXPECT_THAT(writable_disks_left_out(Domain{}, {}), IsEmpty());
}

} // namespace

} // namespace xlsnap
