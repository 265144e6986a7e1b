// SPDX-License-Identifier: LGPL-2.1-only
// External snapshots whose records the caller keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/inactive_snapshots.hpp"
#include "engine/overlaid_host.hpp"
#include "engine/stateless_removal.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *kBaseA = FakeHost::kDiskA;
constexpr const char *kOverlay1 = "/images/a.s1.qcow2";
constexpr const char *kOverlay2 = "/images/a.s2.qcow2";
constexpr const char *kMuch = "a content of more bytes than any other here";

// The disk xvda has external snapshots; xvdb is detached.
class StatelessHost : public OverlaidHost {
  public:
    explicit StatelessHost(GuestKind kind = {}) : OverlaidHost(kind) { detach("xvdb"); }

    static SnapshotRequest about(const std::string &image, const std::string &overlay,
                                 const std::string &name = "s1") {
        DiskRequest disk{"xvda", image, name, true, DiskFormat::Qcow2, overlay};
        SnapshotRequest request;
        request.disks = {disk};
        return request;
    }
    std::optional<DomainId> domid() { return subject().domid; }

    void write(const std::string &content) {
        if (domid())
            guest_writes(content);
        else
            images.at(last_).content = content;
    }
    void snapshot(const std::string &image, const std::string &overlay) {
        const SnapshotRequest request = about(image, overlay);
        const Status made =
            domid() ? service.create(*domid(), request)
                    : InactiveSnapshots(ports(), [] { return std::string("1"); }).create(request);
        ASSERT_TRUE(made) << made.error().message;
        last_ = overlay;
    }
    void stop() {
        last_ = image_of("xvda");
        power_off();
    }
    Status remove(const SnapshotRequest &request) { return removal.remove(domid(), request); }
    void expect_removed(const SnapshotRequest &request) {
        const Status removed = remove(request);
        ASSERT_TRUE(removed) << removed.error().message;
    }
    std::string refusal(const SnapshotRequest &request) {
        const std::vector<std::string> before = files();
        const Status refused = remove(request);
        EXPECT_EQ(files(), before);
        return refused ? "it was not refused" : refused.error().message;
    }
    // Of xvda alone; FakeHost's other image is there all the time.
    std::vector<std::string> images_of_xvda() {
        std::vector<std::string> paths = files();
        std::erase(paths, kDiskB);
        return paths;
    }

    StatelessRemoval removal{ports(), catalog, [] { return std::string("1"); },
                             [](std::chrono::milliseconds) {}};

  private:
    std::string last_;
};

DiskRecord disk_record(DiskSnapshotKind kind, const std::string &path) {
    DiskRecord disk;
    disk.vdev = "xvda";
    disk.kind = kind;
    disk.path = path;
    disk.format = DiskFormat::Qcow2;
    return disk;
}

// kBaseA <- kOverlay1 <- kOverlay2, in which the domain goes on.
void grow(StatelessHost &host, const std::string &at_1, const std::string &at_2,
          const std::string &now) {
    host.write(at_1);
    host.snapshot(kBaseA, kOverlay1);
    host.write(at_2);
    host.snapshot(kOverlay1, kOverlay2);
    host.write(now);
}

TEST(StatelessRemoval, MovesWhatTheGuestHasWrittenDownWhenThatIsLess) {
    StatelessHost host;
    host.write(kMuch);
    host.snapshot(kBaseA, kOverlay1);
    host.write("2");
    host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
    EXPECT_THAT(host.wrong_with("2"), IsEmpty());
    EXPECT_EQ(host.image_of("xvda"), kBaseA);
    EXPECT_THAT(host.images_of_xvda(), ElementsAre(kBaseA));
    EXPECT_THAT(host.log.infos, Contains(AllOf(HasSubstr("disk xvda"), HasSubstr(kBaseA))));
}

TEST(StatelessRemoval, MovesWhatLiesBelowUpAndRemovesNoImageThatSomebodyMade) {
    StatelessHost host;
    host.write("1");
    host.snapshot(kBaseA, kOverlay1);
    host.write(kMuch);
    host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
    EXPECT_THAT(host.wrong_with(kMuch), IsEmpty());
    EXPECT_EQ(host.image_of("xvda"), kOverlay1);
    EXPECT_EQ(host.images.at(kOverlay1).backing, "");
    EXPECT_THAT(host.images_of_xvda(), ElementsAre(kBaseA, kOverlay1));
    EXPECT_THAT(host.log.warnings, Contains(AllOf(HasSubstr(kBaseA), HasSubstr("--rewrite"))));
}

