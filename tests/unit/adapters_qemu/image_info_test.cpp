// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/image_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Json parsed(std::string_view text) {
    return parse_json(text).value();
}

TEST(ImageInfo, ReadsTagsInTheirOrder) {
    const auto tags = read_tags(parsed(R"({"snapshots": [
        {"id": "2", "name": "before", "vm-state-size": 0}, {"id": "1", "name": "older"}]})"));
    ASSERT_TRUE(tags);
    EXPECT_THAT(*tags, ElementsAre(Tag{"2", "before"}, Tag{"1", "older"}));
}

TEST(ImageInfo, HasNoTagsWhenNoneAreListed) {
    const auto tags = read_tags(parsed(R"({"format": "raw"})"));
    ASSERT_TRUE(tags);
    EXPECT_THAT(*tags, IsEmpty());
}

TEST(ImageInfo, ReadsFormatNodesAndLeavesTheOthersOut) {
    const auto nodes = read_nodes(parsed(R"([
        {"node-name": "xvda-qcow2", "drv": "qcow2", "file": "/g/a", "ro": false,
         "image": {"snapshots": [{"id": "1", "name": "t"}]}},
        {"node-name": "#block1", "drv": "file", "file": "/g/a", "ro": false, "image": {}},
        {"node-name": "xvdb-raw", "drv": "raw", "file": "/g/b", "ro": true, "backing_file": "base",
         "image": {"backing-filename": "base", "full-backing-filename": "/g/base"}}])"));
    ASSERT_TRUE(nodes);
    ASSERT_EQ(nodes->size(), 2u);
    EXPECT_EQ((*nodes)[0].name, "xvda-qcow2");
    EXPECT_EQ((*nodes)[0].path, "/g/a");
    EXPECT_EQ((*nodes)[0].driver, "qcow2");
    EXPECT_TRUE((*nodes)[0].writable);
    EXPECT_THAT((*nodes)[0].tags, ElementsAre(Tag{"1", "t"}));
    EXPECT_EQ((*nodes)[1].name, "xvdb-raw");
    EXPECT_FALSE((*nodes)[1].writable);
    EXPECT_THAT((*nodes)[1].tags, IsEmpty());
    EXPECT_EQ((*nodes)[0].backing_path, "");
    EXPECT_EQ((*nodes)[1].backing_path, "/g/base");
}

TEST(ImageInfo, RefusesTagsOfAnUnknownShape) {
    for (const char *text :
         {"[]", "null", R"({"snapshots": {}})", R"({"snapshots": null})", R"({"snapshots": ["1"]})",
          R"({"snapshots": [{"id": 1, "name": "t"}]})", R"({"snapshots": [{"id": "1"}]})",
          R"({"snapshots": [{"id": "1", "name": ["t"]}]})"}) {
        const auto tags = read_tags(parsed(text));
        ASSERT_FALSE(tags) << text;
        EXPECT_EQ(tags.error().code, ErrorCode::Invalid) << text;
    }
}

TEST(ImageInfo, RefusesNodesOfAnUnknownShape) {
    for (const char *text :
         {"{}", "7", "[7]", "[[]]", R"([{"drv": "qcow2"}])", R"([{"node-name": "a", "drv": 1}])",
          R"([{"node-name": 1, "drv": "qcow2", "file": "/a", "ro": false, "image": {}}])",
          R"([{"node-name": "a", "drv": "qcow2", "ro": false, "image": {}}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": {}, "ro": false, "image": {}}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "image": {}}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "ro": 0, "image": {}}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "ro": false}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "ro": false, "image": 1}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "ro": false,
               "image": {"full-backing-filename": null}}])",
          R"([{"node-name": "a", "drv": "qcow2", "file": "/a", "ro": false,
               "image": {"snapshots": [1]}}])"}) {
        const auto nodes = read_nodes(parsed(text));
        ASSERT_FALSE(nodes) << text;
        EXPECT_EQ(nodes.error().code, ErrorCode::Invalid) << text;
    }
}

} // namespace
} // namespace xlsnap
