// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/job_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {
namespace {

Json job_text(const std::string &fields) {
    return parse_json(R"([{"device": "j", "type": "commit")" + fields + "}]").value();
}

Json job_in(const std::string &state) {
    return job_text(R"(, "offset": 1, "len": 2, "status": ")" + state + "\"");
}

TEST(JobInfo, ReadsAJob) {
    const auto jobs = read_jobs(parse_json(R"([
        {"device": "xlsnap-xvda", "type": "stream", "status": "concluded", "offset": 3, "len": 9,
         "busy": false, "io-status": "ok", "error": "No space left\non device"}])")
                                    .value());
    ASSERT_TRUE(jobs) << jobs.error().message;
    ASSERT_EQ(jobs->size(), 1u);
    const BlockJob &job = jobs->front();
    EXPECT_EQ(job.id, "xlsnap-xvda");
    EXPECT_EQ(job.type, "stream");
    EXPECT_EQ(job.state, JobState::Concluded);
    EXPECT_EQ(job.done, 3u);
    EXPECT_EQ(job.total, 9u);
    EXPECT_THAT(job.error, ::testing::HasSubstr("No space left"));
    EXPECT_THAT(job.error, ::testing::Not(::testing::HasSubstr("\n")));
}

TEST(JobInfo, KnowsEveryStateOfAJob) {
    const std::pair<const char *, JobState> known[] = {
        {"created", JobState::Running},    {"running", JobState::Running},
        {"waiting", JobState::Running},    {"pending", JobState::Ready},
        {"aborting", JobState::Running},   {"paused", JobState::Paused},
        {"standby", JobState::Paused},     {"ready", JobState::Ready},
        {"concluded", JobState::Concluded}};
    for (const auto &[name, state] : known) {
        const auto jobs = read_jobs(job_in(name));
        ASSERT_TRUE(jobs) << name;
        EXPECT_EQ(jobs->front().state, state) << name;
    }
}

TEST(JobInfo, RefusesAStateThatItDoesNotKnow) {
    for (const char *state : {"", "null", "undefined", "Ready", "done"}) {
        const auto jobs = read_jobs(job_in(state));
        ASSERT_FALSE(jobs) << state;
        EXPECT_EQ(jobs.error().code, ErrorCode::Invalid) << state;
    }
}

TEST(JobInfo, IsNeverMoreThanDone) {
    const auto jobs =
        read_jobs(job_text(R"(, "status": "running", "offset": 9223372036854775807, "len": 5)"));
    ASSERT_TRUE(jobs);
    EXPECT_EQ(jobs->front().done, 5u);
    EXPECT_EQ(jobs->front().total, 5u);
}

TEST(JobInfo, RefusesJobsOfAnUnknownShape) {
    for (const char *text :
         {"{}", "7", "[7]", "[[]]", R"([{"device": "j"}])",
          R"([{"type": "commit", "status": "ready", "offset": 0, "len": 0}])",
          R"([{"device": 1, "type": "commit", "status": "ready", "offset": 0, "len": 0}])",
          R"([{"device": "j", "type": [], "status": "ready", "offset": 0, "len": 0}])",
          R"([{"device": "j", "type": "commit", "status": 3, "offset": 0, "len": 0}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "len": 0}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": 0}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": -1, "len": 0}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": 0, "len": -5}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": 0.5, "len": 1}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": "0", "len": 1}])",
          R"([{"device": "j", "type": "commit", "status": "ready", "offset": 0, "len": 0,
               "error": {}}])"}) {
        const auto jobs = read_jobs(parse_json(text).value());
        ASSERT_FALSE(jobs) << text;
        EXPECT_EQ(jobs.error().code, ErrorCode::Invalid) << text;
    }
}

} // namespace
} // namespace xlsnap
