// SPDX-License-Identifier: LGPL-2.1-only
#include "core/config_disks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// As libxl writes it, with what no libxl of today has.
constexpr const char *kConfig = R"({
    "c_info": {
        "type": "pvh",
        "name": "g1"
    },
    "b_info": {
        "max_memkb": 18446744073709551615,
        "ratio": 1.50,
        "disks": [ { "vdev": "xvda", "pdev_path": "/no/disk" } ]
    },
    "disks": [
        {
            "pdev_path": "/images/a.raw",
            "vdev": "xvda",
            "backend": "phy",
            "format": "raw",
            "readwrite": 1,
            "grant_usage": "True"
        },
        {
            "vdev": "xvdb",
            "pdev_path": "/images/b\u002eqcow2"
        }
    ],
    "on_reboot": "restart",
    "on_reboot_later": { "vdev": [] }
}
)";

std::string replaced(std::string text, const std::string &from, const std::string &to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string config_of_disk(const std::string &members) {
    return R"({"disks":[{"vdev":"xvda",)" + members + "}]}";
}

Result<std::string> with_disk(const std::string &members, DiskFormat format) {
    return with_disks(config_of_disk(members), {{"xvda", "/o", format}});
}

TEST(ConfigDisks, ChangesOnlyPathFormatAndBackendOfTheDiskConcerned) {
    const auto changed = with_disks(kConfig, {{"xvda", "/images/a.s1.qcow2", DiskFormat::Qcow2}});
    ASSERT_TRUE(changed) << changed.error().message;
    std::string expected = replaced(kConfig, "/images/a.raw", "/images/a.s1.qcow2");
    expected = replaced(expected, R"("backend": "phy")", R"("backend": "qdisk")");
    expected = replaced(expected, R"("format": "raw")", R"("format": "qcow2")");
    EXPECT_EQ(*changed, expected);
}

TEST(ConfigDisks, AddsWhatLibxlLeftOut) {
    const auto changed = with_disks(kConfig, {{"xvdb", "/images/b.s1.qcow2", DiskFormat::Qcow2}});
    ASSERT_TRUE(changed) << changed.error().message;
    std::string expected = replaced(kConfig, R"(/images/b\u002eqcow2)", "/images/b.s1.qcow2");
    expected = replaced(expected, R"(            "vdev": "xvdb")",
                        R"(            "format": "qcow2",
            "backend": "qdisk",
            "vdev": "xvdb")");
    EXPECT_EQ(*changed, expected);
}

TEST(ConfigDisks, ChangesAllDisksAtOnce) {
    const auto changed = with_disks(
        kConfig, {{"xvdb", "/o/b", DiskFormat::Qcow2}, {"xvda", "/o/a", DiskFormat::Qcow2}});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_THAT(*changed, AllOf(HasSubstr(R"("/o/a")"), HasSubstr(R"("/o/b")")));
}

TEST(ConfigDisks, DoneAgainChangesNothing) {
    const std::vector<DiskChange> changes = {{"xvda", "/o/a", DiskFormat::Qcow2},
                                             {"xvdb", "/o/b", DiskFormat::Raw}};
    const std::string once = with_disks(kConfig, changes).value();
    EXPECT_EQ(with_disks(once, changes).value(), once);
    EXPECT_EQ(with_disks(kConfig, {}).value(), kConfig);
}

TEST(ConfigDisks, AnotherSpellingOfTheSameStays) {
    const std::string config =
        R"( {"disks" :[ {"v\u0064ev":"xvda","pdev_path":"\/o","format":"qcow2","backend":"qdisk"}]} )";
    EXPECT_EQ(with_disks(config, {{"xvda", "/o", DiskFormat::Qcow2}}).value(), config);
}

TEST(ConfigDisks, AnImageThatNeedsQemuGetsIt) {
    for (const char *backend : {R"("backend":"phy")", R"("backend":"unknown")",
                                R"("backend":"tap")", R"("backend":null)"})
        EXPECT_EQ(with_disk(std::string(R"("pdev_path":"/o","format":"qcow2",)") + backend,
                            DiskFormat::Qcow2)
                      .value(),
                  config_of_disk(R"("pdev_path":"/o","format":"qcow2","backend":"qdisk")"))
            << backend;
}

TEST(ConfigDisks, ARawImageLeavesTheChoiceOfTheBackend) {
    for (const char *backend : {R"(,"backend":"phy")", R"(,"backend":"qdisk")", ""})
        EXPECT_EQ(with_disk(std::string(R"("pdev_path":"/i","format":"qcow2")") + backend,
                            DiskFormat::Raw)
                      .value(),
                  config_of_disk(std::string(R"("pdev_path":"/o","format":"raw")") + backend))
            << backend;
}

TEST(ConfigDisks, QuotesThePath) {
    const auto changed =
        with_disks(config_of_disk(R"("format":"raw")"), {{"xvda", "/a\"b\\\n", DiskFormat::Raw}});
    EXPECT_THAT(*changed, HasSubstr(R"("pdev_path": "/a\"b\\\n")"));
}

TEST(ConfigDisks, RefusesADiskThatIsNotThereAndChangesNone) {
    const auto changed =
        with_disks(kConfig, {{"xvda", "/o", DiskFormat::Raw}, {"xvdz", "/o", DiskFormat::Raw}});
    EXPECT_EQ(changed.error().code, ErrorCode::NotFound);
    EXPECT_EQ(changed.error().message, "the domain's configuration: there is no disk xvdz");
    EXPECT_EQ(with_disks("{}", {{"xvda", "/o", DiskFormat::Raw}}).error().code,
              ErrorCode::NotFound);
}

TEST(ConfigDisks, TellsEveryReason) {
    const auto changed =
        with_disks(config_of_disk(R"("backend":"standalone")"),
                   {{"xvda", "/o", DiskFormat::Qcow2}, {"xvdy", "/o", DiskFormat::Qcow2}});
    EXPECT_EQ(changed.error().code, ErrorCode::Invalid);
    EXPECT_THAT(changed.error().message,
                AllOf(HasSubstr("disk xvda is virtio"), HasSubstr("no disk xvdy")));
}

TEST(ConfigDisks, RefusesADiskThatIsThereTwice) {
    const auto changed = with_disks(R"({"disks":[{"vdev":"xvda"},{"vdev":"xvda"}]})",
                                    {{"xvda", "/o", DiskFormat::Qcow2}});
    EXPECT_EQ(changed.error().code, ErrorCode::Invalid);
    EXPECT_THAT(changed.error().message, HasSubstr("two disks xvda"));
}

TEST(ConfigDisks, RefusesWhatIsNoConfiguration) {
    for (const char *text :
         {"", "{", "[]", "5", R"({"disks":{}})", R"({"disks":[5]})", R"({"disks":[{"a":1,"a":2}]})",
          R"({"disks":[],"disks":[]})", "{} {}"}) {
        const auto changed = with_disks(text, {{"xvda", "/o", DiskFormat::Qcow2}});
        ASSERT_FALSE(changed) << text;
        EXPECT_EQ(changed.error().code, ErrorCode::Invalid) << text;
        EXPECT_THAT(changed.error().message, StartsWith("the domain's configuration: ")) << text;
    }
    EXPECT_EQ(with_disks(std::string("{}\0", 3), {}).error().code, ErrorCode::Invalid);
}

TEST(ConfigDisks, RefusesChangesThatMakeNoSense) {
    using Changes = std::vector<DiskChange>;
    EXPECT_TRUE(check_changes({}));
    EXPECT_TRUE(
        check_changes({{"xvda", "/o", DiskFormat::Qcow2}, {"xvdb", "/o", DiskFormat::Vhd}}));
    for (const Changes &changes :
         {Changes{{"xvda", "/o", DiskFormat::Raw}, {"xvda", "/p", DiskFormat::Raw}},
          Changes{{"xvda", "", DiskFormat::Raw}}, Changes{{"xvda", "o", DiskFormat::Raw}},
          Changes{{"xvda", "/\xff", DiskFormat::Raw}},
          Changes{{"xvda", std::string("/a\0b", 4), DiskFormat::Raw}},
          Changes{{"xvda", "/o", DiskFormat::Unknown}},
          Changes{{"xvda", "/o", DiskFormat::Empty}}}) {
        EXPECT_EQ(check_changes(changes).error().code, ErrorCode::Invalid);
        EXPECT_EQ(with_disks(kConfig, changes).error().code, ErrorCode::Invalid);
    }
}

} // namespace

} // namespace xlsnap
