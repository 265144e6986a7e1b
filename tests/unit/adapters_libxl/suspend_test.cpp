// SPDX-License-Identifier: LGPL-2.1-only
#include <fcntl.h>

#include "unit/adapters_libxl/libxl_fixture.hpp"

#include "support/fake_stream.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Suspend : public LibxlToolstackTest {
  protected:
    void suspend_behind_our_back() {
        domain_->shutdown = true;
        domain_->shutdown_reason = LIBXL_SHUTDOWN_REASON_SUSPEND;
    }

    void use(const char *type) {
        domid_ = libxl_.add(guest_config(type), "memory");
        domain_ = &libxl_.domain(domid_);
    }

    LibxlToolstack with_deadlines(std::chrono::milliseconds guest_answer,
                                  std::chrono::milliseconds late_suspend) {
        return {
            libxl_.ctx(),
            log_,
            {guest_answer, late_suspend, std::chrono::minutes(1), std::chrono::milliseconds(1)}};
    }

    DomainId domid_ = 0;
    FakeXenDomain *domain_ = nullptr;
};

TEST_F(Suspend, WritesTheStreamOfARunningGuest) {
    use("pv");
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Suspended);
    ASSERT_EQ(::lseek(stream_.get(), 0, SEEK_SET), 0);
    EXPECT_EQ(read_stream(stream_.get()).value(), "1memory");
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_suspend 1"));
}

TEST_F(Suspend, RefusesADomainThatCannotGoOn) {
    use("pv");
    domain_->shutdown = true;
    domain_->shutdown_reason = LIBXL_SHUTDOWN_REASON_POWEROFF;
    const Status suspended = toolstack_.suspend(domid_, stream_.get(), false);
    EXPECT_EQ(suspended.error().code, ErrorCode::Invalid);
    EXPECT_THAT(suspended.error().message,
                HasSubstr("cannot suspend domain g1 (1): it is shut down"));
    suspend_behind_our_back();
    EXPECT_EQ(toolstack_.suspend(domid_, stream_.get(), false).error().code, ErrorCode::Invalid);
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(Suspend, SaysThatAGuestDoesNotAnswer) {
    use("pvh");
    domain_->ignores_suspend = true;
    const Status suspended = toolstack_.suspend(domid_, stream_.get(), false);
    EXPECT_EQ(suspended.error().code, ErrorCode::GuestTimedOut);
    EXPECT_THAT(suspended.error().message, HasSubstr("did not suspend when it was asked"));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Running);
}

TEST_F(Suspend, DoesNotBlameTheGuestWhenLibxlGaveUpBeforeItsTimeWasOver) {
    use("hvm");
    domain_->emulator_hangs = true;
    LibxlToolstack toolstack =
        with_deadlines(std::chrono::minutes(1), std::chrono::milliseconds(0));
    const Status suspended = toolstack.suspend(domid_, stream_.get(), false);
    EXPECT_EQ(suspended.error().code, ErrorCode::GuestTimedOut);
    EXPECT_THAT(suspended.error().message,
                AllOf(HasSubstr("QEMU"), Not(HasSubstr("did not suspend"))));
}

// As libxl reports it when Xen enables no log-dirty mode: at once, before it asks the guest.
TEST_F(Suspend, SaysWhatToDoWhenXenDoesNotTrackWhatALiveGuestWrites) {
    LibxlToolstack toolstack =
        with_deadlines(std::chrono::minutes(1), std::chrono::milliseconds(0));
    for (const bool live : {true, false}) {
        use("pv");
        libxl_.fail_next("libxl_domain_suspend", ERROR_GUEST_TIMEDOUT);
        const Status suspended = toolstack.suspend(domid_, stream_.get(), live);
        EXPECT_EQ(suspended.error().code, ErrorCode::GuestTimedOut);
        const auto tells = AllOf(HasSubstr("log-dirty"), HasSubstr("without --live"));
        if (live)
            EXPECT_THAT(suspended.error().message, tells);
        else
            EXPECT_THAT(suspended.error().message, Not(tells));
        ASSERT_TRUE(toolstack.let_run(domid_, false));
        EXPECT_EQ(toolstack.state(domid_).value(), RunState::Running);
    }
}

// libxl itself would not survive it.
TEST_F(Suspend, GivesLibxlNoDescriptorThatCannotBeWritten) {
    use("pv");
    const UniqueFd unwritable(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(toolstack_.suspend(domid_, unwritable.get(), false).error().code, ErrorCode::Invalid);
    EXPECT_FALSE(toolstack_.suspend(domid_, -1, false));
    EXPECT_THAT(libxl_.calls, IsEmpty());
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Running);
}

