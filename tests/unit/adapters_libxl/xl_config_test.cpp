// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xl_config.hpp"

#include <fstream>

#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;

class XlConf : public ::testing::Test {
  protected:
    Result<XlConfig> read(const std::string &text) {
        std::ofstream(folder_ / "xl.conf") << text;
        return read_xl_config(folder_ / "xl.conf");
    }

    TemporaryDirectory folder_;
};

TEST_F(XlConf, SaysWhetherDom0GivesUpMemoryInXlsWords) {
    using enum XlConfig::Autoballoon;
    const std::pair<const char *, XlConfig::Autoballoon> cases[] = {
        {"", Auto},
        {"# autoballoon=\"off\"\n", Auto},
        {"autoballoon=\"auto\"\n", Auto},
        {"autoballoon=\"off\"\n", Off},
        {"autoballoon = 0\n", Off},
        {"autoballoon='on'", On},
        {"claim_mode=1\nautoballoon=1\n", On},
        {"autoballoon=\"never\"\n", Auto},
        {"autoballoon=[\"off\"]\n", Auto},
    };
    for (const auto &[text, wanted] : cases) {
        const Result<XlConfig> config = read(text);
        ASSERT_TRUE(config) << text << config.error().message;
        EXPECT_EQ(config->autoballoon, wanted) << text;
    }
}

TEST_F(XlConf, SaysWhereTheLockIs) {
    EXPECT_EQ(read("lockfile=\"/run/xl.lock\"\n")->lock_file, "/run/xl.lock");
    EXPECT_EQ(read("")->lock_file, "");
}

TEST_F(XlConf, NeedNotExist) {
    const Result<XlConfig> config = read_xl_config(folder_ / "none");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->autoballoon, XlConfig::Autoballoon::Auto);
}

TEST_F(XlConf, IsNotGuessedWhereXlWouldNotReadIt) {
    const Result<XlConfig> rubbish = read("autoballoon off {\n");
    ASSERT_FALSE(rubbish);
    EXPECT_THAT(rubbish.error().message, HasSubstr("xl.conf:1: config parsing error"));
    const Result<XlConfig> nul = read(std::string("lockfile=\"/x\0y\"\n", 15));
    ASSERT_FALSE(nul);
    EXPECT_THAT(nul.error().message, HasSubstr("xl.conf: it is no text"));
    const Result<XlConfig> huge = read(std::string((1 << 20) + 1, '#'));
    ASSERT_FALSE(huge);
    EXPECT_THAT(huge.error().message, HasSubstr("larger than 1 MiB"));
    const Result<XlConfig> folder = read_xl_config(folder_.path());
    ASSERT_FALSE(folder);
    EXPECT_THAT(folder.error().message, HasSubstr("cannot read it"));
}

using Dom0Memory = LibxlToolstackTest;

// The words of Xen's command line by which xl tells that dom0 was given a size.
TEST_F(Dom0Memory, MayShrinkUnlessXensCommandLineSaysItsSize) {
    const std::pair<const char *, bool> cases[] = {
        {"", true},
        {"console=com1", true},
        {"dom0_mem=", true},
        {"dom0_mem=0", false},
        {"dom0_mem=1G", false},
        {"dom0_mem=2T", false},
        {"dom0_mem=-1G", false},
        {"placeholder dom0_mem=1024M,max:1024M loglvl=all", false},
        {"dom0_mem=min:512M,max:25%", false},
        {"dom0_mem=1G+10%", false},
        {"dom0_mem=some", true},
        {"dom0_mem=1Gi", true},
        {"no-dom0_mem=1G", true},
    };
    for (const auto &[words, may] : cases) {
        libxl_.xen_command_line = words;
        EXPECT_EQ(dom0_may_shrink(libxl_.ctx(), {}), may) << words;
    }
}

TEST_F(Dom0Memory, ShrinksOrNotAsTheAdministratorSays) {
    libxl_.xen_command_line = "";
    EXPECT_FALSE(dom0_may_shrink(libxl_.ctx(), {XlConfig::Autoballoon::Off, {}}));
    libxl_.xen_command_line = "dom0_mem=1G";
    EXPECT_TRUE(dom0_may_shrink(libxl_.ctx(), {XlConfig::Autoballoon::On, {}}));
}

} // namespace

} // namespace xlsnap::test
