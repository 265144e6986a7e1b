// SPDX-License-Identifier: LGPL-2.1-only
#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LifeCycle : public LibxlToolstackTest {
  protected:
    const DomainId domid_ = libxl_.add(guest_config("pv"));
    FakeXenDomain &domain_ = libxl_.domain(domid_);
};

TEST_F(LifeCycle, PausesOnlyOnce) {
    ASSERT_TRUE(toolstack_.pause(domid_));
    ASSERT_TRUE(toolstack_.pause(domid_));
    EXPECT_EQ(domain_.pauses, 1);
}

TEST_F(LifeCycle, SaysThatAPauseFailed) {
    libxl_.fail_next("libxl_domain_pause", ERROR_FAIL);
    EXPECT_THAT(toolstack_.pause(domid_).error().message, HasSubstr("cannot pause domain g1 (1)"));
}

TEST_F(LifeCycle, UnpausesHoweverOftenTheDomainWasPaused) {
    domain_.pauses = 3;
    ASSERT_TRUE(toolstack_.unpause(domid_));
    EXPECT_EQ(domain_.pauses, 0);
}

TEST_F(LifeCycle, LeavesADomainThatIsNotPausedAlone) {
    ASSERT_TRUE(toolstack_.unpause(domid_));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(LifeCycle, GivesUpOnADomainThatIsPausedAgainAndAgain) {
    domain_.pauses = 1000;
    EXPECT_THAT(toolstack_.unpause(domid_).error().message, HasSubstr("another program"));
}

TEST_F(LifeCycle, SaysThatAnUnpauseFailed) {
    domain_.pauses = 1;
    libxl_.fail_next("libxl_domain_unpause", ERROR_TIMEDOUT);
    const Status unpaused = toolstack_.unpause(domid_);
    EXPECT_EQ(unpaused.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(unpaused.error().message, HasSubstr("it stays paused"));
}

TEST_F(LifeCycle, ResumesCooperatively) {
    domain_.shutdown = true;
    domain_.shutdown_reason = LIBXL_SHUTDOWN_REASON_SUSPEND;
    ASSERT_TRUE(toolstack_.resume(domid_));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Running);
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_resume 1"));
}

TEST_F(LifeCycle, DoesNotResumeWhatCrashed) {
    domain_.shutdown = true;
    domain_.shutdown_reason = LIBXL_SHUTDOWN_REASON_CRASH;
    EXPECT_THAT(toolstack_.resume(domid_).error().message,
                HasSubstr("cannot resume domain g1 (1): it is not suspended but shut down"));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(LifeCycle, SaysThatADomainStaysSuspended) {
    domain_.shutdown = true;
    domain_.shutdown_reason = LIBXL_SHUTDOWN_REASON_SUSPEND;
    libxl_.fail_next("libxl_domain_resume", ERROR_TIMEDOUT);
    EXPECT_THAT(toolstack_.resume(domid_).error().message, HasSubstr("it stays suspended"));
}

TEST_F(LifeCycle, WaitsUntilADestroyedDomainIsGone) {
    const LibxlDeadlines patient{std::chrono::minutes(1), std::chrono::minutes(1),
                                 std::chrono::minutes(1), std::chrono::milliseconds(1)};
    domain_.looks_before_gone = 3;
    ASSERT_TRUE(LibxlToolstack(libxl_.ctx(), log_, patient).destroy(domid_));
    EXPECT_FALSE(libxl_.has(domid_));
}

TEST_F(LifeCycle, TakesADomainThatIsGoneForDestroyed) {
    EXPECT_TRUE(toolstack_.destroy(99));
    libxl_.domains.erase(domid_);
    libxl_.fail_next("libxl_domain_destroy", ERROR_FAIL);
    EXPECT_TRUE(toolstack_.destroy(domid_));
}

TEST_F(LifeCycle, SaysThatADestroyFailed) {
    libxl_.fail_next("libxl_domain_destroy", ERROR_FAIL);
    EXPECT_THAT(toolstack_.destroy(domid_).error().message,
                HasSubstr("cannot destroy domain g1 (1)"));
    EXPECT_TRUE(libxl_.has(domid_));
}

TEST_F(LifeCycle, SaysWhyADestroyedDomainDoesNotDisappear) {
    domain_.looks_before_gone = 1000;
    const Status destroyed = toolstack_.destroy(domid_);
    EXPECT_EQ(destroyed.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(destroyed.error().message, HasSubstr("still maps its memory"));
}

TEST_F(LifeCycle, DoesNotTakeAFailedLookForADomainThatIsGone) {
    libxl_.fail_next("libxl_list_domain", ERROR_FAIL);
    EXPECT_EQ(toolstack_.destroy(domid_).error().code, ErrorCode::Fail);
}

TEST_F(LifeCycle, CallsADomainWithoutANameByItsNumber) {
    libxl_.xenstore.erase("/local/domain/1/name");
    libxl_.fail_next("libxl_domain_pause", ERROR_FAIL);
    EXPECT_THAT(toolstack_.pause(domid_).error().message, HasSubstr("cannot pause domain 1:"));
}

} // namespace

} // namespace xlsnap::test
