// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/saved_config.hpp"

namespace xlsnap {

namespace {

using ::testing::HasSubstr;

constexpr const char *kConfig = R"({"c_info":{"name":"g1","uuid":"u1"},
    "disks":[{"pdev_path":"/images/a.qcow2","vdev":"xvda"},{"vdev":"xvdb"}]})";

Domain domain() {
    Domain domain;
    domain.uuid = "u1";
    domain.name = "g1";
    return domain;
}

DiskTarget target(const std::string &vdev, const std::string &path) {
    return DiskTarget{vdev, path, DiskFormat::Qcow2, "s1"};
}

TEST(SavedConfig, FitsItsOwnDomainAndDisks) {
    EXPECT_TRUE(check_saved_config(kConfig, domain(), {target("xvda", "/images/a.qcow2")}));
    EXPECT_TRUE(check_saved_config(kConfig, domain(), {}));
}

TEST(SavedConfig, RefusesForeignDomainsAndDisksWithEveryReason) {
    Domain other = domain();
    other.uuid = "u2";
    const Status refused = check_saved_config(
        kConfig, other,
        {target("xvda", "/images/new.qcow2"), target("xvdb", "/b"), target("xvdc", "/c")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    for (const char *reason :
         {"belongs to domain u1", "xvda was /images/a.qcow2", "no disk xvdb", "no disk xvdc"})
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
}

TEST(SavedConfig, RefusesWhatIsNoConfiguration) {
    for (const char *text : {"", "[]", "{", "3", R"({"c_info":3})", R"({"c_info":{"uuid":3}})",
                             R"({"c_info":{"uuid":"u1"},"disks":{}})"})
        EXPECT_FALSE(check_saved_config(text, domain(), {target("xvda", "/images/a.qcow2")}))
            << text;
}

} // namespace

} // namespace xlsnap
