// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>

#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(Cli, PrintsItsVersion) {
    const auto outcome = run({"--version"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_EQ(outcome.output, "xlsnap " XLSNAP_VERSION "\n");
}

TEST_F(Cli, HelpNamesEveryCommand) {
    const auto outcome = run({"--help"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    for (const char *command : {"create",
                                "list",
                                "info",
                                "tree",
                                "revert",
                                "delete",
                                "rename",
                                "describe",
                                "protect",
                                "current",
                                "start",
                                "verify",
                                "config",
                                "prune",
                                "rebuild",
                                "dumpxml",
                                "import-xml",
                                "monitor",
                                "snapshot-create",
                                "snapshot-list",
                                "snapshot-delete",
                                "snapshot-revert",
                                "start-with-snapshot",
                                "create-with-snapshot"})
        EXPECT_THAT(outcome.output, HasSubstr(command));
}

struct WrongUsage {
    std::string name;
    Words arguments;
    std::string told; // what the message names
};

class CliWrongUsage : public Cli, public testing::WithParamInterface<WrongUsage> {};

TEST_P(CliWrongUsage, ExitsWithTwoAndTouchesNothing) {
    const auto outcome = run(GetParam().arguments);
    EXPECT_EQ(outcome.exit_status, kUsageError);
    EXPECT_THAT(outcome.errors, StartsWith("xlsnap: "));
    EXPECT_THAT(outcome.errors, EndsWith(" --help\n"));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
    EXPECT_THAT(outcome.errors, HasSubstr(GetParam().told));
    EXPECT_THAT(outcome.output, IsEmpty());
    EXPECT_THAT(calls(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    With, CliWrongUsage,
    testing::Values(
        WrongUsage{"NoCommand", {}, "name a command"},
        WrongUsage{"AnUnknownCommand", {"explode", "guest"}, "no command or option 'explode'"},
        WrongUsage{"NoDomain", {"create", "--disk-only", "-n", "before"}, "DOMAIN"},
        WrongUsage{"NoDomainToRebuild", {"rebuild"}, "DOMAIN"},
        WrongUsage{"NoDomainButAnInformationFile", {"create", "./s1.cfg"}, "DOMAIN"},
        WrongUsage{"TwoDomains", {"delete", "-n", "before", "guest", "other"}, "other"},
        WrongUsage{"NoNameToDelete", {"delete", "guest"}, "--name"},
        WrongUsage{"NoNameToRevertTo", {"revert", "guest"}, "--name"},
        WrongUsage{"NoNameToRename", {"rename", "guest"}, "--name"},
        WrongUsage{"NoNewName", {"rename", "guest", "before"}, "NEW_NAME"},
        WrongUsage{"AnEmptyName", {"create", "-n", "", "guest"}, "--name"},
        WrongUsage{"NothingAfterName", {"create", "guest", "-n"}, "--name"},
        WrongUsage{"NeitherMemoryNorDiskOnlyWithoutACatalog",
                   {"create", "--no-catalog", "-n", "before", "guest"},
                   "--memory-path"},
        WrongUsage{
            "NoNameWithoutACatalog", {"create", "--no-catalog", "--disk-only", "guest"}, "--name"},
        WrongUsage{"AnOptionOfTheCatalogWithoutOne",
                   {"delete", "--no-catalog", "--disk-only", "--children", "-n", "b", "guest"},
                   "--children"},
        WrongUsage{"RunningWithoutACatalog",
                   {"revert", "--memory-path", "/m", "--running", "-n", "b", "guest"},
                   "--running"},
        WrongUsage{"AKindOfDiskWithoutACatalog",
                   {"create", "--memory-path", "/m", "--disk", "xvda=none", "-n", "b", "guest"},
                   "--disk"},
        WrongUsage{"DiskOnlyToRevertWithTheCatalog",
                   {"revert", "--disk-only", "-n", "before", "guest"},
                   "--no-catalog"},
        WrongUsage{"DisksToDeleteWithTheCatalog",
                   {"delete", "--disk", "xvda", "-n", "before", "guest"},
                   "--no-catalog"},
        WrongUsage{
            "PausedAndRunning", {"revert", "--paused", "--running", "guest", "s1"}, "--paused"},
        WrongUsage{"ChildrenTwice",
                   {"delete", "--children", "--children-only", "guest", "s1"},
                   "--children"},
        WrongUsage{"MergeAndDiscard", {"delete", "--merge", "--discard", "guest", "s1"}, "--merge"},
        WrongUsage{"PruneWithoutARule", {"prune", "guest"}, "--keep"},
        WrongUsage{"PruneOfNoTime", {"prune", "--older-than", "soon", "guest"}, "--older-than"},
        WrongUsage{"PruneOfNoNumber",
                   {"prune", "--keep", "-1", "guest"},
                   "--keep: '-1' is no number; write one such as 7"},
        WrongUsage{"AnUnknownKindOfDisk", {"create", "--disk", "xvda=half", "guest"}, "half"},
        WrongUsage{"ADiskWithoutAName", {"create", "--disk", "=none", "guest"}, "--disk"},
        WrongUsage{"AnOverlayOfAnInternalDisk",
                   {"create", "--disk", "xvda=internal,path=/o", "guest"},
                   "only an external"},
        WrongUsage{"ARelativeOverlay", {"create", "--disk", "xvda,path=o", "guest"}, "absolute"},
        WrongUsage{
            "XmlAndAnInformationFile", {"create", "--xml", "/x", "./s1.cfg", "guest"}, "--xml"},
        WrongUsage{
            "ANameBesideAnInformationFile", {"revert", "./s1.cfg", "guest", "-n", "s1"}, "--name"},
        WrongUsage{
            "PausedBesideAConfiguration", {"create", "--paused", "--config", "/x.cfg"}, "--paused"},
        WrongUsage{"ForceToStartFromTheLastState",
                   {"start", "--force", "guest"},
                   "--force: it goes with the name of a snapshot"},
        WrongUsage{"KeepCurrentToStart", {"start", "--keep-current", "guest"}, "--keep-current"},
        WrongUsage{"DryRunOfShowingTheCurrent", {"current", "--dry-run", "guest"}, "--dry-run"},
        WrongUsage{"NoneAndAName", {"current", "--none", "guest", "s1"}, "--none"},
        WrongUsage{"QuietImport", {"import-xml", "--quiet", "/x"}, "--check"},
        WrongUsage{"NoFileToImport", {"import-xml"}, "FILE"},
        WrongUsage{"DescendantsOfNothing", {"list", "--descendants", "guest"}, "--from"},
        WrongUsage{"ChildrenInNoDomain", {"list", "--from", "s1"}, "DOMAIN"},
        WrongUsage{"AFilterOfOneSnapshot", {"list", "--roots", "guest", "s1"}, "--name"},
        WrongUsage{"NamesAsJson", {"list", "--names", "--json"}, "--json"},
        WrongUsage{"InfoInTwoForms", {"info", "--config", "--json", "guest"}, "--json"},
        WrongUsage{"ConfigOfNothing", {"config"}, "DOMAIN"},
        WrongUsage{
            "ASnapshotToRewriteBy", {"config", "--rewrite", "/x.cfg", "guest", "s1"}, "--rewrite"},
        WrongUsage{"DryRunOfPrinting", {"config", "--dry-run", "guest"}, "--rewrite"},
        WrongUsage{"BothMemoryAndDiskOnly",
                   {"create", "--memory-path", "/m", "--disk-only", "-n", "before", "guest"},
                   "--disk-only"},
        WrongUsage{"AnUnknownOption",
                   {"delete", "--fast", "-n", "b", "guest"},
                   "delete takes no '--fast'"},
        WrongUsage{"NoDomainToMonitor", {"monitor"}, "DOMAIN"},
        WrongUsage{"AMonitorOfASnapshot", {"monitor", "-n", "before", "guest"}, "-n"},
        WrongUsage{
            "TwoPlacesForTheLog", {"monitor", "--foreground", "--log", "/l", "guest"}, "--log"},
        WrongUsage{"AnEmptyMemoryPath",
                   {"create", "--memory-path", "", "-n", "b", "guest"},
                   "--memory-path"}),
    [](const auto &test) { return test.param.name; });

} // namespace
} // namespace xlsnap
