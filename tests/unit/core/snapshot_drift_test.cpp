// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/snapshot_drift.hpp"
#include "snapshot_records.hpp"

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
constexpr ImageMark kFile{1, 100, 4096, 77};
constexpr ImageMark kOtherFile{1, 200, 4096, 77};
constexpr ImageMark kBlockDevice{64, 0, 4096, std::nullopt};

// xvda takes part, xvdb is left out.
SnapshotRecord of_two_disks(bool memory) {
    SnapshotRecord record = make_record("s1", "", 1);
    if (!memory)
        record.memory.reset();
    record.disks = {make_disk_record("xvda", "/a", DiskSnapshotKind::Internal),
                    make_disk_record("xvdb", "/b", DiskSnapshotKind::None)};
    for (DiskRecord &disk : record.disks) {
        disk.mark = kFile;
        disk.virtual_bytes = 1000;
    }
    return record;
}

const SnapshotRecord kWithMemory = of_two_disks(true);
const SnapshotRecord kDisksAlone = of_two_disks(false);

DiskNow present(const std::string &vdev, const std::string &path) {
    return DiskNow{vdev, path, 1000, true, kFile};
}

std::vector<DiskNow> unchanged() {
    return {present("xvda", "/a"), present("xvdb", "/b")};
}

std::string drift_told(const Refusals &refusals) {
    const Status status = refusals.status();
    return status ? std::string() : status.error().message;
}

void expect_nothing(const SnapshotRecord &record, const std::vector<DiskNow> &now,
                    const std::vector<DomainImage> &own = {}) {
    const SnapshotDrift drift = drift_since(record, now, own);
    EXPECT_EQ(drift_told(drift.firm), "");
    EXPECT_EQ(drift_told(drift.forcible), "");
    EXPECT_THAT(drift.brought_back, IsEmpty());
}

void expect_firm(const SnapshotRecord &record, const std::vector<DiskNow> &now,
                 const ::testing::Matcher<std::string> &reason) {
    const SnapshotDrift drift = drift_since(record, now);
    EXPECT_THAT(drift_told(drift.firm), reason);
    EXPECT_EQ(drift_told(drift.forcible), "");
}

void expect_forcible(const SnapshotRecord &record, const std::vector<DiskNow> &now,
                     const ::testing::Matcher<std::string> &reason) {
    const SnapshotDrift drift = drift_since(record, now);
    EXPECT_EQ(drift_told(drift.firm), "");
    EXPECT_THAT(drift_told(drift.forcible), reason);
}

TEST(SnapshotDrift, TellsNothingWhenNothingChanged) {
    expect_nothing(kWithMemory, unchanged());
    expect_nothing(kDisksAlone, unchanged());
}

// The guest goes on writing to it: the tag brings back what it held.
TEST(SnapshotDrift, DoesNotCareWhatWasWrittenToADiskThatTakesPart) {
    std::vector<DiskNow> now = unchanged();
    now[0].mark = ImageMark{1, 100, 8192, 99};
    expect_nothing(kWithMemory, now);
}

TEST(SnapshotDrift, NamesADiskThatAMemoryImageWouldTakeAway) {
    std::vector<DiskNow> now = unchanged();
    now.push_back(present("xvdc", "/c"));
    expect_forcible(kWithMemory, now,
                    AllOf(HasSubstr("disk xvdc (/c) was attached since"), HasSubstr("detach it")));
    expect_nothing(kDisksAlone, now);
}

TEST(SnapshotDrift, SaysThatAMemoryImageBringsADiskBackWithWhatItHeld) {
    const std::vector<DiskNow> now = {present("xvdb", "/b")};
    expect_forcible(kWithMemory, now,
                    AllOf(HasSubstr("disk xvda (/a) was detached since, and the domain will have "
                                    "it again, with what it held then"),
                          HasSubstr("attach it first")));
    EXPECT_THAT(drift_since(kWithMemory, now).brought_back, ElementsAre("/a"));
}

TEST(SnapshotDrift, NamesADiskThatIsNotRevertedWithTheOthers) {
    expect_forcible(kDisksAlone, {present("xvdb", "/b")},
                    HasSubstr("disk xvda (/a) was detached since, and will stay as it is"));
}

TEST(SnapshotDrift, NamesADiskThatAMemoryImageBringsBack) {
    const std::vector<DiskNow> now = {present("xvda", "/a")};
    expect_forcible(kWithMemory, now, HasSubstr("disk xvdb (/b) was detached since"));
    EXPECT_THAT(drift_since(kWithMemory, now).brought_back, ElementsAre("/b"));
    expect_nothing(kDisksAlone, now);
}

TEST(SnapshotDrift, NamesOldAndNewSize) {
    std::vector<DiskNow> now = unchanged();
    now[0].virtual_bytes = 2000;
    const auto reason = HasSubstr("disk xvda had 1000 bytes, now it has 2000");
    expect_forcible(kWithMemory, now, reason);
    expect_forcible(kDisksAlone, now, reason);
}

TEST(SnapshotDrift, NamesTheSizeOfADiskLeftOutOnlyWhenThereIsMemory) {
    std::vector<DiskNow> now = unchanged();
    now[1].virtual_bytes = 500;
    expect_forcible(kWithMemory, now,
                    HasSubstr("disk xvdb was left out of the snapshot and had "
                              "1000 bytes, now it has 500"));
    expect_nothing(kDisksAlone, now);
}

TEST(SnapshotDrift, ComparesNoSizeThatIsNotKnown) {
    std::vector<DiskNow> now = unchanged();
    now[0].virtual_bytes = 0;
    expect_nothing(kWithMemory, now);
    SnapshotRecord record = kWithMemory;
    record.disks[0].virtual_bytes = 0;
    expect_nothing(record, unchanged());
}

