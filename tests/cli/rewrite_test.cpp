// SPDX-License-Identifier: LGPL-2.1-only
#include <filesystem>

#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The fake guest has the overlay /images/a.s1.qcow2 as xvda, and /images/other.raw as xvdb.
constexpr const char *kBefore = "name = 'guest'\ndisk = [ '/images/a.qcow2,qcow2,xvda,rw',\n"
                                "         '/images/other.raw,raw,xvdb,rw', ',hdd:cdrom,r' ]\n";
constexpr const char *kAfter = "name = 'guest'\ndisk = [ '/images/a.s1.qcow2,qcow2,xvda,rw',\n"
                               "         '/images/other.raw,raw,xvdb,rw', ',hdd:cdrom,r' ]\n";

class CliRewrite : public Cli {
  protected:
    static std::string content(const std::string &path) {
        std::ifstream stream(path);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    // The paths of backups in the directory.
    [[nodiscard]] Words backups() const {
        Words found;
        for (const auto &entry : std::filesystem::directory_iterator(directory_.path()))
            if (entry.path().string().find(".bak-") != std::string::npos)
                found.push_back(entry.path());
        return found;
    }
};

TEST_F(CliRewrite, LetsTheFileNameThePresentImages) {
    const std::string path = file("g.cfg", kBefore);
    const auto outcome = run({"config", "--rewrite", path, "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess) << outcome.errors;
    EXPECT_EQ(content(path), kAfter);
    ASSERT_EQ(backups().size(), 1U);
    EXPECT_EQ(content(backups().front()), kBefore);
    EXPECT_THAT(std::filesystem::path(backups().front()).filename(), StartsWith(".g.cfg.bak-"))
        << "xendomains starts what is not hidden";
    EXPECT_EQ(outcome.output, path + ": names the images that guest has now; what it was is " +
                                  backups().front() + "\n");
}

TEST_F(CliRewrite, TakesTheDomainThatTheFileNames) {
    const std::string path = file("g.cfg", kBefore);
    EXPECT_EQ(run({"config", "--rewrite", path}).exit_status, kSuccess);
    EXPECT_EQ(content(path), kAfter);
    const std::string other = file("o.cfg", "name = 'g2'\n");
    const auto refused = run({"config", "--rewrite", other, "guest"});
    EXPECT_EQ(refused.exit_status, kFailure);
    EXPECT_THAT(refused.errors, HasSubstr("it starts domain g2, not guest"));
    const std::string nameless = file("n.cfg", "disk = [ '/images/a.qcow2,qcow2,xvda,rw' ]\n");
    const auto outcome = run({"config", "--rewrite", nameless});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors, HasSubstr("it has no name; say which domain"));
}

TEST_F(CliRewrite, ADryRunShowsTheLinesAndTouchesNothing) {
    const std::string path = file("g.cfg", kBefore);
    const auto outcome = run({"config", "--dry-run", "--rewrite", path, "guest"});
    EXPECT_EQ(outcome.output, path + ":2:\n- disk = [ '/images/a.qcow2,qcow2,xvda,rw',\n"
                                     "+ disk = [ '/images/a.s1.qcow2,qcow2,xvda,rw',\n");
    EXPECT_EQ(content(path), kBefore);
    EXPECT_TRUE(backups().empty());
}

TEST_F(CliRewrite, ADryRunRefusesAFileWithTwoNamesAsTheRealRunDoes) {
    const std::string path = file("g.cfg", kBefore);
    std::filesystem::create_hard_link(path, directory_ / "other.cfg");
    const auto real = run({"config", "--rewrite", path, "guest"});
    EXPECT_EQ(real.exit_status, kFailure);
    EXPECT_THAT(real.errors, HasSubstr("a single name"));
    const auto dry = run({"config", "--dry-run", "--rewrite", path, "guest"});
    EXPECT_EQ(dry.exit_status, kFailure);
    EXPECT_EQ(dry.errors, real.errors);
    EXPECT_EQ(dry.output, "");
}

TEST_F(CliRewrite, LeavesAFileThatIsRightAlone) {
    const std::string path = file("g.cfg", kAfter);
    const auto outcome = run({"config", "--rewrite", path, "guest"});
    EXPECT_EQ(outcome.exit_status, kSuccess);
    EXPECT_EQ(outcome.output, path + ": names the images that guest has\n");
    EXPECT_TRUE(backups().empty());
}

TEST_F(CliRewrite, RefusesWhatItDoesNotUnderstand) {
    const std::string text = "disk = [ '/images/a,raw,xvda,rw', 5 ]\n";
    const std::string path = file("g.cfg", text);
    const auto outcome = run({"config", "--rewrite", path, "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_THAT(outcome.errors,
                AllOf(StartsWith("xlsnap: " + path + ":1: "), HasSubstr("put it in quotes")));
    EXPECT_EQ(content(path), text);
    EXPECT_TRUE(backups().empty());
}

// The next start of a domain that does not run is from its file: there it matters most.
TEST_F(CliRewrite, TakesADomainThatDoesNotRun) {
    const std::string path =
        file("down.cfg", "name = 'down'\ndisk = [ '/images/a.qcow2,qcow2,xvda,rw' ]\n");
    EXPECT_EQ(run({"config", "--rewrite", path}).exit_status, kSuccess);
    EXPECT_EQ(content(path), "name = 'down'\ndisk = [ '/images/a.s1.qcow2,qcow2,xvda,rw' ]\n");
}

TEST_F(CliRewrite, NeedsImagesThatSomebodyKnows) {
    const std::string path = file("g.cfg", kBefore);
    const std::string down = file("down.cfg", "name = 'down'\n");
    let_fake("FAKE_FORMAT=unknown");
    EXPECT_THAT(run({"config", "--rewrite", path}).errors,
                HasSubstr("nobody knows the format of /images/a.s1.qcow2"));
    let_fake("FAKE_NO_DISKS=1");
    EXPECT_THAT(run({"config", "--rewrite", down}).errors,
                HasSubstr("domain down does not run, and the catalog knows no disks of it"));
    let_fake("FAKE_RC=-3");
    let_fake("FAKE_ERROR=libxl does not tell");
    EXPECT_EQ(run({"config", "--rewrite", path}).errors, "xlsnap: libxl does not tell\n");
    EXPECT_EQ(content(path), kBefore);
}

} // namespace
} // namespace xlsnap