TEST(StatelessRemoval, KeepsWhatEverybodyElseReadsWhereverTheDataGo) {
    for (const bool runs : {true, false})
        for (const bool first : {true, false})
            for (const auto &[at_1, at_2, now] :
                 {std::tuple{"1", "22", "333"}, std::tuple{kMuch, "22", "3"},
                  std::tuple{"1", kMuch, "3"}, std::tuple{"22", "1", kMuch}}) {
                StatelessHost host;
                grow(host, at_1, at_2, now);
                if (!runs)
                    host.stop();
                host.expect_removed(first ? StatelessHost::about(kBaseA, kOverlay1)
                                          : StatelessHost::about(kOverlay1, kOverlay2));
                const std::string what = fmt::format("{} {} {}", runs, first, at_1);
                const std::string active = runs ? host.image_of("xvda")
                                           : host.images.find(kOverlay2) != nullptr ? kOverlay2
                                                                                    : kOverlay1;
                EXPECT_EQ(host.images.read(active), now) << what;
                const std::string kept = first ? host.images.at(active).backing : kBaseA;
                EXPECT_EQ(host.images.read(kept), first ? at_2 : at_1) << what;
            }
}

TEST(StatelessRemoval, TellsWhichImageADomainHasThatDoesNotRun) {
    StatelessHost host;
    host.write(kMuch);
    host.snapshot(kBaseA, kOverlay1);
    host.write("2");
    host.stop();
    host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
    EXPECT_EQ(host.images.read(kBaseA), "2");
    EXPECT_THAT(host.images_of_xvda(), ElementsAre(kBaseA));
    EXPECT_THAT(host.log.tasks, ElementsAre(AllOf(HasSubstr(kBaseA), HasSubstr("xl.cfg"))));
}

TEST(StatelessRemoval, TakesTheImageThatTheOverlayStandsOnWhenNobodyNamesIt) {
    StatelessHost host;
    grow(host, kMuch, "2", "333");
    host.expect_removed(StatelessHost::about("", kOverlay1));
    EXPECT_THAT(host.wrong_with("333"), IsEmpty());
    EXPECT_EQ(host.images.at(kOverlay2).backing, kBaseA);
    EXPECT_EQ(host.images.read(kBaseA), "2");
}

TEST(StatelessRemoval, CanBeRepeatedAndSaysWhatWasGone) {
    for (const char *at_1 : {"1", kMuch}) {
        StatelessHost host;
        host.write(at_1);
        host.snapshot(kBaseA, kOverlay1);
        host.write("22");
        host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
        host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
        EXPECT_THAT(host.wrong_with("22"), IsEmpty());
        EXPECT_THAT(host.log.infos, Contains(HasSubstr("gone already")));
    }
}

TEST(StatelessRemoval, DeletesMemoryAndTagsOfTheSameSnapshotToo) {
    StatelessHost host;
    host.live_disks.attach(*host.domid(), "xvdb-qcow2", FakeHost::kDiskB);
    Domain &domain = host.g1().domain;
    domain.disks.push_back(domain.disks.front());
    domain.disks.back().vdev = "xvdb";
    domain.disks.back().path = FakeHost::kDiskB;
    SnapshotRequest request = StatelessHost::about(kBaseA, kOverlay1);
    request.memory = true;
    request.memory_path = FakeHost::kMemoryPath;
    request.disks.push_back({"xvdb", "", "s1", false});
    ASSERT_TRUE(host.service.create(*host.domid(), request));
    host.guest_writes("2");
    host.expect_removed(request);
    EXPECT_THAT(host.leftovers(), IsEmpty());
    EXPECT_EQ(host.disks_hold(), "2");
}

TEST(StatelessRemovalRefuses, AnImageThatAnotherOneStandsOnToo) {
    for (const bool runs : {true, false})
        for (const char *at_1 : {"1", kMuch}) {
            StatelessHost host;
            host.write(at_1);
            host.snapshot(kBaseA, kOverlay1);
            host.write("22");
            if (!runs)
                host.stop();
            FakeImage &other = host.images.add("/images/other.qcow2", "");
            other.backing = kBaseA;
            other.backing_format = DiskFormat::Qcow2;
            EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                        AllOf(HasSubstr("/images/other.qcow2"), HasSubstr(kBaseA)));
            EXPECT_EQ(host.images.read("/images/other.qcow2"), at_1);
            EXPECT_EQ(host.images.read(kOverlay1), "22");
        }
}

