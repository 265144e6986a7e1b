// SPDX-License-Identifier: LGPL-2.1-only
#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class MakeRoom : public LibxlToolstackTest {
  protected:
    static std::string guest_of(std::uint64_t kib) {
        return fmt::format(
            R"({{"c_info":{{"type":"pv","name":"g1"}},"b_info":{{"max_memkb":{},"type.pv":{{}}}}}})",
            kib);
    }
};

TEST_F(MakeRoom, AsksNothingOfAHostThatGetsTheMemoryBack) {
    libxl_.free_kib = 0;
    EXPECT_TRUE(toolstack_.make_room(guest_of(65536), guest_of(65536)));
    EXPECT_TRUE(toolstack_.make_room(guest_of(65536), guest_of(131072)));
    EXPECT_THAT(libxl_.calls, Not(Contains(HasSubstr("set_memory_target"))));
}

TEST_F(MakeRoom, LetsDom0GiveUpWhatIsMissing) {
    libxl_.free_kib = 1000;
    libxl_.dom0_can_give_kib = 1U << 20U;
    EXPECT_TRUE(toolstack_.make_room(guest_of(131072), guest_of(65536)));
    EXPECT_EQ(libxl_.free_kib, 65536U);
}

TEST_F(MakeRoom, CountsNothingAsGoneThatIsNot) {
    libxl_.free_kib = 65535;
    libxl_.dom0_can_give_kib = 1U << 20U;
    EXPECT_TRUE(toolstack_.make_room(guest_of(65536), {}));
    EXPECT_EQ(libxl_.free_kib, 65536U);
}

TEST_F(MakeRoom, LeavesADom0OfFixedSizeAlone) {
    libxl_.free_kib = 1000;
    libxl_.dom0_can_give_kib = 1U << 20U;
    libxl_.xen_command_line = "console=com1 dom0_mem=1G,max:1G";
    const Status status = toolstack_.make_room(guest_of(131072), guest_of(65536));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::NoMemory);
    EXPECT_THAT(status.error().message, HasSubstr("needs 65 MiB more"));
    EXPECT_EQ(libxl_.free_kib, 1000U);
}

// What dom0 may give up counts, and nothing is touched by the question.
TEST_F(MakeRoom, CanBeAskedForWithoutShrinkingDom0) {
    libxl_.free_kib = 1024;
    libxl_.dom0_can_give_kib = 63U << 10U;
    EXPECT_TRUE(toolstack_.check_room(guest_of(131072), guest_of(65536)));
    EXPECT_TRUE(toolstack_.check_room(guest_of(1024), {}));
    EXPECT_TRUE(toolstack_.check_room(guest_of(65536), guest_of(65536)));
    libxl_.dom0_can_give_kib -= 1;
    const Status status = toolstack_.check_room(guest_of(131072), guest_of(65536));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::NoMemory);
    EXPECT_THAT(status.error().message,
                HasSubstr("needs 65 MiB more, but only 1 MiB of the host's memory are free and "
                          "dom0 can give up 62 MiB at most"));
    EXPECT_THAT(libxl_.calls, Not(Contains(HasSubstr("set_memory_target"))));
}

TEST_F(MakeRoom, CountsNothingOfADom0OfFixedSize) {
    libxl_.free_kib = 1000;
    libxl_.dom0_can_give_kib = 1U << 20U;
    libxl_.xen_command_line = "dom0_mem=1G";
    EXPECT_THAT(toolstack_.check_room(guest_of(131072), guest_of(65536)).error().message,
                HasSubstr("shrink dom0 (xl mem-set 0)"));
}

// dom0's target is unknown: only the attempt can tell.
TEST_F(MakeRoom, IsNotRefusedForWhatNobodyKnows) {
    libxl_.free_kib = 0;
    libxl_.fail_next("libxl_get_memory_target", ERROR_FAIL);
    EXPECT_TRUE(toolstack_.check_room(guest_of(131072), guest_of(65536)));
}

TEST_F(MakeRoom, SaysWhenLibxlCannotTell) {
    for (const char *function : {"libxl_domain_need_memory", "libxl_get_free_memory"}) {
        libxl_.fail_next(function, ERROR_FAIL);
        EXPECT_EQ(toolstack_.make_room(guest_of(131072), guest_of(65536)).error().code,
                  ErrorCode::Fail)
            << function;
        libxl_.fail_next(function, ERROR_FAIL);
        EXPECT_EQ(toolstack_.check_room(guest_of(131072), guest_of(65536)).error().code,
                  ErrorCode::Fail)
            << function;
    }
    EXPECT_EQ(toolstack_.make_room("{}", guest_of(1)).error().code, ErrorCode::Invalid);
}

TEST_F(MakeRoom, GivesUpWhenDom0DoesNotShrink) {
    libxl_.free_kib = 0;
    libxl_.fail_next("libxl_set_memory_target", ERROR_FAIL);
    EXPECT_EQ(toolstack_.make_room(guest_of(131072), guest_of(65536)).error().code,
              ErrorCode::NoMemory);
}

} // namespace

} // namespace xlsnap::test
