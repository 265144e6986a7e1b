// SPDX-License-Identifier: LGPL-2.1-only
// External snapshots whose failure could not be undone, and what is known of their images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain_images.hpp"
#include "engine/inactive_snapshots.hpp"
#include "engine/overlaid_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

CreateWish named_external_wish() {
    CreateWish wish = external_wish();
    wish.name = "s1";
    return wish;
}

void expect_to_go_on_in_overlays(OverlaidHost &host, const Status &failure) {
    ASSERT_FALSE(failure);
    EXPECT_THAT(failure.error().message,
                HasSubstr("disk xvda goes on in /images/a.s1.qcow2, which stands on "
                          "/images/a.qcow2: both are needed"));
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.qcow2");
    EXPECT_THAT(host.toolstack.find("g1")->domain.config_json, HasSubstr("/images/b.s1.qcow2"));
    EXPECT_THAT(host.image_chains.calls, Not(Contains(HasSubstr("remove_image"))));
    host.guest_writes("later");
    EXPECT_EQ(host.disks_hold(), "later");
}

Status failure_of(const Result<CreatedSnapshot> &created) {
    return created ? Status() : Status::failure(created.error());
}

TEST(ExternalRest, OverlaysThatCannotBeWithdrawnStayInUseAndAreTold) {
    OverlaidHost host;
    host.toolstack.fail_next("resume", {ErrorCode::Fail, "Xen is out of order"});
    for (int disk = 0; disk < 2; ++disk)
        host.live_disks.fail_next("start_job", {ErrorCode::Fail, "no job"});
    expect_to_go_on_in_overlays(
        host, failure_of(host.catalogued.create(host.subject(), named_external_wish())));
}

// The guest has gone on in the overlays, and is destroyed before the snapshot fails.
TEST(ExternalRest, WhatTheGuestHasWrittenIsNotLostWhenItEndsBeforeTheSnapshotFails) {
    OverlaidHost host;
    host.memory_store.before = [&](const std::string &method) {
        if (method != "publish")
            return Status();
        host.guest_writes("later");
        host.power_off();
        return Status(fail(ErrorCode::Fail, "the disk is full"));
    };
    const auto created = host.catalogued.create(host.subject(), named_external_wish());
    host.memory_store.before = nullptr;
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, HasSubstr("the disk is full"));
    for (const char *image : {"/images/a.qcow2", "/images/a.s1.qcow2", "/images/b.s1.qcow2"})
        EXPECT_EQ(host.images.read(image), "later") << image;
    EXPECT_THAT(created.error().message,
                HasSubstr("may name /images/a.s1.qcow2 for disk xvda, from which its next start"));
}

// xl, which handles the guest's reboot, starts it from the configuration as it is then.
TEST(ExternalRest, OverlaysStayWhenTheGuestIsRebootedBeforeTheyAreInUse) {
    OverlaidHost host;
    bool rebooting = false;
    host.live_disks.before = [&](const std::string &method) {
        if (method != "open" || rebooting || !host.toolstack.find("g1") ||
            host.image_of("xvda") != "/images/a.s1.qcow2")
            return Status();
        rebooting = true;
        host.power_off();
        return Status(fail(ErrorCode::Fail, "there is no QEMU"));
    };
    CreateWish wish = external_wish(false);
    wish.name = "s1";
    const auto created = host.catalogued.create(host.subject(), wish);
    ASSERT_TRUE(rebooting);
    ASSERT_FALSE(created);
    EXPECT_EQ(host.images.read("/images/a.s1.qcow2"), FakeHost::kAtCreate);
    EXPECT_EQ(host.images.read("/images/b.s1.qcow2"), FakeHost::kAtCreate);
    EXPECT_THAT(created.error().message, HasSubstr("/images/b.s1.qcow2 for disk xvdb"));
}

TEST(ExternalRest, OverlaysStayWhenTheConfigurationGoesOnNamingThem) {
    OverlaidHost host;
    host.live_disks.fail_next("take_snapshots", {ErrorCode::Fail, "no"});
    int changes = 0;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call.starts_with("change_disks") && ++changes == 2)
            host.toolstack.fail_next("change_disks", {ErrorCode::LockFail, "xl has the lock"});
    };
    const auto created = host.catalogued.create(host.subject(), named_external_wish());
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, HasSubstr("xl has the lock"));
    EXPECT_EQ(host.image_of("xvda"), "/images/a.s1.qcow2");
    EXPECT_NE(host.images.find("/images/a.s1.qcow2"), nullptr);
    EXPECT_NE(host.images.find("/images/b.s1.qcow2"), nullptr);
}

TEST(ExternalRest, OverlaysOfAGuestThatHasEndedStayWhenTheyCannotBeWithdrawn) {
    OverlaidHost host;
    host.memory_store.before = [&](const std::string &method) {
        if (method != "publish")
            return Status();
        host.guest_writes("later");
        host.power_off();
        host.image_chains.fail_next("commit", {ErrorCode::Fail, "no space"});
        return Status(fail(ErrorCode::Fail, "the disk is full"));
    };
    const auto created = host.catalogued.create(host.subject(), named_external_wish());
    ASSERT_FALSE(created);
    EXPECT_THAT(created.error().message, HasSubstr("NOT UNDONE"));
    EXPECT_THAT(created.error().message, HasSubstr("disk xvda goes on in /images/a.s1.qcow2"));
    EXPECT_EQ(host.images.read("/images/a.s1.qcow2"), "later");
    EXPECT_EQ(host.images.read("/images/b.qcow2"), "later");
}