// Its name is one that QEMU would parse.
TEST(StatelessRemovalRefuses, AnImageThatTheNameOfAnothersBackingFileHides) {
    StatelessHost host;
    host.snapshot(kBaseA, kOverlay1);
    host.images.add("/images/other.qcow2", "").backing =
        "json:{\"file.filename\":\"/images/a.qcow2\"}";
    EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                HasSubstr("/images/other.qcow2"));
}

TEST(StatelessRemovalRefuses, AnImageOfASnapshotInTheCatalogOfAnyDomain) {
    for (const DiskSnapshotKind kind : {DiskSnapshotKind::External, DiskSnapshotKind::Internal})
        for (const char *path : {kBaseA, kOverlay1}) {
            StatelessHost host;
            host.snapshot(kBaseA, kOverlay1);
            FakeCatalog::Domain &other = host.catalog.contents["another"];
            other.record.emplace().uuid = "another";
            other.record->name = "g2";
            SnapshotRecord &record = other.snapshots["kept"];
            record.name = "kept";
            record.disks.push_back(disk_record(kind, path));
            EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                        AllOf(HasSubstr(path), HasSubstr("'kept' of domain g2"),
                              HasSubstr("xlsnap delete")));
        }
}

TEST(StatelessRemovalRefuses, WhenARecordThatMayNeedTheImageIsBroken) {
    StatelessHost host;
    host.snapshot(kBaseA, kOverlay1);
    FakeCatalog::Domain &other = host.catalog.contents["another"];
    other.record.emplace().uuid = "another";
    other.broken.insert("kept");
    EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)), HasSubstr("rebuild"));
}

TEST(StatelessRemovalRefuses, AnOverlayThatHoldsTags) {
    for (const char *at_1 : {"1", kMuch}) {
        StatelessHost host;
        host.write(at_1);
        host.snapshot(kBaseA, kOverlay1);
        SnapshotRequest tag;
        tag.disks = {{"xvda", "", "t", false}};
        ASSERT_TRUE(host.service.create(*host.domid(), tag));
        EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                    AllOf(HasSubstr("tags"), HasSubstr(kOverlay1)));
    }
}

TEST(StatelessRemovalRefuses, AnImageThatSomebodyElseHasOpen) {
    for (const bool runs : {true, false}) {
        StatelessHost host;
        host.snapshot(kBaseA, kOverlay1);
        if (!runs)
            host.stop();
        host.image_users.users[kBaseA].push_back({4711, "qemu-nbd", false});
        EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                    AllOf(HasSubstr("qemu-nbd (pid 4711)"), HasSubstr(kBaseA)));
    }
}

TEST(StatelessRemovalRefuses, ADomainThatIsNotSaidToRun) {
    StatelessHost host;
    host.snapshot(kBaseA, kOverlay1);
    const Status refused = host.removal.remove({}, StatelessHost::about(kBaseA, kOverlay1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotReady);
    EXPECT_THAT(refused.error().message, HasSubstr("name the domain"));
}

TEST(StatelessRemovalRefuses, TheOverlayThatTheDomainHasLeftForTheImageBelow) {
    StatelessHost host;
    FakeImage &overlay = host.images.add(kOverlay1, "old");
    overlay.backing = kBaseA;
    overlay.backing_format = DiskFormat::Qcow2;
    EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)),
                HasSubstr("the domain writes to /images/a.qcow2"));
    EXPECT_EQ(host.images.read(kBaseA), FakeHost::kAtCreate);
}

TEST(StatelessRemovalRefuses, TheLayersOfAGuestWithTwinNodes) {
    StatelessHost host({GuestType::Hvm, true});
    host.snapshot(kBaseA, kOverlay1);
    host.live_disks.attach(*host.domid(), "#block-xvda", kOverlay1);
    EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)), HasSubstr("unplugged"));
}

TEST(StatelessRemovalRefuses, WhatMayNotFitBeforeTheMemoryImageIsRemoved) {
    StatelessHost host;
    SnapshotRequest request = StatelessHost::about(kBaseA, kOverlay1);
    request.memory = true;
    request.memory_path = FakeHost::kMemoryPath;
    ASSERT_TRUE(host.service.create(*host.domid(), request));
    host.image_chains.free = 0;
    EXPECT_THAT(host.refusal(request), HasSubstr("make room"));
    EXPECT_EQ(host.memory_store.images.size(), 1U);
}

