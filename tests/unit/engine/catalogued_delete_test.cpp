// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/catalogued_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// a - b - c, and d below a; d is current.
void grow_tree(CataloguedHost &host) {
    host.create("a");
    host.create("b");
    host.create("c");
    host.revert("a");
    host.create("d");
}

TEST(CataloguedDelete, LeavesNothingOfASnapshot) {
    CataloguedHost host;
    host.create("a");
    host.remove("a");
    EXPECT_THAT(host.leftovers(), IsEmpty());
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_EQ(host.current(), "");
    EXPECT_THAT(host.catalog.calls, Contains(HasSubstr("forget")));
}

TEST(CataloguedDelete, GivesChildrenToTheParent) {
    CataloguedHost host;
    grow_tree(host);
    host.remove("b");
    EXPECT_THAT(host.names(), ElementsAre("a", "c", "d"));
    EXPECT_EQ(host.parent("c"), "a");
    EXPECT_EQ(host.current(), "d");
    host.remove("d");
    EXPECT_EQ(host.current(), "a");
    host.revert("c");
    EXPECT_EQ(host.current(), "c");
}

TEST(CataloguedDelete, TakesChildrenAlongWhenAsked) {
    CataloguedHost host;
    grow_tree(host);
    host.remove("b", {.children = true});
    EXPECT_THAT(host.names(), ElementsAre("a", "d"));
    host.remove("a", {.children_only = true});
    EXPECT_THAT(host.names(), ElementsAre("a"));
    EXPECT_EQ(host.current(), "a");
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.size(), 1U);
    EXPECT_EQ(host.memory_store.images.size(), 1U);
}

TEST(CataloguedDelete, OfRecordsAloneKeepsTheData) {
    CataloguedHost host;
    host.create("a");
    host.remove("a", {.metadata_only = true});
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.size(), 1U);
    EXPECT_EQ(host.memory_store.images.size(), 1U);
}

TEST(CataloguedDelete, SparesProtectedSnapshotsUnlessForced) {
    CataloguedHost host;
    host.create("a");
    ASSERT_TRUE(host.records.protect(CataloguedHost::kKey, "a", true));
    EXPECT_FALSE(host.catalogued.remove(host.subject(), "a", {}, false));
    EXPECT_THAT(host.names(), ElementsAre("a"));
    host.remove("a", {.force = true});
    EXPECT_THAT(host.leftovers(), IsEmpty());
}

TEST(CataloguedDelete, WorksOnADomainThatDoesNotRun) {
    CataloguedHost host;
    host.create("a");
    host.power_off();
    host.remove("a");
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_THAT(host.memory_store.images, IsEmpty());
    EXPECT_THAT(host.images.at(FakeHost::kDiskA).tags, IsEmpty());
}

TEST(CataloguedDelete, ReachesTheImageOfADiskThatWasDetached) {
    CataloguedHost host;
    host.create("a");
    host.image_users.users.erase(FakeHost::kDiskB);
    host.g1().domain.disks.pop_back();
    host.remove("a");
    EXPECT_THAT(host.images.at(FakeHost::kDiskB).tags, IsEmpty());
}

TEST(CataloguedDelete, KeepsTheRecordUntilTheDataAreGoneAndCanBeRepeated) {
    CataloguedHost host;
    host.create("a");
    host.live_disks.fail_next("delete_tag", {ErrorCode::Fail, "QEMU is busy"});
    EXPECT_FALSE(host.catalogued.remove(host.subject(), "a", {}, false));
    EXPECT_THAT(host.names(), ElementsAre("a"));
    host.remove("a");
    EXPECT_THAT(host.leftovers(), IsEmpty());
    EXPECT_THAT(host.names(), IsEmpty());
}

TEST(CataloguedDelete, OfABrokenRecordNeedsMetadataOnly) {
    CataloguedHost host;
    host.create("a");
    host.catalog.contents[CataloguedHost::kKey].broken.insert("b");
    EXPECT_EQ(host.catalogued.remove(host.subject(), "b", {}, false).error().code,
              ErrorCode::Invalid);
    host.remove("b", {.metadata_only = true});
    EXPECT_THAT(host.catalog.contents[CataloguedHost::kKey].broken, IsEmpty());
    EXPECT_THAT(host.names(), ElementsAre("a"));
}

