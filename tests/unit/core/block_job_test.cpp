// SPDX-License-Identifier: LGPL-2.1-only
#include <gtest/gtest.h>

#include "core/block_job.hpp"

namespace xlsnap {

namespace {

TEST(JobId, TellsOurJobsFromThoseOfOthers) {
    EXPECT_EQ(make_job_id("xvda"), "xlsnap-xvda");
    EXPECT_TRUE(is_job_of_ours(make_job_id("hda")));
    for (const char *id : {"", "xlsnap", "drive0", "libvirt-1-xlsnap-xvda"})
        EXPECT_FALSE(is_job_of_ours(id)) << id;
}

} // namespace

} // namespace xlsnap