// Another one's image, which may be in use where nobody sees it, stays as it is.
TEST(StatelessRemoval, MovesNoDataDownBelowAnImageOfTheCatalog) {
    StatelessHost host;
    grow(host, kMuch, "2", "333");
    FakeCatalog::Domain &other = host.catalog.contents["another"];
    other.record.emplace().uuid = "another";
    SnapshotRecord &record = other.snapshots["kept"];
    record.name = "kept";
    record.disks.push_back(disk_record(DiskSnapshotKind::External, kOverlay2));
    host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
    EXPECT_EQ(host.images.at(kOverlay2).backing, kOverlay1);
    EXPECT_EQ(host.images.at(kOverlay1).backing, "");
    EXPECT_EQ(host.images.read(kOverlay1), "2");
}

bool is_said(const Status &failed, const std::string &words) {
    return failed.error().message.find(words) != std::string::npos;
}

// Each call fails once: the guest runs and reads what it did, and the same deletion ends it.
TEST(StatelessRemoval, SurvivesTheFailureOfEachCall) {
    for (const bool runs : {true, false})
        for (const char *at_1 : {"1", kMuch})
            for (std::size_t index = 0;; ++index) {
                StatelessHost host;
                host.write(at_1);
                host.snapshot(kBaseA, kOverlay1);
                host.write("22");
                if (!runs)
                    host.stop();
                host.fail_call(index);
                const Status removed = host.remove(StatelessHost::about(kBaseA, kOverlay1));
                const std::string call = fmt::format("{} {} {}", runs, at_1, host.failed_call());
                const bool was_reached = !host.failed_call().empty();
                host.fail_call(SIZE_MAX);
                const auto active = [&]() -> std::string {
                    if (runs)
                        return host.image_of("xvda");
                    return host.images.find(kOverlay1) != nullptr ? kOverlay1 : kBaseA;
                };
                EXPECT_EQ(host.images.read(active()), "22") << call;
                if (runs) {
                    EXPECT_THAT(host.wrong_with("22"), IsEmpty()) << call;
                }
                if (!was_reached) {
                    EXPECT_TRUE(removed);
                    break;
                }
                const Status again = host.remove(StatelessHost::about(kBaseA, kOverlay1));
                // When only the last looks fail, the overlay is left, which both messages can tell.
                const bool is_told =
                    !removed && !again &&
                    (is_said(removed, "so remove it") || is_said(again, "may be removed"));
                EXPECT_TRUE(again || is_told) << call << ": " << again.error().message;
                EXPECT_EQ(host.images.read(active()), "22") << call;
            }
}

// No snapshot with records is made of an image that goes.
TEST(StatelessRemoval, HasTheLockOfTheDomainWhileItMerges) {
    StatelessHost host;
    host.write("1");
    host.snapshot(kBaseA, kOverlay1);
    bool merged = false;
    host.live_disks.before = [&](const std::string &method) -> Status {
        merged = merged || method == "start_job";
        EXPECT_TRUE(host.catalog.locked.contains(CataloguedHost::kKey));
        return {};
    };
    host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
    EXPECT_TRUE(merged);
    EXPECT_THAT(host.catalog.locked, IsEmpty());
    EXPECT_FALSE(host.catalog.contents.contains(CataloguedHost::kKey)) << "nothing is left of it";
}

TEST(StatelessRemoval, WaitsForWhoeverChangesTheDomainsCatalog) {
    StatelessHost host;
    host.write("1");
    host.snapshot(kBaseA, kOverlay1);
    host.catalog.locked_by_another[CataloguedHost::kKey] = "xlsnap create";
    EXPECT_THAT(host.refusal(StatelessHost::about(kBaseA, kOverlay1)), HasSubstr("xlsnap create"));
    EXPECT_THAT(host.wrong_with("1"), IsEmpty());
}

TEST(StatelessRemoval, HasTheLockOfADomainThatDoesNotRunAndHasTheImage) {
    for (const char *known : {kBaseA, kOverlay1}) {
        StatelessHost host;
        host.write("1");
        host.snapshot(kBaseA, kOverlay1);
        host.stop();
        DomainRecord &record = host.catalog.contents[CataloguedHost::kKey].record.emplace();
        record.uuid = CataloguedHost::kKey;
        record.active_layers = {{"xvda", known}};
        host.catalog.contents["other"].record.emplace().uuid = "other";
        host.catalog.locked_by_another["other"] = "xlsnap create";
        bool merged = false;
        host.image_chains.before = [&](const std::string &method) -> Status {
            if (method == "commit" || method == "stream")
                merged = host.catalog.locked.contains(CataloguedHost::kKey);
            return {};
        };
        host.expect_removed(StatelessHost::about(kBaseA, kOverlay1));
        EXPECT_TRUE(merged) << known;
    }
}

} // namespace

} // namespace xlsnap::test