TEST(CataloguedDelete, AsADryRunTellsWhatGoes) {
    CataloguedHost host;
    grow_tree(host);
    const auto told = host.catalogued.remove(host.subject(), "b", {}, true);
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(*told, AllOf(Contains(HasSubstr("delete snapshot 'b', with its memory image")),
                             Contains("give 'c' the parent 'a'")));
    EXPECT_THAT(host.names(), ElementsAre("a", "b", "c", "d"));
}

TEST(CataloguedVerify, NamesAllThatIsMissing) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    EXPECT_TRUE(host.catalogued.verify(host.subject(), "a"));
    host.memory_store.images.clear();
    host.images.at(FakeHost::kDiskB).tags.clear();
    const Status wrong = host.catalogued.verify(host.subject(), "a");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message,
                AllOf(HasSubstr(made.memory->path), HasSubstr("xvdb"), Not(HasSubstr("xvda"))));
}

Result<StorageUsage> usage_of(CataloguedHost &host, const std::string &name) {
    return host.catalogued.usage(host.subject(), {name}).at(0);
}

TEST(CataloguedUsage, AddsUpTheMemoryImageAndTheTags) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    const std::uint64_t memory = host.memory_store.images.at(made.memory->path).stream.size();
    const std::uint64_t a = host.images.at(FakeHost::kDiskA).content.size();
    const std::uint64_t b = host.images.at(FakeHost::kDiskB).content.size();
    const auto shared = usage_of(host, "a");
    ASSERT_TRUE(shared) << shared.error().message;
    EXPECT_EQ(shared->held, memory + a + b);
    EXPECT_EQ(shared->freed, memory);
    host.images.at(FakeHost::kDiskA).content = "something else";
    const auto written = usage_of(host, "a");
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->held, memory + a + b);
    EXPECT_EQ(written->freed, memory + a);
}

TEST(CataloguedUsage, NamesAllThatCannotBeMeasured) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    host.memory_store.images.clear();
    host.images.at(FakeHost::kDiskB).tags.clear();
    const auto usage = usage_of(host, "a");
    ASSERT_FALSE(usage);
    EXPECT_EQ(usage.error().code, ErrorCode::NotFound);
    EXPECT_THAT(usage.error().message,
                AllOf(HasSubstr(made.memory->path), HasSubstr("xvdb"), Not(HasSubstr("xvda"))));
}

TEST(CataloguedUsage, AsksEachImageOnceForAllSnapshots) {
    CataloguedHost host;
    grow_tree(host);
    host.memory_store.images.erase(host.record("c").memory->path);
    const std::vector<std::string> names = {"a", "b", "none", "c", "d"};
    host.disk_images.calls.clear();
    const auto usages = host.catalogued.usage(host.subject(), names);
    EXPECT_EQ(host.disk_images.calls.size(), 2U) << "disks";
    ASSERT_EQ(usages.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto alone = usage_of(host, names[i]);
        ASSERT_EQ(usages[i].has_value(), alone.has_value()) << names[i];
        if (!alone) {
            EXPECT_EQ(usages[i].error().message, alone.error().message);
            continue;
        }
        EXPECT_EQ(usages[i]->held, alone->held);
        EXPECT_EQ(usages[i]->freed, alone->freed);
    }
    EXPECT_FALSE(usages[2]);
    EXPECT_FALSE(usages[3]);
}

TEST(CataloguedUsage, DoesNotGuessForAnExternalSnapshot) {
    CataloguedHost host;
    host.create("a");
    SnapshotRecord &record = host.catalog.contents[CataloguedHost::kKey].snapshots.at("a");
    record.disks[0].kind = DiskSnapshotKind::External;
    const auto usage = usage_of(host, "a");
    ASSERT_FALSE(usage);
    EXPECT_EQ(usage.error().code, ErrorCode::NotImplemented);
}

TEST(CataloguedRebuild, WritesLostRecordsAgainFromTheCopies) {
    CataloguedHost host;
    grow_tree(host);
    const std::vector<std::string> before = host.names();
    const SnapshotRecord c = host.record("c");
    host.catalog.contents.clear();
    auto told = host.catalogued.rebuild(host.subject(), true);
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->count, 4);
    EXPECT_THAT(host.names(), IsEmpty());
    const auto rebuilt = host.catalogued.rebuild(host.subject(), false);
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->count, 4);
    EXPECT_EQ(host.names(), before);
    EXPECT_EQ(host.record("c"), c);
    EXPECT_EQ(host.parent("c"), "b");
    host.revert("b");
}

