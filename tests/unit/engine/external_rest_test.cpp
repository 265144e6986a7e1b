// SPDX-License-Identifier: LGPL-2.1-only
// External snapshots whose failure could not be undone, and what is known of their images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/overlaid_host.hpp"

namespace xlsnap::test {

namespace {

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

} // namespace

} // namespace xlsnap::test
