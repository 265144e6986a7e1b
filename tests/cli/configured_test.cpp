// SPDX-License-Identifier: LGPL-2.1-only
#include <filesystem>

#include "cli/cli.hpp"

namespace xlsnap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliConfigured : public Cli {
  protected:
    // What `xl` prints, and with which status it ends.
    void let_xl(const std::string &script) {
        const std::string xl =
            file("xl", "#!/bin/sh\necho \"$@\" >>\"${0%/*}/xl.calls\"\n" + script);
        std::filesystem::permissions(xl, std::filesystem::perms::owner_all);
        let_fake("PATH=" + (directory_ / ".") + ":/usr/bin:/bin");
    }

    // An xl.cfg of this name, which the fake finds under it too.
    void let_xl_read(const std::string &name) { let_xl("echo '{\"name\": \"" + name + "\"}'"); }
};

TEST_F(CliConfigured, LetsXlReadTheConfiguration) {
    let_xl("echo 'Parsing config from x'; echo '{\"name\": \"fresh\"}'");
    EXPECT_EQ(call_of({"create", "--config", "/etc/xen/fresh.cfg", "-n", "s1"}),
              "config={\"name\": \"fresh\"}\n uuid=- snapshot_create fresh domid=-1 s1\n");
    std::ifstream asked(directory_ / "xl.calls");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(asked), {}),
              "create -q -n /etc/xen/fresh.cfg\n");
}

TEST_F(CliConfigured, NamesTheConfigurationThatAnExternalSnapshotMakesStale) {
    let_xl_read("fresh");
    let_fake("FAKE_OVERLAY=/o");
    EXPECT_THAT(run({"create", "--config", "/etc/xen/fresh.cfg", "-n", "s1"}).errors,
                HasSubstr("run xlsnap config --rewrite /etc/xen/fresh.cfg now"));
}

// Two domains may have one name: the disks tell them apart, and the library looks at these.
TEST_F(CliConfigured, FindsNoDomainByTheNameInAConfiguration) {
    for (const std::string name : {"down", "guest"}) {
        let_xl_read(name);
        const std::string known = "config={\"name\": \"" + name + "\"}\n uuid=- ";
        EXPECT_EQ(call_of({"create", "--config", "/x.cfg", "-n", "s1"}),
                  known + "snapshot_create " + name + " domid=-1 s1\n");
        EXPECT_EQ(call_of({"start", "--config", "/x.cfg", "-n", "s1"}),
                  known + "snapshot_start " + name + " s1\n");
        EXPECT_EQ(call_of({"rebuild", "--config", "/x.cfg"}), known + "rebuild " + name + " -\n");
    }
}

TEST_F(CliConfigured, TakesTheDomainThatIsNamedBesideAConfiguration) {
    let_xl_read("other");
    EXPECT_EQ(call_of({"start", "--config", "/x.cfg", "down"}),
              "config={\"name\": \"other\"}\n uuid=99999999-2222-3333-4444-555555555555 "
              "snapshot_start down -\n");
}

TEST_F(CliConfigured, SaysHowASnapshotIsNamedBesideAConfiguration) {
    let_xl_read("fresh");
    const auto outcome = run({"create", "--config", "/x.cfg", "s1"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: no such domain is known here; with --config leave DOMAIN "
                              "out, and name a snapshot by -n\n");
}

TEST_F(CliConfigured, RefusesAConfigurationBesideADomainThatRuns) {
    let_xl_read("guest");
    const auto outcome = run({"create", "--config", "/g.cfg", "guest"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: domain guest runs; leave --config out\n");
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(CliConfigured, SaysInOneLineWhatXlComplainsOf) {
    let_xl("echo 'line 3: bad' >&2; echo 'no config' >&2; exit 1");
    const auto outcome = run({"create", "--config", "/g.cfg"});
    EXPECT_EQ(outcome.exit_status, kFailure);
    EXPECT_EQ(outcome.errors, "xlsnap: /g.cfg: xl says: line 3: bad; no config\n");
    EXPECT_THAT(run({"create", "--config", "/a=b.cfg"}).errors, HasSubstr("rename it"));
}

TEST_F(CliConfigured, RefusesWhatIsNoJson) {
    let_xl("echo '(domain (name x))'");
    EXPECT_THAT(run({"create", "--config", "/g.cfg"}).errors, HasSubstr("output_format"));
}

} // namespace
} // namespace xlsnap