TEST(CataloguedDelete, LeavesTheTreeWhenItIsRefused) {
    CataloguedHost host;
    host.create("a");
    host.create("b");
    host.create("c");
    ASSERT_TRUE(host.records.set_current(CataloguedHost::kKey, "b"));
    host.disk_images.before = [](const std::string &) {
        return Status(fail(ErrorCode::NotReady, "in use"));
    };
    host.live_disks.before = [](const std::string &) {
        return Status(fail(ErrorCode::NotReady, "in use"));
    };
    const auto r = host.catalogued.remove(host.subject(), "b", {}, false);
    host.disk_images.before = nullptr;
    host.live_disks.before = nullptr;
    ASSERT_FALSE(r);
    EXPECT_THAT(host.names(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(host.parent("c"), "b");
    EXPECT_EQ(host.current(), "b");
}

TEST(CataloguedDelete, RefusesWhatBecameCurrentBeforeItHadTheLock) {
    CataloguedHost host;
    const SnapshotRecord a = host.create("a");
    host.create("b");
    host.catalog.before = [&](const std::string &method) {
        if (method == "lock")
            host.catalog.contents[CataloguedHost::kKey].record->current_id = a.id;
        return Status();
    };
    const auto refused = host.catalogued.remove(host.subject(), "a", {.keep_current = true}, false);
    host.catalog.before = nullptr;
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("snapshot 'a': it is the current snapshot"));
    EXPECT_THAT(host.names(), ElementsAre("a", "b"));
    EXPECT_TRUE(host.memory_store.images.contains(a.memory->path));
}

TEST(CataloguedDelete, LeavesTheMemoryImageWhenItIsRefused) {
    CataloguedHost host;
    const SnapshotRecord made = host.create("a");
    host.power_off();
    host.image_users.users[FakeHost::kDiskB] = {{4711, "qemu-nbd", true}};
    const auto refused = host.catalogued.remove(host.subject(), "a", {}, false);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("4711"));
    EXPECT_TRUE(host.memory_store.images.contains(made.memory->path));
    EXPECT_EQ(host.images.at(FakeHost::kDiskA).tags.size(), 1U);
}

TEST(CataloguedDelete, IsRefusedAsADryRunWhereItIsRefused) {
    CataloguedHost host;
    host.create("a", internal_disks_alone());
    host.power_off();
    host.image_users.users[FakeHost::kDiskA] = {{4711, "qemu-nbd", true}};
    const Subject s = host.subject();
    const auto dry = host.catalogued.remove(s, "a", {}, true);
    const auto real = host.catalogued.remove(s, "a", {}, false);
    EXPECT_EQ(dry.has_value(), real.has_value()) << (real ? "" : real.error().message);
}

TEST(CataloguedRebuild, FindsTheCopiesOfADomainThatHasAnotherUuidByNow) {
    CataloguedHost host;
    host.create("a");
    Domain again = host.g1().domain;
    host.power_off();
    host.catalog.contents.clear();
    again.uuid = "11111111-2222-4333-8444-555555555555";
    again.config_json.clear();
    const DomainId domid = host.toolstack.add(again);
    const auto rebuilt = host.catalogued.rebuild({domid, again.uuid, {}}, false);
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->count, 1);
    EXPECT_THAT(host.names(), ElementsAre("a")) << "under the key that it had";
    DomainFinder finder{host.toolstack, host.catalog};
    EXPECT_EQ(finder.find("g1")->match.uuid, CataloguedHost::kKey);
}

TEST(CataloguedRebuild, KeepsTheCopyWhenTheRecordCannotBeWritten) {
    CataloguedHost host;
    host.create("a");
    auto &d = host.catalog.contents[CataloguedHost::kKey];
    d.snapshots.erase("a");
    d.broken.insert("a");
    host.catalog.fail_next("replace", {ErrorCode::Fail, "No space left on device"});
    EXPECT_FALSE(host.catalogued.rebuild(host.subject(), false));
    const auto again = host.catalogued.rebuild(host.subject(), false);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->count, 1) << "the copy went with the broken record";
}

