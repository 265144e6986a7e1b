// SPDX-License-Identifier: LGPL-2.1-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain_images.hpp"

namespace xlsnap {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Its disk xvda goes on in /a.s1, which stands on /a.
DomainRecord gone_on_in_an_overlay() {
    DomainRecord domain;
    domain.active_layers = {{"xvda", "/a.s1"}};
    domain.images = {{"/a", DiskFormat::Raw}, {"/a.s1", DiskFormat::Qcow2}};
    return domain;
}

Domain domain_with(const std::string &vdev, const std::string &path) {
    Domain domain;
    domain.disks.push_back({.vdev = vdev,
                            .path = path,
                            .format = DiskFormat::Raw,
                            .script = {},
                            .backend_domain = {}});
    return domain;
}

TEST(LeftImages, GiveADiskThatNamesOneTheImageThatItWentOnIn) {
    EXPECT_THAT(left_images(domain_with("xvda", "/a"), gone_on_in_an_overlay(), {}),
                ElementsAre(DiskChange{"xvda", "/a.s1", DiskFormat::Qcow2}));
}

TEST(LeftImages, AreNoneWhereTheConfigurationNamesThePresentImage) {
    EXPECT_THAT(left_images(domain_with("xvda", "/a.s1"), gone_on_in_an_overlay(), {}), IsEmpty());
    EXPECT_THAT(left_images(domain_with("xvdb", "/a"), gone_on_in_an_overlay(), {}), IsEmpty());
}

TEST(LeftImages, AreNotThoseThatTheDomainNeverHadUnlessTheyAreMissing) {
    EXPECT_THAT(left_images(domain_with("xvda", "/z"), gone_on_in_an_overlay(), {}), IsEmpty());
    EXPECT_THAT(left_images(domain_with("xvda", "/z"), gone_on_in_an_overlay(), {"/z"}),
                ElementsAre(DiskChange{"xvda", "/a.s1", DiskFormat::Qcow2}));
}

} // namespace

} // namespace xlsnap
