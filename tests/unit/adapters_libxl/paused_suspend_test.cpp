// SPDX-License-Identifier: LGPL-2.1-only
#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PausedSuspend : public LibxlToolstackTest {
  protected:
    void use(const char *type) {
        domid_ = libxl_.add(guest_config(type));
        domain_ = &libxl_.domain(domid_);
        domain_->pauses = 1;
    }

    std::string guest_node(const char *relative) {
        return fmt::format("/local/domain/{}/{}", domid_, relative);
    }

    DomainId domid_ = 0;
    FakeXenDomain *domain_ = nullptr;
};

// The fake guest takes its request only when it is unpaused, and forgets none that stood before.
TEST_F(PausedSuspend, LetsTheGuestRunWhenTheRequestStands) {
    for (const char *type : {"pv", "pvh", "hvm"}) {
        use(type);
        libxl_.calls.clear();
        ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false)) << type;
        EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Suspended);
        EXPECT_EQ(domain_->pauses, 0);
        EXPECT_THAT(libxl_.calls, ElementsAre(fmt::format("libxl_domain_suspend {}", domid_),
                                              fmt::format("libxl_domain_unpause {}", domid_)));
    }
}

TEST_F(PausedSuspend, SaysThatTheGuestRunsForAMoment) {
    use("pv");
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_THAT(log_.infos, ElementsAre(HasSubstr("domain g1 (1) is paused; it runs")));
}

TEST_F(PausedSuspend, UndoesEveryPause) {
    use("pv");
    domain_->pauses = 2;
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(domain_->pauses, 0);
}

TEST_F(PausedSuspend, LetsAGuestRunThatIsAskedThroughAnEventChannel) {
    use("pv");
    libxl_.xenstore[guest_node("device/suspend/event-channel")] = "7";
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(domain_->pauses, 0);
}

TEST_F(PausedSuspend, NeverLetsAGuestWithoutXenDriversRun) {
    use("hvm");
    domain_->pv_drivers = false;
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Suspended);
    EXPECT_EQ(domain_->pauses, 1);
    EXPECT_THAT(log_.infos, IsEmpty());
}

TEST_F(PausedSuspend, LetsAGuestWithoutXenDriversFinishItsDeviceAccess) {
    use("hvm");
    domain_->pv_drivers = false;
    domain_->in_device_access = true;
    ASSERT_TRUE(toolstack_.suspend(domid_, stream_.get(), false));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Suspended);
    EXPECT_EQ(domain_->pauses, 0);
}

TEST_F(PausedSuspend, StaysOutOfTheWayOfAnotherRequest) {
    use("pv");
    libxl_.xenstore[guest_node("control/shutdown")] = "suspend";
    const Status suspended = toolstack_.suspend(domid_, stream_.get(), false);
    EXPECT_EQ(suspended.error().code, ErrorCode::NotReady);
    EXPECT_THAT(suspended.error().message, HasSubstr("request of another program"));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(PausedSuspend, NeedsXenstore) {
    use("pv");
    libxl_.xenstore_refuses = true;
    EXPECT_THAT(toolstack_.suspend(domid_, stream_.get(), false).error().message,
                HasSubstr("xenstored"));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(PausedSuspend, SaysThatTheGuestCouldNotBeUnpaused) {
    use("pv");
    libxl_.fail_next("libxl_domain_unpause", ERROR_FAIL);
    EXPECT_THAT(toolstack_.suspend(domid_, stream_.get(), false).error().message,
                HasSubstr("cannot unpause domain g1 (1)"));
    ASSERT_TRUE(toolstack_.let_run(domid_, true));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Paused);
    EXPECT_EQ(domain_->pauses, 1);
}

TEST_F(PausedSuspend, PausesADeafGuestAgain) {
    use("pvh");
    domain_->ignores_suspend = true;
    EXPECT_EQ(toolstack_.suspend(domid_, stream_.get(), false).error().code,
              ErrorCode::GuestTimedOut);
    ASSERT_TRUE(toolstack_.let_run(domid_, true));
    EXPECT_EQ(toolstack_.state(domid_).value(), RunState::Paused);
    EXPECT_THAT(libxl_.calls, Contains("libxl_domain_pause 1"));
}

} // namespace

} // namespace xlsnap::test