TEST(CataloguedRebuild, WritesTheRecordOfTheDomainAgain) {
    CataloguedHost host;
    host.create("a");
    host.catalog.contents[CataloguedHost::kKey].record_is_broken = true;
    const auto r = host.catalogued.rebuild(host.subject(), false);
    EXPECT_TRUE(r) << r.error().message;
}

TEST(CataloguedRebuild, LeavesARecordOfTheDomainThatANewerProgramWrote) {
    CataloguedHost host;
    host.create("a");
    auto &domain = host.catalog.contents[CataloguedHost::kKey];
    domain.snapshots.clear();
    domain.record_is_broken = domain.record_is_newer = true;
    for (const bool dry_run : {true, false}) {
        const auto refused = host.catalogued.rebuild(host.subject(), dry_run);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
        EXPECT_THAT(refused.error().message, HasSubstr("of a newer xlsnap"));
        EXPECT_TRUE(domain.record_is_broken) << "it was written";
        EXPECT_THAT(domain.snapshots, IsEmpty());
    }
}

TEST(CataloguedRebuild, IsRecommendedForARecordOfTheDomainThatItReplaces) {
    CataloguedHost host;
    host.create("a");
    auto &domain = host.catalog.contents[CataloguedHost::kKey];
    domain.record_is_broken = true;
    const auto broken = host.records.current(CataloguedHost::kKey);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::Invalid);
    EXPECT_THAT(broken.error().message, HasSubstr("xlsnap rebuild"));
    domain.record_is_newer = true;
    const auto newer = host.records.current(CataloguedHost::kKey);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, ErrorCode::Invalid);
    EXPECT_THAT(newer.error().message,
                AllOf(HasSubstr("of a newer xlsnap"), Not(HasSubstr("xlsnap rebuild"))));
}

// Another process has rebuilt it while this one waited for the lock.
TEST(CataloguedDelete, OfABrokenRecordLeavesOneThatIsRepairedMeanwhile) {
    CataloguedHost host;
    host.create("a");
    auto &domain = host.catalog.contents[CataloguedHost::kKey];
    domain.broken.insert("b");
    const SnapshotRecord repaired = domain.snapshots.at("a");
    host.catalog.before = [&](const std::string &method) -> Status {
        if (method == "lock") {
            domain.broken.clear();
            domain.snapshots["b"] = repaired;
        }
        return {};
    };
    const auto refused =
        host.catalogued.remove(host.subject(), "b", {.metadata_only = true}, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotReady);
    EXPECT_EQ(domain.snapshots.count("b"), 1U);
}

TEST(CataloguedDelete, OfABrokenRecordThatMayBeTheCurrentOneIsRefusedWhenThatIsToStay) {
    CataloguedHost host;
    host.create("a");
    auto &domain = host.catalog.contents[CataloguedHost::kKey];
    domain.broken.insert("b");
    const DeletionWish wish{.metadata_only = true, .keep_current = true};
    domain.record->current_id = "ffffffffffffffff"; // of no record that can be read
    EXPECT_FALSE(host.catalogued.remove(host.subject(), "b", wish, false));
    EXPECT_EQ(domain.broken.count("b"), 1U);
    domain.record->current_id = host.record("a").id;
    EXPECT_TRUE(host.catalogued.remove(host.subject(), "b", wish, false));
}

TEST(CataloguedImport, MakesNoTwoRecordsOfTheSameData) {
    CataloguedHost host;
    const auto a = host.create("a");
    SnapshotXml xml;
    xml.name = "b";
    xml.state = XmlState::Running;
    xml.creation_time = 5;
    xml.memory = XmlMemory::External;
    xml.memory_path = a.memory->path;
    XmlExtension ext;
    ext.state = SnapshotState::Running;
    ext.memory_bytes = a.memory->bytes;
    ext.memory_sha256 = a.memory->sha256;
    ext.disks = a.disks;
    xml.extension = ext;
    for (const char *vdev : {"xvda", "xvdb"}) {
        XmlDisk disk;
        disk.name = vdev;
        disk.kind = DiskSnapshotKind::Internal;
        xml.disks.push_back(disk);
    }
    const auto refused = host.catalogued.import(host.subject(), xml, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("is that of snapshot 'a'"));
    xml.name = "a";
    xml.description = "described anew";
    const auto imported = host.catalogued.import(host.subject(), xml, false);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(host.record("a").description, "described anew");
    EXPECT_EQ(host.record("a").id, a.id);
}

} // namespace

} // namespace xlsnap::test
