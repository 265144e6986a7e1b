// SPDX-License-Identifier: LGPL-2.1-only
#include "core/memory_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;

constexpr const char *kOwn = "/var/lib/xen/snapshots/u/1.save";

void expect_refused(const std::string &path, const std::string &reason,
                    const std::string &own = kOwn) {
    const Status refused = check_chosen_file(path, own);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::Invalid);
    EXPECT_THAT(refused.error().message, HasSubstr(reason));
}

TEST(ChosenMemoryFile, MayLieAnywhereButInTheCatalog) {
    for (const char *path :
         {"/backup/g1 2026", "/f", "/var/lib/xen/snapshots.old/1.save", "/var/lib/xen/snapshots"})
        EXPECT_TRUE(check_chosen_file(path, kOwn)) << path;
    for (const char *path : {"/var/lib/xen/snapshots/1.save", "/var/lib/xen/snapshots/u/lock",
                             "/var/lib/xen/snapshots/other/2.save"})
        expect_refused(path, "lies in the catalog");
    expect_refused("/srv/s/x", "lies in the catalog", "/srv//s/./u/1.save");
}

TEST(ChosenMemoryFile, HasOnePathAlone) {
    expect_refused("memory", "not absolute");
    expect_refused("", "not absolute");
    expect_refused("//backup/x", "write '/backup/x'");
    expect_refused("/backup//x", "write '/backup/x'");
    expect_refused("/backup/./x", "write '/backup/x'");
    expect_refused("/backup/../x", "write '/x'");
}

TEST(ChosenMemoryFile, HasANameThatARecordCanHold) {
    expect_refused("/backup/\xff", "no UTF-8");
    expect_refused(std::string("/backup/\0x", 10), "no UTF-8");
}

} // namespace

} // namespace xlsnap::test
