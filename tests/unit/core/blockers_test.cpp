// SPDX-License-Identifier: LGPL-2.1-only
#include "core/blockers.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string blockers_of(const Hindrances &has) {
    Domain domain;
    domain.name = "g1";
    domain.hindrances = has;
    const Status status = memory_blockers(domain).status();
    return status ? "" : status.error().message;
}

TEST(MemoryBlockers, AreNoneForAnOrdinaryDomain) {
    EXPECT_EQ(blockers_of({}), "");
}

TEST(MemoryBlockers, NameTheReasonAndWhatToDo) {
    const std::pair<Hindrances, const char *> cases[] = {
        {{.nomigrate = true}, "nomigrate=1"},
        {{.vnuma = true}, "vnuma"},
        {{.vtpms = {{3, "6c8a2e5e"}}},
         "virtual TPM 3 (uuid 6c8a2e5e) cannot be saved: detach it (xl vtpm-detach g1 3)"},
        {{.pci_devices = {"0000:03:00.0"}}, "xl pci-detach g1 0000:03:00.0"},
        {{.driver_domain_devices = {"network interface 0 is served by driver domain net"}},
         "network interface 0 is served by driver domain net: let"},
    };
    for (const auto &[has, text] : cases)
        EXPECT_THAT(blockers_of(has), AllOf(HasSubstr(text), HasSubstr("disks alone")));
}

TEST(SnapshotBlockers, AreAnEmulatorOutOfReach) {
    Domain domain;
    EXPECT_TRUE(snapshot_blockers(domain).empty());
    domain.hindrances.stubdomain = true;
    EXPECT_THAT(snapshot_blockers(domain).status().error().message,
                HasSubstr("device_model_stubdomain_override=0"));
}

TEST(SnapshotBlockers, AreAnEmulatorThatMayNotWriteFiles) {
    Domain domain;
    domain.hindrances.restricted_qemu = true;
    EXPECT_THAT(snapshot_blockers(domain).status().error().message,
                AllOf(HasSubstr("dm_restrict=1"), HasSubstr("shut it down first")));
}

TEST(LiveBlockers, AreAXenThatCannotTellWhatAGuestWrites) {
    Domain domain;
    EXPECT_TRUE(live_blockers(domain).status());
    domain.hindrances.no_dirty_log = true;
    EXPECT_THAT(live_blockers(domain).status().error().message, HasSubstr("without --live"));
}

TEST(CheckState, SaysOfEachOperationWhichDomainsItIsFor) {
    using enum RunState;
    const std::pair<Operation, std::vector<RunState>> refused[] = {
        {Operation::Create, {Suspended, Shutdown, Dying}},
        {Operation::Revert, {Dying}},
        {Operation::Delete, {Shutdown, Dying}}};
    for (const auto &[operation, states] : refused)
        for (const RunState state : {Running, Paused, Suspended, Shutdown, Dying})
            EXPECT_EQ(check_state(state, operation).has_value(),
                      std::ranges::count(states, state) == 0)
                << to_string(state);
    EXPECT_THAT(check_state(Dying, Operation::Revert).error().message,
                HasSubstr("start it (xl create) and try again"));
}

TEST(MemoryBlockers, AreToldAllAtOnce) {
    const std::string told = blockers_of({.nomigrate = true,
                                          .pci_devices = {"0000:03:00.0", "0000:04:00.0"},
                                          .vtpms = {{0, "6c8a2e5e"}, {1, "6c8a2e5f"}}});
    for (const char *one : {"nomigrate", "TPM 0", "TPM 1", "0000:03:00.0", "0000:04:00.0"})
        EXPECT_THAT(told, HasSubstr(one));
}

} // namespace

} // namespace xlsnap
