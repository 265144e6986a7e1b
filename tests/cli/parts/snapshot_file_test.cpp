// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/snapshot_file.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/described_snapshot.hpp"
#include "cli/parts/snapshot_list.hpp"

namespace xlsnap::cli {
namespace {

using test::malloced;
using test::OwnedSnapshot;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::StrEq;
using ::testing::ThrowsMessage;

constexpr auto kInternal = LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
constexpr auto kExternal = LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
constexpr auto kNone = LIBXL_DISK_SNAPSHOT_KIND_NONE;
constexpr auto kDefault = LIBXL_DISK_SNAPSHOT_KIND_DEFAULT;

TEST(SnapshotFile, IsReadAsThe2014DesignWritesIt) {
    const SnapshotFile file = parse_snapshot_file(
        "F", "description=\"a snapshot after installation\"\n"
             "name=\"1397207577\"\n"
             "creationtime=\"1397207577\"\n"
             "save=\"1397207577.save\"\n"
             "type=\"internal\"\n"
             "live=\"no\"\n"
             "disk_only=\"no\"\n"
             "disk=[ 'hda=disk_hda.qcow2,type=qcow2', 'hdc=disk_hdc.qcow2,type=qcow2']\n");
    EXPECT_EQ(file.description, "a snapshot after installation");
    EXPECT_EQ(file.name, "1397207577");
    EXPECT_EQ(file.creation_time, 1397207577U);
    EXPECT_EQ(file.save, "1397207577.save");
    EXPECT_EQ(file.type, kInternal);
    EXPECT_FALSE(file.live);
    EXPECT_FALSE(file.disk_only);
    const std::vector<SnapshotFileDisk> disks = {{"hda", "disk_hda.qcow2", "qcow2", kDefault},
                                                 {"hdc", "disk_hdc.qcow2", "qcow2", kDefault}};
    EXPECT_EQ(file.disks, disks);
}

TEST(SnapshotFile, NeedsNoKey) {
    EXPECT_EQ(parse_snapshot_file("F", ""), SnapshotFile());
}

TEST(SnapshotFile, SaysTheKindOfADisk) {
    const SnapshotFile file =
        parse_snapshot_file("F", "type='external'\nlive='yes'\ndisk=['a,snapshot=none','b=/"
                                 "b=2,snapshot=internal,type=raw']");
    EXPECT_EQ(file.type, kExternal);
    EXPECT_TRUE(file.live);
    const std::vector<SnapshotFileDisk> disks = {{"a", "", "", kNone},
                                                 {"b", "/b=2", "raw", kInternal}};
    EXPECT_EQ(file.disks, disks);
}

struct WrongFile {
    const char *text;
    const char *told;
};

TEST(SnapshotFile, RefusesWhatIsNotAllowedAndSaysWhatIs) {
    for (const auto &[text, told] : {
             WrongFile{"\nfolder='x'", "F:2: there is no key folder; there are description, name"},
             WrongFile{"name=['x']", "F:1: name is a list"},
             WrongFile{"name=''", "F:1: name is \"\"; allowed is a text, or no such line"},
             WrongFile{"save=''", "F:1: save is \"\"; allowed is a text, or no such line"},
             WrongFile{"creationtime='today'", "allowed is a number of seconds since the epoch"},
             WrongFile{"creationtime='-1'", "F:1: creationtime is \"-1\""},
             WrongFile{"creationtime='1x'", "F:1: creationtime is \"1x\""},
             WrongFile{"creationtime='18446744073709551616'", "F:1: creationtime is"},
             WrongFile{"type='none'", "allowed is \"internal\" or \"external\""},
             WrongFile{"live='1'", "F:1: live is \"1\"; allowed is \"no\" or \"yes\""},
             WrongFile{"disk_only='maybe'", "allowed is \"no\" or \"yes\""},
             WrongFile{"disk_only='yes'\nsave='s'", "F:2: save is \"s\"; allowed is nothing with"},
             WrongFile{"disk='a=b'", "F:1: disk is no list"},
             WrongFile{"disk=[['a']]", "F:1: disk has a list in it"},
             WrongFile{"name='n'\nname='m'", "F:2: name is said twice, first in line 1"},
         })
        EXPECT_THAT([text = text] { return parse_snapshot_file("F", text); },
                    ThrowsMessage<std::runtime_error>(HasSubstr(told)))
            << text;
}

TEST(SnapshotFile, RefusesADiskThatIsNotWellSaid) {
    for (const char *entry :
         {"", "=b", "a=b,", "a=b,,type=raw", "a=b,type", "a=b,type=", "a=b,type=Raw", "a=b,c",
          "a=b,type=raw,type=raw", "a=b,snapshot=", "a=b,snapshot=default", "a=b,snapshot=x",
          "a=b,snapshot=none,snapshot=none", "a=b,format=raw"})
        EXPECT_THAT(
            [entry] { return parse_snapshot_file("F", "disk=['" + std::string(entry) + "']"); },
            ThrowsMessage<std::runtime_error>(
                AllOf(StartsWith("F:1: disk is \"" + std::string(entry) + "\""),
                      HasSubstr("VDEV[=PATH][,type=FORMAT]"))))
            << entry;
    EXPECT_THAT([] { return parse_snapshot_file("F", "disk=['a=b','a=c']"); },
                ThrowsMessage<std::runtime_error>(HasSubstr("one entry for each disk")));
}

SnapshotFile whole_file() {
    SnapshotFile file;
    file.description = "it's \"so\",\nsays \\ someone";
    file.name = "before 'upgrade'";
    file.creation_time = 1397207577;
    file.save = "1.save";
    file.type = kInternal;
    file.live = true;
    file.disks = {{"xvda", "/a 'b' \"c\"=d", "qcow2", kDefault},
                  {"xvdb", "", "", kNone},
                  {"xvdc", "c.qcow2", "", kExternal}};
    return file;
}

TEST(SnapshotFile, IsReadAgainAsItWasWritten) {
    EXPECT_EQ(parse_snapshot_file("F", to_text(whole_file())), whole_file());
    EXPECT_EQ(parse_snapshot_file("F", to_text({})), SnapshotFile());
    SnapshotFile disks_alone;
    disks_alone.disk_only = true;
    disks_alone.description = "";
    EXPECT_EQ(parse_snapshot_file("F", to_text(disks_alone)), disks_alone);
}

TEST(SnapshotFile, IsWrittenLikeXlsFiles) {
    SnapshotFile file;
    file.name = "s1";
    file.type = kExternal;
    file.disks = {{"hda", "a.qcow2", "qcow2", kDefault}, {"hdb", "", "", kNone}};
    EXPECT_EQ(to_text(file), "name=\"s1\"\n"
                             "type=\"external\"\n"
                             "live=\"no\"\n"
                             "disk_only=\"no\"\n"
                             "disk=[\n"
                             "    \"hda=a.qcow2,type=qcow2\",\n"
                             "    \"hdb,snapshot=none\" ]\n");
}

TEST(SnapshotFile, IsNotWrittenWhenItCouldNotBeReadAgain) {
    for (const SnapshotFileDisk &disk :
         {SnapshotFileDisk{"a", "/b,c", "", kDefault}, SnapshotFileDisk{"a=b", "", "", kDefault},
          SnapshotFileDisk{"", "/b", "", kDefault}, SnapshotFileDisk{"a", "", "r,w", kDefault}}) {
        SnapshotFile file;
        file.disks = {disk};
        EXPECT_THAT([&file] { return to_text(file); },
                    ThrowsMessage<std::runtime_error>(
                        AllOf(StartsWith("disk " + disk.vdev), HasSubstr("cannot hold"))));
    }
}

SnapshotFile new_file() {
    SnapshotFile file = whole_file();
    file.creation_time.reset();
    file.save.reset();
    file.disks = {{"xvda", "", "", kDefault},
                  {"xvdb", "", "", kNone},
                  {"xvdc", "c.qcow2", "qcow2", kExternal}};
    return file;
}

TEST(DescribedSnapshot, TakesOfAFileWhatANewSnapshotCanHave) {
    OwnedSnapshot snapshot;
    fill_in(*snapshot, new_file(), "/snapshots/u");
    EXPECT_THAT(snapshot->name, StrEq("before 'upgrade'"));
    EXPECT_THAT(snapshot->description, StrEq("it's \"so\",\nsays \\ someone"));
    EXPECT_TRUE(snapshot->live);
    ASSERT_EQ(snapshot->num_disks, 3);
    const libxl_domain_snapshot_disk *disks = snapshot->disks;
    EXPECT_EQ(disks[0].kind, kInternal);
    EXPECT_EQ(disks[1].kind, kNone);
    EXPECT_EQ(disks[2].kind, kExternal);
    EXPECT_THAT(disks[2].overlay, StrEq("/snapshots/u/c.qcow2"));
    EXPECT_THAT(disks[2].overlay_format, StrEq("qcow2"));
}

TEST(DescribedSnapshot, LeavesOutWhereTheSnapshotOfTheFileHasItsData) {
    OwnedSnapshot snapshot;
    fill_in(*snapshot, whole_file(), "/snapshots/u");
    EXPECT_EQ(snapshot->creation_time, 0U);
    EXPECT_EQ(snapshot->save, nullptr);
    ASSERT_EQ(snapshot->num_disks, 3);
    const libxl_domain_snapshot_disk *disks = snapshot->disks;
    EXPECT_EQ(disks[0].kind, kInternal);
    EXPECT_EQ(disks[0].path, nullptr);
    EXPECT_EQ(disks[0].format, nullptr);
    EXPECT_EQ(disks[2].kind, kExternal);
    EXPECT_EQ(disks[2].overlay, nullptr);
}

TEST(DescribedSnapshot, ThatIsToBeMadeMayNameTheFileOfItsMemory) {
    SnapshotFile file = new_file();
    file.save = "/backup/m";
    OwnedSnapshot snapshot;
    fill_in(*snapshot, file, "/d");
    EXPECT_STREQ(snapshot->save, "/backup/m");
}

TEST(DescribedSnapshot, RefusesAMemoryImageInTheCatalogOfASnapshotThatIsToBeMade) {
    SnapshotFile file = new_file();
    file.save = "s1.save";
    EXPECT_THAT(
        [&] {
            OwnedSnapshot snapshot;
            fill_in(*snapshot, file, "/d");
        },
        ThrowsMessage<std::runtime_error>(
            AllOf(HasSubstr("save=\"s1.save\""), HasSubstr("leave it out"))));
}

TEST(DescribedSnapshot, RefusesAPathAndATypeOfADiskWithoutAnOverlay) {
    for (const SnapshotFileDisk &disk : {SnapshotFileDisk{"xvda", "/a.qcow2", "", kDefault},
                                         {"xvda", "", "qcow2", kDefault},
                                         {"xvda", "/a.qcow2", "", kInternal},
                                         {"xvda", "/a.qcow2", "", kNone}}) {
        SnapshotFile file = new_file();
        file.disks = {disk};
        EXPECT_THAT(
            [&] {
                OwnedSnapshot snapshot;
                fill_in(*snapshot, file, "/d");
            },
            ThrowsMessage<std::runtime_error>(
                AllOf(StartsWith("disk xvda: "), HasSubstr("leave them out"))));
    }
}

TEST(DescribedSnapshot, RefusesATypeOfNoDisks) {
    SnapshotFile file;
    file.type = kExternal;
    EXPECT_THAT(
        [&] {
            OwnedSnapshot snapshot;
            fill_in(*snapshot, file, "/d");
        },
        ThrowsMessage<std::runtime_error>(
            AllOf(HasSubstr("type=\"external\""), HasSubstr("name them, or leave it out"))));
}

TEST(DescribedSnapshot, RefusesARelativeOverlayOfADomainWithoutADirectory) {
    EXPECT_THAT(
        [&] {
            OwnedSnapshot snapshot;
            fill_in(*snapshot, new_file(), "");
        },
        ThrowsMessage<std::runtime_error>(HasSubstr("give an absolute path")));
}

TEST(DescribedSnapshot, OfAnEmptyFileIsEmpty) {
    OwnedSnapshot snapshot;
    fill_in(*snapshot, {}, "/d");
    EXPECT_EQ(snapshot->name, nullptr);
    EXPECT_EQ(snapshot->description, nullptr);
    EXPECT_EQ(snapshot->num_disks, 0);
}

TEST(DescribedSnapshot, IsDescribedWithPathsRelativeToTheDirectory) {
    OwnedSnapshot snapshot;
    snapshot->name = malloced("s1");
    snapshot->creation_time = 1397207577;
    snapshot->save = malloced("/d/1.save");
    auto &disk = snapshot.add_disk("xvda", kInternal);
    disk.path = malloced("/images/a.qcow2");
    disk.format = malloced("qcow2");
    snapshot.add_disk("xvdb", kNone);
    const SnapshotFile file = snapshot_file_of(*snapshot, "/d");
    EXPECT_EQ(file.name, "s1");
    EXPECT_EQ(file.creation_time, 1397207577U);
    EXPECT_EQ(file.save, "1.save");
    EXPECT_EQ(file.type, kInternal);
    const std::vector<SnapshotFileDisk> disks = {{"xvda", "/images/a.qcow2", "qcow2", kDefault},
                                                 {"xvdb", "", "", kNone}};
    EXPECT_EQ(file.disks, disks);
}

TEST(DescribedSnapshot, OfExternalDisksHasTheirOverlays) {
    OwnedSnapshot snapshot;
    auto &disk = snapshot.add_disk("xvda", kExternal);
    disk.path = malloced("/base.raw");
    disk.format = malloced("raw");
    disk.overlay = malloced("/d/o.qcow2");
    disk.overlay_format = malloced("qcow2");
    const SnapshotFile file = snapshot_file_of(*snapshot, "/d");
    EXPECT_EQ(file.type, kExternal);
    const std::vector<SnapshotFileDisk> disks = {{"xvda", "o.qcow2", "qcow2", kDefault}};
    EXPECT_EQ(file.disks, disks);
    EXPECT_EQ(snapshot_file_of(*snapshot, "/dd").disks.front().path, "/d/o.qcow2");
}

} // namespace
} // namespace xlsnap::cli