TEST(ExternalRest, OverlaysThatQemuMayUseStayWhenItDoesNotSay) {
    OverlaidHost host;
    bool silent = false;
    host.toolstack.fail_next("resume", {ErrorCode::Fail, "Xen is out of order"});
    host.toolstack.on_call = [&](const std::string &call) {
        silent = silent || call.starts_with("resume");
    };
    host.live_disks.before = [&](const std::string &) {
        return silent ? Status(fail(ErrorCode::Fail, "QEMU is silent")) : Status();
    };
    const Status failure =
        failure_of(host.catalogued.create(host.subject(), named_external_wish()));
    host.live_disks.before = nullptr;
    expect_to_go_on_in_overlays(host, failure);
}

TEST(ExternalRest, AnImageIsKnownByWhatWasWrittenUntilItsGuestStoodStill) {
    OverlaidHost host;
    host.toolstack.on_call = [&](const std::string &call) {
        if (call.starts_with("suspend"))
            host.guest_writes("last");
    };
    host.create("s1", external_wish());
    host.toolstack.on_call = nullptr;
    host.guest_writes("later");
    host.revert("s1");
    EXPECT_EQ(host.disks_hold(), "last");
}

TEST(ExternalRest, ImagesOfARevertThatCannotBeRecordedAreKnownAsOursAllTheSame) {
    OverlaidHost host;
    host.create("s1", external_wish());
    host.guest_writes("later");
    bool restored = false;
    host.toolstack.on_call = [&](const std::string &call) {
        restored = restored || call.starts_with("restore");
    };
    host.catalog.before = [&](const std::string &method) {
        return restored && method == "write_domain"
                   ? Status(fail(ErrorCode::Fail, "the catalog is full"))
                   : Status();
    };
    ASSERT_FALSE(host.catalogued.revert(host.subject(), "s1", {}));
    host.catalog.before = nullptr;
    ASSERT_EQ(host.image_of("xvda"), "/images/a.s1.1.qcow2");
    const DomainImage *image = find_image(host.domain_record(), "/images/a.s1.1.qcow2");
    ASSERT_NE(image, nullptr);
    EXPECT_TRUE(image->made);
    host.remove("s1");
    EXPECT_THAT(host.wrong_with(FakeHost::kAtCreate), ::testing::IsEmpty());
    EXPECT_EQ(host.files().size(), 2U);
}

TEST(ExternalRest, ImagesOfARevertThatIsUndoneAreOnNoList) {
    OverlaidHost host;
    host.create("s1", external_wish());
    host.toolstack.fail_next("pause", {ErrorCode::Fail, "Xen is out of order"});
    ASSERT_FALSE(host.catalogued.revert(host.subject(), "s1", {}));
    EXPECT_EQ(find_image(host.domain_record(), "/images/a.s1.1.qcow2"), nullptr);
}

TEST(ExternalRest, ImagesOfARevertInOneDirectoryGetNamesOfTheirOwn) {
    OverlaidHost host;
    host.detach("xvdb");
    host.images.add("/others/a.qcow2", FakeHost::kAtCreate);
    Domain &domain = host.g1().domain;
    Disk other = *find_disk(domain, "xvda");
    other.vdev = "xvdb";
    other.path = "/others/a.qcow2";
    domain.disks.push_back(other);
    domain.config_json = fake_config_json(domain);
    host.live_disks.attach(domain.domid, "xvdb-qcow2", other.path);
    host.create("s1", external_wish());
    host.guest_writes("later");
    host.revert("s1", {.overlay_directory = "/overlays"});
    EXPECT_EQ(host.image_of("xvda"), "/overlays/a.s1.1.qcow2");
    EXPECT_EQ(host.image_of("xvdb"), "/overlays/a.xvdb.s1.1.qcow2");
    EXPECT_EQ(host.disks_hold(), FakeHost::kAtCreate);
}

SnapshotRequest external_without_records() {
    SnapshotRequest request;
    request.disks = {{"xvda", FakeHost::kDiskA, "s1", true, DiskFormat::Qcow2, "/images/a.s1"}};
    return request;
}

// Of a caller without records.
TEST(ExternalRest, ARevertTellsWhichImageADiskHasThen) {
    OverlaidHost host;
    ASSERT_TRUE(host.service.create(host.subject().domid.value(), external_without_records()));
    const auto reverted =
        host.service.revert(host.subject().domid.value(), external_without_records());
    ASSERT_TRUE(reverted) << reverted.error().message;
    const std::string now = host.image_of("xvda");
    EXPECT_NE(now, "/images/a.s1");
    EXPECT_THAT(host.log.infos, Contains("disk xvda: its image is " + now + " from now on"));
    EXPECT_TRUE(host.log.tasks.empty()) << "the configuration has it";
}

TEST(ExternalRest, ARevertOfADomainThatDoesNotRunTellsWhichImageItsConfigurationIsToName) {
    OverlaidHost host;
    host.power_off();
    InactiveSnapshots inactive(host.ports(), [] { return std::string("1"); });
    ASSERT_TRUE(inactive.create(external_without_records()));
    const std::vector<std::string> before = host.files();
    const Status reverted = inactive.revert(external_without_records());
    ASSERT_TRUE(reverted) << reverted.error().message;
    std::vector<std::string> made = host.files();
    std::erase_if(made,
                  [&](const std::string &path) { return std::ranges::count(before, path) != 0; });
    ASSERT_EQ(made.size(), 1U);
    EXPECT_THAT(host.log.tasks,
                Contains(AllOf(HasSubstr("disk xvda: its image is " + made.front() + " from now"),
                               HasSubstr("xl.cfg"))));
}

TEST(ExternalRest, ARevertWithRecordsTellsNothingThatTheyTell) {
    OverlaidHost host;
    host.create("s1", external_wish());
    host.revert("s1");
    EXPECT_THAT(host.log.infos, Not(Contains(HasSubstr("its image is"))));
}

} // namespace

} // namespace xlsnap::test
