// SPDX-License-Identifier: LGPL-2.1-only
#include "core/overlay_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string path_of(const OverlayName &name, const OverlayPlaces &places = {}) {
    const auto path = overlay_path(name, places);
    EXPECT_TRUE(path) << path.error().message;
    return path ? *path : "";
}

std::string file_name_of(const OverlayName &name) {
    const std::string path = path_of(name);
    return path.substr(path.rfind('/') + 1);
}

TEST(OverlayPath, LiesBesideTheImageWithTheSnapshotsName) {
    EXPECT_EQ(path_of({"/images/g1.qcow2", "s1"}), "/images/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/images/g1.img", "s1"}), "/images/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/images/g1", "s1"}), "/images/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/g1", "s1"}), "/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/images.d/g1", "s1"}), "/images.d/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/images/.hidden", "s1"}), "/images/.hidden.s1.qcow2");
}

TEST(OverlayPath, HasTheNumberOfARevertAndTheDiskThatItIsToldApartBy) {
    EXPECT_EQ(path_of({"/images/g1.raw", "s1", {}, 2}), "/images/g1.s1.2.qcow2");
    EXPECT_EQ(path_of({"/images/g1.raw", "s1", "xvda", 2}), "/images/g1.xvda.s1.2.qcow2");
}

TEST(OverlayPath, LiesInTheDirectoryThatIsSet) {
    const OverlayPlaces places{"/overlays", "/catalog"};
    EXPECT_EQ(path_of({"/images/g1.raw", "s1"}, places), "/overlays/g1.s1.qcow2");
    EXPECT_EQ(path_of({"/dev/vg0/g1", "s1"}, places), "/overlays/g1.s1.qcow2");
}

TEST(OverlayPath, LiesInADirectoryOfItsOwnForADevice) {
    EXPECT_EQ(path_of({"/dev/vg0/g1", "s1"}, {{}, "/catalog"}), "/catalog/g1.s1.qcow2");
    const auto refused = overlay_path({"/dev/vg0/g1", "s1"}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("give the path of the overlay"));
}

TEST(OverlayPath, NeedsAnAbsoluteImageAndAName) {
    EXPECT_FALSE(overlay_path({"rbd:pool/g1", "s1"}, {}));
    EXPECT_FALSE(overlay_path({"/images/g1", ""}, {}));
    EXPECT_FALSE(overlay_path({"/images/", std::string(10, 'a')}, {}));
}

TEST(OverlayPath, EncodesWhatWouldMakeABadFileName) {
    EXPECT_EQ(path_of({"/g1", "vor dem Update"}), "/g1.vor%20dem%20Update.qcow2");
    EXPECT_EQ(path_of({"/g1", "a/b,c:d%e"}), "/g1.a%2Fb%2Cc%3Ad%25e.qcow2");
    EXPECT_EQ(path_of({"/g1", "a\nb\xff"}), "/g1.a%0Ab%FF.qcow2");
    EXPECT_EQ(path_of({"/g1", "\u00e4+1"}), "/g1.\u00e4+1.qcow2");
    EXPECT_EQ(path_of({"/g1", "a\u200db"}), "/g1.a%E2%80%8Db.qcow2");
}

TEST(OverlayPath, CutsAnImagesNameThatIsTooLong) {
    const std::string long_name(250, 'i');
    const std::string file_name = file_name_of({"/images/" + long_name, "s1", {}, 12});
    EXPECT_EQ(file_name.size(), kMaxFileNameBytes);
    EXPECT_THAT(file_name, EndsWith("i.s1.12.qcow2"));
    std::string umlauts;
    for (int i = 0; i < 125; ++i)
        umlauts += "\u00e4";
    for (const char *snapshot : {"s1", "s12"}) {
        const std::string cut = file_name_of({"/" + umlauts, snapshot});
        EXPECT_TRUE(is_utf8(cut)) << cut;
        EXPECT_LE(cut.size(), kMaxFileNameBytes);
        EXPECT_GE(cut.size(), kMaxFileNameBytes - 1);
    }
}

TEST(OverlayPath, RefusesASnapshotsNameThatLeavesNoRoom) {
    const std::string room(kMaxFileNameBytes - std::string("i..qcow2").size(), 's');
    EXPECT_EQ(file_name_of({"/image", room}).size(), kMaxFileNameBytes);
    const auto refused = overlay_path({"/image", room + "s"}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("so long; give the path of the overlay"));
}

TEST(OverlayPaths, TellDisksApartThatWouldGetOnePath) {
    const auto paths = overlay_paths({{"", "xvda", "/a/disk.img", "s1"},
                                      {"", "xvdb", "/b/disk.img", "s1"},
                                      {"", "xvdc", "/b/other.img", "s1"}},
                                     {"/overlays", ""});
    EXPECT_EQ(*paths[0], "/overlays/disk.xvda.s1.qcow2");
    EXPECT_EQ(*paths[1], "/overlays/disk.xvdb.s1.qcow2");
    EXPECT_EQ(*paths[2], "/overlays/other.s1.qcow2");
}

TEST(OverlayPaths, LeaveAGivenPathAsItIs) {
    const auto paths = overlay_paths(
        {{"/a/disk.s1.qcow2", "xvda", "/z", "s1"}, {"", "xvdb", "/a/disk.img", "s1"}}, {});
    EXPECT_EQ(*paths[0], "/a/disk.s1.qcow2");
    EXPECT_EQ(*paths[1], "/a/disk.xvdb.s1.qcow2");
}

} // namespace

} // namespace xlsnap
