// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/domain_events.hpp"

#include <filesystem>

#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class DomainEventsTest : public ::testing::Test {
  protected:
    std::optional<ShutdownReason> next() {
        const auto reason = events_.next_shutdown(domid_);
        EXPECT_TRUE(reason.has_value()) << reason.error().message;
        return reason.value_or(std::nullopt);
    }

    void is_down(libxl_shutdown_reason reason) {
        libxl_.domain(domid_).shutdown = true;
        libxl_.domain(domid_).shutdown_reason = reason;
    }

    FakeLibxl libxl_;
    std::uint32_t domid_ = libxl_.add(guest_config("pv"));
    LibxlDomainEvents events_{libxl_.ctx()};
};

TEST_F(DomainEventsTest, TellEachReasonAndThenTheEnd) {
    const std::vector<std::pair<libxl_shutdown_reason, ShutdownReason>> reasons = {
        {LIBXL_SHUTDOWN_REASON_POWEROFF, ShutdownReason::Poweroff},
        {LIBXL_SHUTDOWN_REASON_REBOOT, ShutdownReason::Reboot},
        {LIBXL_SHUTDOWN_REASON_SUSPEND, ShutdownReason::Suspend},
        {LIBXL_SHUTDOWN_REASON_CRASH, ShutdownReason::Crash},
        {LIBXL_SHUTDOWN_REASON_WATCHDOG, ShutdownReason::Watchdog},
        {LIBXL_SHUTDOWN_REASON_SOFT_RESET, ShutdownReason::SoftReset},
        {LIBXL_SHUTDOWN_REASON_UNKNOWN, ShutdownReason::Unknown},
    };
    for (const auto &[theirs, ours] : reasons) {
        libxl_.events.push_back({domid_, LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN, theirs});
        EXPECT_THAT(next(), Optional(ours));
    }
    libxl_.events.push_back({domid_, LIBXL_EVENT_TYPE_DOMAIN_DEATH});
    EXPECT_EQ(next(), std::nullopt);
}

TEST_F(DomainEventsTest, OfAnEarlierDomainAreNotTold) {
    libxl_.events = {{domid_ + 1, LIBXL_EVENT_TYPE_DOMAIN_DEATH},
                     {domid_, LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN, LIBXL_SHUTDOWN_REASON_REBOOT}};
    EXPECT_THAT(next(), Optional(ShutdownReason::Reboot));
}

TEST_F(DomainEventsTest, TellAtOnceThatTheDomainIsDownOrGone) {
    is_down(LIBXL_SHUTDOWN_REASON_CRASH);
    EXPECT_THAT(next(), Optional(ShutdownReason::Crash));
    libxl_.domains.clear();
    EXPECT_EQ(next(), std::nullopt);
    EXPECT_THAT(libxl_.calls, Not(Contains(HasSubstr("event_wait"))));
}

// It was told before: otherwise a suspended domain would be told without end.
TEST_F(DomainEventsTest, WaitForWhatComesAfterASuspend) {
    is_down(LIBXL_SHUTDOWN_REASON_SUSPEND);
    libxl_.events = {{domid_, LIBXL_EVENT_TYPE_DOMAIN_DEATH}};
    EXPECT_EQ(next(), std::nullopt);
}

TEST_F(DomainEventsTest, HaveOneGeneratorAtATimeAndNoneInTheEnd) {
    {
        LibxlDomainEvents events(libxl_.ctx());
        is_down(LIBXL_SHUTDOWN_REASON_CRASH);
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(events.next_shutdown(domid_));
            EXPECT_EQ(libxl_.generators, 1);
        }
    }
    EXPECT_EQ(libxl_.generators, 0);
}

TEST_F(DomainEventsTest, SayWhyTheyCannotBeHad) {
    for (const char *function : {"libxl_evenable_domain_death", "libxl_event_wait"}) {
        libxl_.fail_next(function, ERROR_FAIL);
        const auto reason = events_.next_shutdown(domid_);
        ASSERT_FALSE(reason) << function;
        EXPECT_THAT(reason.error().message, HasSubstr("domain 1"));
    }
}

class DomainEndTest : public LibxlToolstackTest {
  protected:
    std::uint32_t domid_ = libxl_.add(guest_config("pv"));
};

TEST_F(DomainEndTest, DumpsACoreWhereXlDoes) {
    LibxlToolstack toolstack(libxl_.ctx(), log_);
    Domain domain = toolstack.inspect(domid_).value();
    EXPECT_TRUE(toolstack.dump_core(domain));
    EXPECT_THAT(libxl_.calls, Contains("libxl_domain_core_dump 1 /var/lib/xen/dump/g1"));
    domain.name = "../../etc/g1";
    EXPECT_TRUE(toolstack.dump_core(domain));
    EXPECT_THAT(libxl_.calls, Contains("libxl_domain_core_dump 1 /var/lib/xen/dump/.._.._etc_g1"));
}

TEST_F(DomainEndTest, LeavesNoPartOfACore) {
    const Domain domain = toolstack_.inspect(domid_).value();
    put(dumps_ / domain.name, "the first half");
    libxl_.fail_next("libxl_domain_core_dump", ERROR_FAIL);
    EXPECT_THAT(toolstack_.dump_core(domain).error().message, HasSubstr(dumps_ / domain.name));
    EXPECT_TRUE(std::filesystem::is_empty(dumps_.path()));
}

TEST_F(DomainEndTest, PreservesADomainUnderItsNameAndTheTime) {
    const Domain domain = toolstack_.inspect(domid_).value();
    libxl_.fail_next("libxl_domain_preserve", ERROR_FAIL);
    EXPECT_THAT(toolstack_.preserve(domain).error().message, HasSubstr("rename"));
    ASSERT_TRUE(toolstack_.preserve(domain));
    EXPECT_THAT(libxl_.domain(domid_).name, ::testing::MatchesRegex("g1-[0-9]{8}T[0-9]{4}Z"));
}

TEST_F(DomainEndTest, ReadsWhatTheConfigurationWants) {
    std::string config = guest_config("pv");
    config.insert(1, R"("on_poweroff":"preserve","on_reboot":"restart_rename",)"
                     R"("on_crash":"coredump_restart","on_watchdog":"coredump_destroy",)"
                     R"("on_soft_reset":"destroy",)");
    libxl_.domains.clear();
    const Domain domain = toolstack_.inspect(libxl_.add(config)).value();
    EXPECT_EQ(domain.on_shutdown.poweroff, ShutdownAction::Preserve);
    EXPECT_EQ(domain.on_shutdown.reboot, ShutdownAction::RestartRename);
    EXPECT_EQ(domain.on_shutdown.crash, ShutdownAction::CoredumpRestart);
    EXPECT_EQ(domain.on_shutdown.watchdog, ShutdownAction::CoredumpDestroy);
    EXPECT_EQ(domain.on_shutdown.soft_reset, ShutdownAction::Destroy);
    EXPECT_FALSE(domain.updated_by_xl);
}

TEST_F(DomainEndTest, SeesThatXlHasAnotherConfigurationForTheNextStart) {
    libxl_.userdata[domid_]["xl"] = "memory = 128";
    EXPECT_TRUE(toolstack_.inspect(domid_)->updated_by_xl);
}

} // namespace

} // namespace xlsnap::test
