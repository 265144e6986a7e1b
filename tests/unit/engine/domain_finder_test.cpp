// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/domain_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Found = DomainMatch::Found;

class Finder : public ::testing::Test {
  protected:
    FoundDomain find(const std::string &who) {
        const auto found = finder_.find(who);
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(FoundDomain{});
    }

    // g1 again, as an xl.cfg without uuid starts it, perhaps on another disk.
    DomainId start_with_new_uuid(const std::string &path) {
        host_.power_off();
        Domain again;
        again.name = "g1";
        again.uuid = kOther;
        again.type = GuestType::Pvh;
        again.disks = {Disk{}};
        again.disks[0].vdev = "xvda";
        again.disks[0].path = path;
        again.disks[0].format = DiskFormat::Qcow2;
        again.disks[0].writable = true;
        return host_.toolstack.add(again);
    }

    static constexpr const char *kOther = "11111111-2222-4333-8444-555555555555";

    CataloguedHost host_;
    DomainFinder finder_{host_.toolstack, host_.catalog};
};

TEST_F(Finder, KnowsARunningDomainByNameDomidAndUuid) {
    for (const char *who : {"g1", "1", CataloguedHost::kKey}) {
        EXPECT_EQ(find(who).domid, 1U) << who;
        EXPECT_EQ(find(who).match.found, Found::None);
        EXPECT_EQ(find(who).match.uuid, CataloguedHost::kKey);
    }
    host_.create("a");
    EXPECT_EQ(find("g1").match.found, Found::Uuid);
}

TEST_F(Finder, AsksNoQemuWhenTheUuidIsEnough) {
    host_.create("a");
    host_.toolstack.calls.clear();
    find("g1");
    EXPECT_THAT(host_.toolstack.calls, Not(Contains(HasSubstr("inspect"))));
}

TEST_F(Finder, KnowsADomainThatDoesNotRunByNameAndUuid) {
    host_.create("a");
    host_.power_off();
    for (const char *who : {"g1", CataloguedHost::kKey}) {
        EXPECT_EQ(find(who).domid, std::nullopt);
        EXPECT_EQ(find(who).name, "g1");
    }
    EXPECT_EQ(finder_.find("g2").error().code, ErrorCode::DomainNotFound);
}

TEST_F(Finder, KnowsARestartedDomainByItsDisks) {
    host_.create("a", {.disks = {{"xvdb", DiskWishKind::None}}});
    host_.catalog.contents[CataloguedHost::kKey].record->active_layers.pop_back();
    const DomainId domid = start_with_new_uuid(FakeHost::kDiskA);
    EXPECT_EQ(find("g1").domid, domid);
    EXPECT_EQ(find("g1").match.found, Found::Name);
    EXPECT_EQ(find("g1").match.uuid, CataloguedHost::kKey);
}

TEST_F(Finder, TellsWhyTheSnapshotsOfAnotherDomainOfTheNameAreNotIts) {
    host_.create("a");
    start_with_new_uuid("/images/other.qcow2");
    const FoundDomain found = find("g1");
    EXPECT_EQ(found.match.found, Found::None);
    EXPECT_EQ(found.match.uuid, kOther);
    EXPECT_THAT(found.match.note, HasSubstr("/images/other.qcow2"));
}

TEST_F(Finder, FindsARunningDomainByTheNameThatItHadWhenItWasSnapshotted) {
    host_.create("a");
    host_.g1().domain.name = "renamed";
    const FoundDomain found = find("g1");
    EXPECT_EQ(found.domid, 1U);
    EXPECT_EQ(found.name, "renamed");
}

TEST_F(Finder, ResolvesAConfigurationToTheDomainThatRunsOrHasSnapshots) {
    const std::string config = host_.g1().domain.config_json;
    EXPECT_EQ(finder_.resolve({{}, {}, config})->domid, 1U);
    host_.create("a");
    host_.power_off();
    const auto found = finder_.resolve({{}, {}, config});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->domid, std::nullopt);
    EXPECT_EQ(found->match.found, Found::Uuid);
    EXPECT_EQ(finder_.resolve({7, {}, {}}).error().code, ErrorCode::DomainNotFound);
}

TEST_F(Finder, ListsEveryDomainOfTheCatalog) {
    EXPECT_THAT(*finder_.known(), IsEmpty());
    host_.create("a");
    ASSERT_THAT(*finder_.known(), SizeIs(1));
    EXPECT_EQ(finder_.known()->front().domid, 1U);
    host_.power_off();
    EXPECT_EQ(finder_.known()->front().domid, std::nullopt);
}

TEST(DomainFinderTest, FindsADomainByItsKeyThoughItsUuidIsAnother) {
    CataloguedHost host;
    host.create("a");
    DomainFinder finder{host.toolstack, host.catalog};
    Domain again = host.g1().domain;
    host.power_off();
    again.uuid = "11111111-2222-4333-8444-555555555555";
    again.config_json.clear();
    const DomainId domid = host.toolstack.add(again);
    ASSERT_EQ(finder.find("g1")->domid, domid);
    ASSERT_EQ(finder.known()->front().domid, domid);
    EXPECT_EQ(finder.find(CataloguedHost::kKey)->domid, domid);
    EXPECT_EQ(finder.resolve({{}, CataloguedHost::kKey, {}})->domid, domid);
}

TEST(DomainFinderTest, TellsUnderWhichNameARenamedDomainHasSnapshots) {
    CataloguedHost host;
    host.create("a");
    DomainFinder finder{host.toolstack, host.catalog};
    Domain again = host.g1().domain;
    host.power_off();
    again.uuid = "11111111-2222-4333-8444-555555555555";
    again.name = "g2";
    again.config_json.clear();
    host.toolstack.add(again);
    EXPECT_THAT(finder.find("g2")->match.note, HasSubstr("g1"));
}

TEST(DomainFinderTest, ListsTheOthersWhenOneDomainDoesNotAnswer) {
    CataloguedHost host;
    host.create("a");
    DomainFinder finder{host.toolstack, host.catalog};
    Domain again = host.g1().domain;
    host.power_off();
    again.uuid = "11111111-2222-4333-8444-555555555555";
    again.config_json.clear();
    host.toolstack.add(again);
    host.toolstack.fail_next("inspect", {ErrorCode::NotReady, "its QEMU does not answer"});
    const auto known = finder.known();
    EXPECT_TRUE(known) << known.error().message;
}

} // namespace

} // namespace xlsnap::test
