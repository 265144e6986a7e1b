// SPDX-License-Identifier: LGPL-2.1-only
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

class MakeRoom : public LibxlToolstackTest {
  protected:
    MakeRoom() { libxl_.xen_command_line = ""; }

    void configure_xl(const std::string &text) { std::ofstream(xl_ / "xl.conf") << text; }

    // Whether xl would have to wait.
    bool lock_is_held() {
        const UniqueFd file(::open((xl_ / "xl.lock").c_str(), O_WRONLY));
        struct flock lock = {};
        lock.l_type = F_WRLCK;
        return file.valid() && ::fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    }

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
    const auto status = toolstack_.make_room(guest_of(131072), guest_of(65536));
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

TEST_F(MakeRoom, NeverShrinksDom0WhenTheAdministratorSaidOff) {
    libxl_.free_kib = 1000;
    libxl_.dom0_can_give_kib = 1U << 20U;
    // Whoever made the second one may have meant "off".
    for (const char *text : {"autoballoon=\"off\"\n", "autoballoon off\n"}) {
        configure_xl(text);
        for (const Error &error :
             {toolstack_.check_room(guest_of(131072), guest_of(65536)).error(),
              toolstack_.make_room(guest_of(131072), guest_of(65536)).error()}) {
            EXPECT_EQ(error.code, ErrorCode::NoMemory);
            EXPECT_THAT(error.message, HasSubstr("shrink dom0 (xl mem-set 0)"));
        }
    }
    EXPECT_THAT(libxl_.calls, Not(Contains(HasSubstr("set_memory_target"))));
    EXPECT_THAT(log_.warnings, Each(HasSubstr("xl.conf:1: config parsing error")));
    EXPECT_FALSE(std::filesystem::exists(xl_ / "xl.lock")); // nor does xl take it
}

TEST_F(MakeRoom, KeepsXlFromCountingTheSameMemoryUntilTheDomainIsBuilt) {
    libxl_.free_kib = 65536;
    for (const std::string &gone : {std::string(), guest_of(65536)}) {
        auto room = toolstack_.make_room(guest_of(65536), gone);
        ASSERT_TRUE(room) << room.error().message;
        EXPECT_TRUE(lock_is_held());
        room->reset();
        EXPECT_FALSE(lock_is_held());
    }
    libxl_.free_kib = 0;
    libxl_.fail_next("libxl_set_memory_target", ERROR_FAIL);
    EXPECT_FALSE(toolstack_.make_room(guest_of(65536), {}));
    EXPECT_FALSE(lock_is_held());
}

// Two threads of one process are two starts.
TEST_F(MakeRoom, IsMadeForOneDomainAtATime) {
    const auto room = toolstack_.make_room(guest_of(65536), guest_of(65536));
    ASSERT_TRUE(room);
    const auto second = toolstack_.make_room(guest_of(65536), guest_of(65536));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::NotReady);
    EXPECT_TRUE(lock_is_held());
}

TEST_F(MakeRoom, GivesUpWaitingForAnXlThatIsStuck) {
    configure_xl(fmt::format("lockfile=\"{}\"\n", xl_ / "other.lock"));
    const UniqueFd file(::open((xl_ / "other.lock").c_str(), O_WRONLY | O_CREAT, 0200));
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    ASSERT_EQ(::fcntl(file.get(), F_SETLK, &lock), 0); // as xl does it
    const auto room = toolstack_.make_room(guest_of(65536), guest_of(65536));
    ASSERT_FALSE(room);
    EXPECT_EQ(room.error().code, ErrorCode::NotReady);
    EXPECT_THAT(room.error().message,
                HasSubstr(fmt::format("process {} is starting a domain and holds xl's lock {}",
                                      ::getpid(), xl_ / "other.lock")));
}

TEST_F(MakeRoom, DoesWithoutALockThatXlCouldNotTakeEither) {
    configure_xl(fmt::format("lockfile=\"{}\"\n", xl_ / "none/xl.lock"));
    EXPECT_TRUE(toolstack_.make_room(guest_of(65536), guest_of(65536)));
    EXPECT_THAT(log_.warnings, Contains(HasSubstr("may take the memory: cannot open xl's lock")));
}

TEST_F(MakeRoom, GivesUpWhenDom0DoesNotShrink) {
    libxl_.free_kib = 0;
    libxl_.fail_next("libxl_set_memory_target", ERROR_FAIL);
    EXPECT_EQ(toolstack_.make_room(guest_of(131072), guest_of(65536)).error().code,
              ErrorCode::NoMemory);
}

} // namespace

} // namespace xlsnap::test
