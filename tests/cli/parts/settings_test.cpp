// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/settings.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config_file.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string content_of(const std::string &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void expect_refusal(const std::string &text, const std::string &message) {
    EXPECT_THAT([&text] { return parse_settings("F", text); },
                ThrowsMessage<std::runtime_error>(message))
        << text;
}

TEST(Settings, AreReadFromTheirFile) {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "xlsnap.conf";
    test::put(path, "# Ours\ndirectory = \"/srv/snapshots\"\n"
                    "default_kind='external'; monitor=0\n"
                    "overlay_directory=\"/srv/overlays\"\n");
    const Settings settings = read_settings(path);
    EXPECT_EQ(settings.directory, "/srv/snapshots");
    EXPECT_EQ(settings.overlay_directory, "/srv/overlays");
    EXPECT_EQ(settings.default_kind, Settings::Kind::External);
    EXPECT_FALSE(settings.monitor);
}

TEST(Settings, HaveDefaults) {
    const Settings settings = parse_settings("F", "");
    EXPECT_EQ(settings.directory, "");
    EXPECT_EQ(settings.overlay_directory, "");
    EXPECT_EQ(settings.default_kind, Settings::Kind::Auto);
    EXPECT_FALSE(settings.compress);
    EXPECT_TRUE(settings.monitor);
}

TEST(Settings, OfAFileThatIsNamedNeedThatFile) {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "none";
    EXPECT_THAT([&path] { return read_settings(path); },
                ThrowsMessage<std::runtime_error>(path + ": No such file or directory"));
    EXPECT_THAT([&directory] { return read_settings(directory.path()); },
                ThrowsMessage<std::runtime_error>(directory.path() + ": Is a directory"));
}

TEST(Settings, KnowEachKindOfSnapshot) {
    EXPECT_EQ(parse_settings("F", "default_kind=\"auto\"").default_kind, Settings::Kind::Auto);
    EXPECT_EQ(parse_settings("F", "default_kind=\"internal\"").default_kind,
              Settings::Kind::Internal);
}

TEST(Settings, KnowEachCompression) {
    EXPECT_TRUE(parse_settings("F", "compression=\"zstd\"").compress);
    EXPECT_FALSE(parse_settings("F", "compression=\"none\"").compress);
}

TEST(Settings, RefuseAValueThatIsNotAllowed) {
    expect_refusal("\ndirectory=\"snapshots\"",
                   "F:2: directory is \"snapshots\"; allowed is an absolute path");
    expect_refusal("directory=\"\"", "F:1: directory is \"\"; allowed is an absolute path");
    expect_refusal("overlay_directory=\"o\"", "F:1: overlay_directory is \"o\"; allowed is an "
                                              "absolute path, or \"\" for each beside its image");
    expect_refusal("default_kind=\"raw\"", "F:1: default_kind is \"raw\"; allowed is \"auto\" or "
                                           "\"internal\" or \"external\"");
    expect_refusal("compression=\"gzip\"",
                   "F:1: compression is \"gzip\"; allowed is \"none\" or \"zstd\"");
    expect_refusal("monitor=2", "F:1: monitor is \"2\"; allowed is \"0\" or \"1\"");
    expect_refusal("monitor=[1]", "F:1: monitor is a list; write monitor = \"...\"");
    expect_refusal("directory=\"a\x1b\"",
                   "F:1: directory is \"a\\x1b\"; allowed is an absolute path");
}

TEST(Settings, RefuseAKeyThatTheyDoNotKnow) {
    expect_refusal("monitor=1\n\n  folder=\"/\"",
                   "F:3: there is no key folder; there are directory, "
                   "overlay_directory, default_kind, compression, monitor");
}

TEST(Settings, RefuseAKeyThatIsSaidTwice) {
    expect_refusal("monitor=1\nmonitor=0", "F:2: monitor is said twice, first in line 1");
}

std::set<std::string> found(const std::string &text, const std::string &pattern) {
    const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
    std::set<std::string> names;
    for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i)
        names.insert((*i)[1]);
    return names;
}

TEST(Settings, AreTheItemsOfTheManualPage) {
    const std::string page = content_of(XLSNAP_SOURCES "/docs/man/xlsnap.conf.5.pod");
    const std::vector<std::string> &keys = setting_keys();
    EXPECT_EQ(found(page, "^=item B<([^>]+)>"), std::set<std::string>(keys.begin(), keys.end()));
}

TEST(Settings, OfTheExampleAreTheDefaultsOnceTheyAreUncommented) {
    const std::string example = content_of(XLSNAP_SOURCES "/docs/xlsnap.conf");
    const std::vector<std::string> &keys = setting_keys();
    EXPECT_EQ(found(example, "^#(\\w+) ?="), std::set<std::string>(keys.begin(), keys.end()));
    EXPECT_EQ(parse_settings("F", example).directory, "");
    const std::string uncommented = std::regex_replace(example, std::regex("#(\\w+ ?=)"), "$1");
    const Settings settings = parse_settings("F", uncommented);
    EXPECT_EQ(settings.directory, "/var/lib/xen/snapshots");
    EXPECT_EQ(settings.overlay_directory, "");
    EXPECT_EQ(settings.default_kind, Settings::Kind::Auto);
    EXPECT_FALSE(settings.compress);
    EXPECT_TRUE(settings.monitor);
}

} // namespace
} // namespace xlsnap::cli