// libxl opens the path that the memory image names.
TEST(SnapshotDrift, RefusesMemoryOverAnImageThatMoved) {
    const std::vector<DiskNow> now = {present("xvda", "/new/a"), present("xvdb", "/b")};
    expect_firm(kWithMemory, now, HasSubstr("disk xvda was moved from /a to /new/a"));
    expect_nothing(kDisksAlone, now);
}

TEST(SnapshotDrift, TellsAnotherImageFromAMovedOne) {
    std::vector<DiskNow> now = {present("xvda", "/z"), present("xvdb", "/b")};
    for (const std::optional<ImageMark> &mark :
         {std::optional(kOtherFile), std::optional(ImageMark{2, 100, 4096, 77}),
          std::optional<ImageMark>()}) {
        now[0].mark = mark;
        expect_forcible(kWithMemory, now,
                        HasSubstr("disk xvda was /a when the snapshot was made, now it is /z; the "
                                  "domain will have /a again, with what it held then"));
        EXPECT_THAT(drift_since(kWithMemory, now).brought_back, ElementsAre("/a"));
        expect_forcible(kDisksAlone, now, HasSubstr("now it is /z; unless that is a copy"));
    }
}

TEST(SnapshotDrift, TakesNoMarkForTheSameWhenNoneWasKept) {
    SnapshotRecord record = kDisksAlone;
    record.disks[0].mark = ImageMark();
    std::vector<DiskNow> now = {present("xvda", "/z")};
    now[0].mark = ImageMark();
    expect_forcible(record, now, HasSubstr("now it is /z"));
}

TEST(SnapshotDrift, NamesAnotherImageOfADiskLeftOut) {
    std::vector<DiskNow> now = {present("xvda", "/a"), present("xvdb", "/z")};
    now[1].mark = kOtherFile;
    expect_forcible(kWithMemory, now, HasSubstr("the domain will have /b again, and lose /z"));
    expect_nothing(kDisksAlone, now);
}

TEST(SnapshotDrift, ExpectsTheDomainOnAnotherImageAfterAnExternalSnapshot) {
    SnapshotRecord record = kWithMemory;
    record.disks[0].kind = DiskSnapshotKind::External;
    record.disks[0].overlay = "/a.s1";
    std::vector<DiskNow> now = {present("xvda", "/a.s1"), present("xvdb", "/b")};
    now[0].mark = kOtherFile;
    expect_nothing(record, now, {{.path = "/a"}, {.path = "/a.s1"}});
    for (const std::vector<DomainImage> &own :
         {std::vector<DomainImage>(), {{.path = "/a"}, {.path = "/a.s2"}}}) {
        const SnapshotDrift drift = drift_since(record, now, own);
        EXPECT_THAT(drift_told(drift.forcible),
                    HasSubstr("disk xvda was /a when the snapshot was made"));
    }
}

TEST(SnapshotDrift, CountsALeftOutDiskThatHasGotAnOverlayAsWritten) {
    std::vector<DiskNow> now = {present("xvda", "/a"), present("xvdb", "/b.s1")};
    const SnapshotDrift drift = drift_since(kWithMemory, now, {{.path = "/b"}, {.path = "/b.s1"}});
    EXPECT_THAT(drift_told(drift.forcible),
                HasSubstr("disk xvdb (/b.s1) was left out of the snapshot and written to"));
    EXPECT_THAT(drift.brought_back, IsEmpty());
}

TEST(SnapshotDrift, NamesADiskLeftOutThatWasWrittenSince) {
    for (const ImageMark &mark :
         {ImageMark{1, 100, 4096, 78}, ImageMark{1, 100, 8192, 77}, ImageMark{1, 101, 4096, 77}}) {
        std::vector<DiskNow> now = unchanged();
        now[1].mark = mark;
        expect_forcible(kWithMemory, now,
                        HasSubstr("disk xvdb (/b) was left out of the snapshot and written to"));
        expect_nothing(kDisksAlone, now);
    }
}

TEST(SnapshotDrift, KnowsADiskLeftOutAgainAfterABootOfDom0) {
    std::vector<DiskNow> now = unchanged();
    now[1].mark = ImageMark{9, 100, 4096, 77};
    expect_nothing(kWithMemory, now);
}

TEST(SnapshotDrift, SaysWhenNobodyCanTellWhetherADiskWasWritten) {
    std::vector<DiskNow> now = unchanged();
    now[1].mark.reset();
    const auto reason = HasSubstr("disk xvdb (/b) was left out of the snapshot, and nobody can "
                                  "tell");
    expect_forcible(kWithMemory, now, reason);
    SnapshotRecord record = kWithMemory;
    record.disks[1].mark = kBlockDevice;
    now[1].mark = kBlockDevice;
    expect_forcible(record, now, reason);
    now[1].mark = kFile;
    expect_forcible(record, now, reason);
}

TEST(SnapshotDrift, DoesNotAskWhoWroteToADiskThatTheGuestCannotWrite) {
    SnapshotRecord record = kWithMemory;
    record.disks[1].writable = false;
    std::vector<DiskNow> now = unchanged();
    now[1].mark = kOtherFile;
    now[1].writable = false;
    expect_nothing(record, now);
    now[1].writable = true;
    expect_forcible(record, now, HasSubstr("disk xvdb"));
}

TEST(SnapshotDrift, TellsOfAllDisksAtOnce) {
    const SnapshotDrift drift =
        drift_since(kWithMemory, {present("xvdc", "/c"), present("xvdd", "/d")});
    EXPECT_THAT(drift_told(drift.forcible),
                AllOf(HasSubstr("xvda"), HasSubstr("xvdb"), HasSubstr("xvdc"), HasSubstr("xvdd")));
}

} // namespace

} // namespace xlsnap
