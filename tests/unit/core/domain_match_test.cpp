// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain_match.hpp"

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Found = DomainMatch::Found;

Disk disk_at(const std::string &vdev, const std::string &path) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = path;
    return disk;
}

// xvda is /a, xvdb is /b.
Domain running(const std::string &uuid, const std::string &name) {
    Domain domain;
    domain.uuid = uuid;
    domain.name = name;
    domain.disks = {disk_at("xvda", "/a"), disk_at("xvdb", "/b")};
    return domain;
}

DomainRecord entry(const std::string &uuid, const std::string &name,
                   std::vector<ActiveLayer> layers) {
    return DomainRecord{uuid, name, "", "", std::move(layers)};
}

DomainMatch matched(const Domain &domain, const std::vector<DomainRecord> &known) {
    const auto match = match_running(domain, known);
    EXPECT_TRUE(match) << match.error().message;
    return match ? *match : DomainMatch();
}

TEST(DomainMatch, FindsByUuidBeforeItLooksAtNames) {
    const DomainMatch match = matched(running("u2", "g1"), {entry("u1", "g1", {{"xvda", "/a"}}),
                                                            entry("u2", "g1", {{"xvda", "/z"}})});
    EXPECT_EQ(match.found, Found::Uuid);
    EXPECT_EQ(match.uuid, "u2");
    EXPECT_EQ(match.note, "");
}

TEST(DomainMatch, FindsARenamedDomainAndSaysSo) {
    const DomainMatch match =
        matched(running("u1", "web"), {entry("u1", "g1", {}), entry("u2", "web", {})});
    EXPECT_EQ(match.found, Found::Uuid);
    EXPECT_EQ(match.uuid, "u1");
    EXPECT_THAT(match.note, HasSubstr("domain web was named g1"));
}

TEST(DomainMatch, FindsADomainWithANewUuidByNameAndDisks) {
    const DomainMatch match = matched(running("new", "g1"), {entry("u2", "g2", {{"xvda", "/a"}}),
                                                             entry("u1", "g1", {{"xvdb", "/b"}})});
    EXPECT_EQ(match.found, Found::Name);
    EXPECT_EQ(match.uuid, "u1");
}

TEST(DomainMatch, SaysWhichDiskMakesADomainOfThatNameAnother) {
    const DomainMatch match =
        matched(running("new", "g1"), {entry("u1", "g1", {{"xvdb", "/b"}, {"xvda", "/z"}}),
                                       entry("u3", "g1", {{"xvdc", "/c"}})});
    EXPECT_EQ(match.found, Found::None);
    EXPECT_EQ(match.uuid, "new");
    EXPECT_THAT(match.note,
                AllOf(HasSubstr("another domain named g1 (uuid u1), whose disk xvda is /z, not /a"),
                      HasSubstr("(uuid u3), whose disk xvdc is /c, while this one has none")));
}

TEST(DomainMatch, FindsTheOneOfTwoNamesakesWhoseDisksFit) {
    const DomainMatch match = matched(running("new", "g1"), {entry("u1", "g1", {{"xvda", "/z"}}),
                                                             entry("u2", "g1", {{"xvda", "/a"}})});
    EXPECT_EQ(match.found, Found::Name);
    EXPECT_EQ(match.uuid, "u2");
}

TEST(DomainMatch, DoesNotGuessWhichOfSeveralFits) {
    const auto match =
        match_running(running("new", "g1"), {entry("u1", "g1", {{"xvda", "/a"}}),
                                             entry("u2", "g1", {{"xvda", "/a"}, {"xvdb", "/b"}})});
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().code, ErrorCode::Invalid);
    EXPECT_THAT(match.error().message, HasSubstr("name one by its uuid: u1, u2"));
}

TEST(DomainMatch, DoesNotFindByNameAloneWhatHasNoDisksRecorded) {
    const DomainMatch match = matched(running("new", "g1"), {entry("u1", "g1", {})});
    EXPECT_EQ(match.found, Found::None);
    EXPECT_THAT(match.note, HasSubstr("of whose disks nothing is known"));
}

TEST(DomainMatch, TellsOfSnapshotsUnderAnotherNameOfTheSameDisks) {
    const DomainMatch match =
        matched(running("new", "web"), {entry("u1", "g1", {{"xvda", "/a"}, {"xvdb", "/b"}})});
    EXPECT_EQ(match.found, Found::None);
    EXPECT_EQ(match.uuid, "new");
    EXPECT_THAT(match.note, HasSubstr("those of domain g1 (uuid u1)"));
}

TEST(DomainMatch, NeverFindsAnUnreadableRecordByName) {
    Domain nameless = running("new", "");
    EXPECT_EQ(matched(nameless, {entry("u1", "", {{"xvda", "/a"}})}).found, Found::None);
    EXPECT_EQ(matched(nameless, {entry("u1", "", {{"xvda", "/a"}})}).note, "");
    EXPECT_EQ(matched(running("u1", "g1"), {entry("u1", "", {})}).found, Found::Uuid);
    EXPECT_EQ(matched(running("u1", "g1"), {entry("u1", "", {})}).note, "");
    EXPECT_FALSE(match_known("", {entry("u1", "", {})}));
}

TEST(DomainMatch, FindsNothingInAnEmptyCatalog) {
    const DomainMatch match = matched(running("u1", "g1"), {});
    EXPECT_EQ(match.found, Found::None);
    EXPECT_EQ(match.uuid, "u1");
    EXPECT_EQ(match.note, "");
}

TEST(KnownDomain, IsFoundByUuidOrName) {
    const std::vector<DomainRecord> known = {entry("ab-1", "g1", {}), entry("u2", "ab-1", {})};
    const auto by_uuid = match_known("AB-1", known);
    ASSERT_TRUE(by_uuid);
    EXPECT_EQ(by_uuid->found, Found::Uuid);
    EXPECT_EQ(by_uuid->uuid, "ab-1");
    const auto by_name = match_known("g1", known);
    ASSERT_TRUE(by_name);
    EXPECT_EQ(by_name->found, Found::Name);
    EXPECT_EQ(by_name->uuid, "ab-1");
    EXPECT_FALSE(match_known("G1", known));
}

TEST(KnownDomain, IsNotGuessedAmongNamesakes) {
    const auto match = match_known("g1", {entry("u1", "g1", {}), entry("u2", "g1", {})});
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().code, ErrorCode::Invalid);
    EXPECT_THAT(match.error().message, HasSubstr("2 domains named g1"));
    EXPECT_THAT(match.error().message, HasSubstr("u1, u2"));
}

TEST(KnownDomain, IsNotFoundWhenNobodyKnowsIt) {
    const auto match = match_known("g9", {entry("u1", "g1", {})});
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().code, ErrorCode::NotFound);
    EXPECT_THAT(match.error().message, HasSubstr("'g9'"));
}

} // namespace

} // namespace xlsnap
