// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using CliCreate = Cli;

TEST_F(CliCreate, NeedsNothingButADomain) {
    EXPECT_EQ(call_of({"create", "guest"}), "snapshot_create guest domid=7 -\n");
    EXPECT_EQ(run({"create", "guest"}).output, "guest: snapshot 1397207577 created\n");
}

TEST_F(CliCreate, TakesTheNameBehindTheDomainOrByItsOption) {
    for (const Words &words : {Words{"create", "guest", "s1"},
                               {"create", "-n", "s1", "guest"},
                               {"snapshot-create", "guest", "--name", "s1"}})
        EXPECT_EQ(call_of(words), "snapshot_create guest domid=7 s1\n");
}

TEST_F(CliCreate, HandsOverWhatIsAskedFor) {
    EXPECT_EQ(call_of({"create", "--description", "before the upgrade", "--live", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 description=before the upgrade live\n");
    EXPECT_EQ(call_of({"create", "--disk-only", "--paused", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 disk_only paused\n");
    EXPECT_EQ(call_of({"create", "--no-memory", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 disk_only\n");
}

TEST_F(CliCreate, HandsOverWhatBecomesOfEachDisk) {
    EXPECT_EQ(call_of({"create", "--disk", "xvda=none", "--disk", "xvdb=internal", "--disk", "xvdc",
                       "guest", "s1"}),
              "snapshot_create guest domid=7 s1 xvda=none xvdb=internal xvdc=default\n");
    EXPECT_EQ(call_of({"create", "--disk", "xvda,path=/o,,1,format=qcow2", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 xvda=external,/o,1,qcow2\n");
    EXPECT_EQ(call_of({"create", "--disk", "xvda=external,path=/o,format=qcow2", "--disk",
                       "xvdb=none", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 xvda=external,/o,qcow2 xvdb=none\n");
}

TEST_F(CliCreate, TakesTheKindOfTheSettingsForDisksOfWhichNothingIsSaid) {
    const std::string settings = file("settings", "default_kind = \"external\"\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--disk", "xvda=none", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 xvda=none xvdb=external\n");
}

TEST_F(CliCreate, HandsOverWhereAndHowTheMemoryImageLies) {
    EXPECT_EQ(
        call_of({"create", "--memory-file", "/backup/m", "--compress", "zstd", "guest", "s1"}),
        "snapshot_create guest domid=7 s1 save=/backup/m compression=zstd\n");
    EXPECT_EQ(call_of({"create", "--compress", "none", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 compression=none\n");
    const std::string path = file("s1.cfg", "name=\"s1\"\nsave=\"/backup/m\"\n");
    EXPECT_EQ(call_of({"create", path, "guest"}),
              "snapshot_create guest domid=7 s1 save=/backup/m\n");
}

TEST_F(CliCreate, RefusesAMemoryFileWithoutMemoryAndAnUnknownCompression) {
    for (const Words &words :
         {Words{"create", "--memory-file", "/m", "--disk-only", "guest"},
          {"create", "--memory-file", "/m", "--no-catalog", "guest", "s1"},
          {"create", "--compress", "gzip", "guest"},
          {"create", "--compress", "zstd", "--disk-only", "guest"},
          {"create", "--compress", "zstd", "down"},
          {"create", "--compress", "none", file("s.cfg", "disk_only=\"yes\""), "guest"},
          {"create", "--memory-file", "", "guest"}}) {
        EXPECT_EQ(run(words).exit_status, kUsageError) << words.at(1);
        EXPECT_THAT(calls(), IsEmpty());
    }
}

TEST_F(CliCreate, CompressesAsTheSettingsSayUnlessSomethingElseIsSaid) {
    const std::string settings = file("settings", "compression = \"zstd\"\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 compression=zstd\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--compress", "none", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 compression=none\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--disk-only", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 disk_only\n");
}

TEST_F(CliCreate, MakesALiveSnapshotWhateverKindTheSettingsPrefer) {
    const std::string settings = file("settings", "default_kind = \"internal\"\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--live", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 live\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--disk-only", "guest", "s1"}),
              "snapshot_create guest domid=7 s1 disk_only xvda=internal xvdb=internal\n");
}

TEST_F(CliCreate, UsesTheCatalogOfTheSettings) {
    const std::string settings = file("settings", "directory = \"/elsewhere\"\n");
    EXPECT_THAT(call_of({"--conf", settings, "create", "guest"}), StartsWith("root=/elsewhere\n"));
}

TEST_F(CliCreate, PutsOverlaysWhereTheSettingsOrTheCommandLineSay) {
    const std::string settings = file("settings", "overlay_directory = \"/overlays\"\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "guest", "s1"}),
              "overlays=/overlays\nsnapshot_create guest domid=7 s1\n");
    EXPECT_EQ(call_of({"--conf", settings, "create", "--overlay-directory", "/o", "guest", "s1"}),
              "overlays=/overlays\noverlays=/o\nsnapshot_create guest domid=7 s1\n");
    const std::string before = calls();
    EXPECT_EQ(run({"create", "--overlay-directory", "o", "guest"}).exit_status, kUsageError);
    EXPECT_EQ(calls(), before);
}

TEST_F(CliCreate, SaysWhatItMade) {
    EXPECT_EQ(run({"create", "--disk-only", "guest", "s1"}).output,
              "guest: crash-consistent snapshot s1 created\n");
    EXPECT_THAT(run({"create", "--json", "guest", "s1"}).output, StartsWith(R"({"name":"s1",)"));
}

TEST_F(CliCreate, TellsWhichConfigurationsAreStaleAfterAnExternalSnapshot) {
    let_fake("FAKE_OVERLAY=/images/a.s1.qcow2");
    const std::string which = "disk xvda is now /images/a.s1.qcow2 (qcow2); an xl.cfg that names "
                              "/images/a.qcow2 is stale\n";
    const auto running = run({"create", "guest", "s1"});
    EXPECT_EQ(running.output, "guest: snapshot s1 created\n");
    EXPECT_EQ(running.errors, "xlsnap: guest: " + which +
                                  "xlsnap: guest: run xlsnap config --rewrite XL.CFG before xl "
                                  "starts the domain from that file again\n");
    EXPECT_THAT(run({"create", "down", "s1"}).errors,
                HasSubstr("down: run xlsnap config --rewrite XL.CFG now"));
    EXPECT_THAT(run({"create", "--dry-run", "guest", "s1"}).errors, IsEmpty());
}

TEST_F(CliCreate, TellsTheOverlaysAsJson) {
    let_fake("FAKE_OVERLAY=/images/a.s1.qcow2");
    EXPECT_THAT(run({"create", "--json", "guest", "s1"}).output,
                HasSubstr(R"("path":"/images/a.qcow2","format":"qcow2","tag":null,)"
                          R"("overlay":"/images/a.s1.qcow2","overlay_format":"qcow2")"));
}

TEST_F(CliCreate, TellsOfStaleConfigurationsThoughTheDomainCannotBeLeftPaused) {
    let_fake("FAKE_OVERLAY=/o");
    let_fake("FAKE_RC=-3");
    let_fake("FAKE_ERROR=snapshot 's1' is made, but");
    const auto outcome = run({"create", "--paused", "guest", "s1"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("disk xvda is now /o (qcow2)"));
    EXPECT_THAT(outcome.errors, HasSubstr("snapshot 's1' is made, but"));
}

TEST_F(CliCreate, TellsThePlanOfADryRun) {
    let_fake("FAKE_PLAN=suspend the guest\nresume the guest");
    const auto outcome = run({"create", "--dry-run", "guest", "s1"});
    EXPECT_EQ(outcome.output, "suspend the guest\nresume the guest\n");
    EXPECT_EQ(calls(), "snapshot_create guest domid=7 s1 dry_run\n");
    EXPECT_EQ(run({"create", "--dry-run", "--json", "guest", "s1"}).output,
              "{\"plan\":[\"suspend the guest\",\"resume the guest\"]}\n");
    EXPECT_EQ(run({"revert", "--dry-run", "--json", "guest", "s1"}).output,
              "{\"plan\":[\"suspend the guest\",\"resume the guest\"]}\n");
}

TEST_F(CliCreate, ReadsAnInformationFileInFrontOfTheDomain) {
    const std::string path =
        file("s1.cfg", "name=\"s1\"\ndescription=\"old\"\ndisk_only=\"yes\"\n");
    EXPECT_EQ(call_of({"create", path, "guest"}),
              "snapshot_create guest domid=7 s1 description=old disk_only\n");
    EXPECT_EQ(call_of({"create", path, "--description", "new", "-n", "s2", "guest"}),
              "snapshot_create guest domid=7 s2 description=new disk_only\n");
}

TEST_F(CliCreate, RefusesInAnInformationFileWhatOnlyASnapshotThatWasMadeHas) {
    for (const char *line : {"save=\"s1.save\"\n", "disk=[ \"xvda=/a.qcow2,type=qcow2\" ]\n"}) {
        const std::string path = file("s1.cfg", line);
        const auto outcome = run({"create", path, "guest"});
        EXPECT_EQ(outcome.exit_status, kFailure);
        EXPECT_THAT(outcome.errors, StartsWith("xlsnap: " + path + ": "));
    }
    EXPECT_THAT(calls(), IsEmpty());
}

// The example of "[RFC v3] domain snapshot documents".
TEST_F(CliCreate, TakesAnInformationFileOfASnapshotThatWasMade) {
    const std::string path =
        file("s1.xl", "description=\"a snapshot after installation\"\n"
                      "name=\"1397207577\"\ncreationtime=\"1397207577\"\n"
                      "save=\"1397207577.save\"\ntype=\"internal\"\nlive=\"no\"\n"
                      "disk_only=\"no\"\n"
                      "disk=[ 'hda=disk_hda.qcow2,type=qcow2', 'hdc=disk_hdc.qcow2,type=qcow2']\n");
    EXPECT_EQ(call_of({"create", path, "guest"}),
              "snapshot_create guest domid=7 1397207577 description=a snapshot after installation "
              "hda=internal hdc=internal\n");
}

TEST_F(CliCreate, CannotLeaveADomainPausedThatDoesNotRun) {
    const auto outcome = run({"create", "--paused", "down"});
    EXPECT_EQ(outcome.exit_status, kUsageError);
    EXPECT_EQ(outcome.errors,
              "xlsnap: down does not run, so it cannot be left paused; leave --paused out\n");
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(CliCreate, TakesAnArgumentForAFileByItsFormAlone) {
    const auto missing = run({"create", "missing.cfg", "guest"});
    EXPECT_EQ(missing.exit_status, kFailure);
    EXPECT_THAT(missing.errors, HasSubstr("missing.cfg"));
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(CliCreate, ReadsXml) {
    const std::string path = file("s1.xml", "<domainsnapshot/>");
    EXPECT_EQ(call_of({"create", "--xml", path, "guest"}),
              "from_xml=<domainsnapshot/> snapshot_create guest domid=7 of-xml\n");
    EXPECT_EQ(call_of({"create", "--xml", path, "guest", "s2"}),
              "from_xml=<domainsnapshot/> snapshot_create guest domid=7 s2\n");
}

TEST_F(CliCreate, FailsInOneLineWithTheReasonOfTheLibrary) {
    let_fake("FAKE_RC=-5");
    let_fake("FAKE_ERROR=disk xvda is no qcow2 image; leave it out by --disk xvda=none");
    const auto outcome = run({"create", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors,
              "xlsnap: disk xvda is no qcow2 image; leave it out by --disk xvda=none\n");
    EXPECT_THAT(outcome.output, IsEmpty());
}

TEST_F(CliCreate, FailsWithoutATerminalObeyingTheReason) {
    let_fake("FAKE_RC=-5");
    let_fake("FAKE_ERROR=disk \x1b[2J is none of the domain's");
    EXPECT_EQ(run({"create", "guest"}).errors, "xlsnap: disk \\x1b[2J is none of the domain's\n");
}

TEST_F(CliCreate, TellsWhatTheLibrarySaysOfTheDomain) {
    let_fake("FAKE_NOTE=another domain guest has snapshots, of other disks");
    EXPECT_EQ(run({"create", "guest"}).errors,
              "xlsnap: another domain guest has snapshots, of other disks\n");
}

} // namespace
} // namespace xlsnap