TEST_F(Suspend, SaysThatTheStreamCouldNotBeWritten) {
    use("pv");
    const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const Status suspended = toolstack_.suspend(domid_, full.get(), false);
    EXPECT_EQ(suspended.error().code, ErrorCode::Fail);
    EXPECT_THAT(suspended.error().message,
                AllOf(HasSubstr("cannot suspend domain g1 (1)"), HasSubstr("is it full?")));
    ASSERT_TRUE(toolstack_.let_run(domid_, false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Running);
}

TEST_F(Suspend, DoesNotTrustASuccessThatLeavesTheDomainRunning) {
    use("pv");
    libxl_.fail_next("libxl_domain_suspend", 0);
    const Status suspended = toolstack_.suspend(domid_, stream_.get(), false);
    EXPECT_THAT(suspended.error().message, HasSubstr("domain g1 (1) was saved but is running now"));
}

TEST_F(Suspend, LetsADomainGoOnThatOnlyLibxlThoughtFailed) {
    use("pv");
    libxl_.fail_after_next("libxl_domain_suspend", ERROR_FAIL);
    EXPECT_FALSE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Suspended);
    ASSERT_TRUE(toolstack_.let_run(domid_, false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Running);
}

TEST_F(Suspend, LetsAGuestGoOnThatSuspendsWhenLibxlHasGivenUp) {
    use("pv");
    domain_->suspends_after_looks = 4;
    LibxlToolstack toolstack =
        with_deadlines(std::chrono::milliseconds(0), std::chrono::minutes(1));
    EXPECT_EQ(toolstack.suspend(domid_, stream_.get(), false).error().code,
              ErrorCode::GuestTimedOut);
    ASSERT_TRUE(toolstack.let_run(domid_, false));
    EXPECT_EQ(toolstack.state(domid_).value(), RunState::Running);
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_suspend 1", "libxl_domain_resume 1"));
}

TEST_F(Suspend, DoesNotWaitForALateSuspendForEver) {
    use("pv");
    domain_->ignores_suspend = true;
    EXPECT_FALSE(toolstack_.suspend(domid_, stream_.get(), false));
    ASSERT_TRUE(toolstack_.let_run(domid_, true));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Paused);
}

class LetRun : public Suspend {};

TEST_F(LetRun, PausesBeforeItResumes) {
    use("pv");
    suspend_behind_our_back();
    ASSERT_TRUE(toolstack_.let_run(domid_, true));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Paused);
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_pause 1", "libxl_domain_resume 1"));
}

TEST_F(LetRun, LeavesARunningGuestAlone) {
    use("pvh");
    ASSERT_TRUE(toolstack_.let_run(domid_, false));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(LetRun, SaysThatTheGuestShutDownByItself) {
    use("pv");
    domain_->shutdown = true;
    domain_->shutdown_reason = LIBXL_SHUTDOWN_REASON_CRASH;
    EXPECT_THAT(toolstack_.let_run(domid_, false).error().message,
                HasSubstr("domain g1 (1) shut down or crashed"));
}

TEST_F(LetRun, SaysThatTheDomainIsBeingDestroyed) {
    use("pv");
    domain_->looks_before_gone = 1;
    domain_->dying = true;
    EXPECT_EQ(toolstack_.let_run(domid_, false).error().code, ErrorCode::DomainDestroyed);
}

TEST_F(LetRun, SaysThatThePauseFailed) {
    use("pv");
    suspend_behind_our_back();
    libxl_.fail_next("libxl_domain_pause", ERROR_FAIL);
    EXPECT_THAT(toolstack_.let_run(domid_, true).error().message, HasSubstr("cannot pause"));
}

TEST_F(LetRun, LetsAStoppedEmulatorGoOn) {
    use("hvm");
    domain_->emulator_stopped = true;
    ASSERT_TRUE(toolstack_.let_run(domid_, false));
    EXPECT_FALSE(domain_->emulator_stopped);
}

TEST_F(LetRun, LeavesARunningEmulatorAlone) {
    use("hvm");
    ASSERT_TRUE(toolstack_.let_run(domid_, false));
    EXPECT_THAT(libxl_.calls, Not(Contains("cont")));
}

TEST_F(LetRun, NeverWaitsForAnEmulatorThatHangs) {
    use("hvm");
    domain_->emulator_hangs = true;
    const Status run = toolstack_.let_run(domid_, false);
    EXPECT_EQ(run.error().code, ErrorCode::TimedOut);
    EXPECT_THAT(run.error().message, HasSubstr("it hangs with its QEMU"));
    EXPECT_THAT(libxl_.calls, Not(Contains("libxl_qemu_monitor_command 1")));
}

TEST_F(LetRun, TellsWhatAnEmulatorAnswersThatDoesNotGoOn) {
    use("hvm");
    domain_->emulator_stopped = true;
    libxl_.monitor_answers["cont"] = "Error: no\r\nmore\r\n";
    EXPECT_THAT(toolstack_.let_run(domid_, false).error().message,
                HasSubstr("does not go on: \"Error: no\""));
}

TEST_F(LetRun, SaysThatTheEmulatorGotNoCommand) {
    use("hvm");
    libxl_.fail_next("libxl_qemu_monitor_command", ERROR_PROTOCOL_ERROR_QMP);
    const Status run = toolstack_.let_run(domid_, false);
    EXPECT_EQ(run.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(run.error().message, HasSubstr("cannot send \"info status\""));
}

TEST_F(LetRun, NeedsXenstoreToKnowWhetherThereIsAnEmulator) {
    use("hvm");
    libxl_.xenstore_refuses = true;
    EXPECT_THAT(toolstack_.let_run(domid_, false).error().message, HasSubstr("xenstored"));
}

} // namespace

} // namespace xlsnap::test
