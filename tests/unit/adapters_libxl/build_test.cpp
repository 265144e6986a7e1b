// SPDX-License-Identifier: LGPL-2.1-only
#include "unit/adapters_libxl/libxl_fixture.hpp"

#include "support/fake_stream.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Build : public LibxlToolstackTest {
  protected:
    void SetUp() override {
        ASSERT_TRUE(write_text(stream_.get(), make_stream(GuestType::Pv, "1the guest's memory")));
        ASSERT_EQ(::lseek(stream_.get(), 0, SEEK_SET), 0);
    }
};

TEST_F(Build, RestoresAPausedDomainWithItsMemory) {
    const auto domid = toolstack_.restore(guest_config("pv"), stream_.get());
    ASSERT_TRUE(domid) << domid.error().message;
    EXPECT_EQ(toolstack_.state(*domid).value(), RunState::Paused);
    EXPECT_EQ(libxl_.domain(*domid).memory, "the guest's memory");
    EXPECT_EQ(libxl_.domain(*domid).name, "g1");
}

TEST_F(Build, StartsAPausedDomain) {
    const auto domid = toolstack_.start(guest_config("hvm"));
    ASSERT_TRUE(domid) << domid.error().message;
    EXPECT_EQ(toolstack_.state(*domid).value(), RunState::Paused);
    EXPECT_EQ(libxl_.domain(*domid).memory, "");
}

TEST_F(Build, KeepsNameUuidAndMacAddresses) {
    const auto kept = AllOf(HasSubstr("\"g1\""), HasSubstr(kUuid), HasSubstr(kMac));
    const std::string config = guest_config_with_nic("pv");
    const auto restored = toolstack_.restore(config, stream_.get());
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_THAT(libxl_.domain(*restored).config_json, kept);
    libxl_.domains.clear(); // its name is free again
    const auto started = toolstack_.start(config);
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_THAT(libxl_.domain(*started).config_json, kept);
}

TEST_F(Build, LeavesTheChoiceOfTheDomidToTheHypervisor) {
    ASSERT_TRUE(toolstack_.start(guest_config("pv", R"(,"domid":7)")));
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_create_new 4294967295"));
}

TEST_F(Build, RefusesWhatIsNoConfiguration) {
    for (const char *text : {"", "{ nope", "[1]", "{}", R"({"c_info":{"type":"none"}})"}) {
        EXPECT_EQ(toolstack_.start(text).error().code, ErrorCode::Invalid) << text;
        EXPECT_EQ(toolstack_.restore(text, stream_.get()).error().code, ErrorCode::Invalid) << text;
        EXPECT_EQ(toolstack_.check_config(text).error().code, ErrorCode::Invalid) << text;
    }
    EXPECT_TRUE(toolstack_.check_config(guest_config("pv")));
    EXPECT_THAT(libxl_.calls, IsEmpty());
}

TEST_F(Build, SaysWhatCouldNotBeBuiltAndWhereToLook) {
    libxl_.fail_next("libxl_domain_create_restore", ERROR_NOMEM);
    const auto restored = toolstack_.restore(guest_config("pv"), stream_.get());
    EXPECT_EQ(restored.error().code, ErrorCode::NoMemory);
    EXPECT_THAT(restored.error().message,
                AllOf(HasSubstr("cannot restore domain g1"), HasSubstr("free memory")));
    libxl_.fail_next("libxl_domain_create_new", ERROR_FAIL);
    EXPECT_THAT(toolstack_.start(guest_config("pv")).error().message,
                HasSubstr("cannot start domain g1"));
    EXPECT_THAT(libxl_.domains, IsEmpty());
}

TEST_F(Build, LeavesNoDomainWhenLibxlWasInterrupted) {
    libxl_.fail_after_next("libxl_domain_create_restore", ERROR_ABORTED);
    const auto restored = toolstack_.restore(guest_config("pv"), stream_.get());
    EXPECT_EQ(restored.error().code, ErrorCode::Aborted);
    EXPECT_THAT(libxl_.domains, IsEmpty());
}

TEST_F(Build, LeavesNothingToRemoveWhenLibxlRemovedIt) {
    libxl_.fail_after_next("libxl_domain_create_new", ERROR_FAIL);
    EXPECT_FALSE(toolstack_.start(guest_config("pv")));
    EXPECT_THAT(libxl_.domains, IsEmpty());
    EXPECT_THAT(libxl_.calls, ElementsAre("libxl_domain_create_new 4294967295"));
}

TEST_F(Build, SaysThatAHalfBuiltDomainIsLeft) {
    libxl_.fail_after_next("libxl_domain_create_new", ERROR_ABORTED);
    libxl_.fail_next("libxl_domain_destroy", ERROR_FAIL);
    EXPECT_THAT(toolstack_.start(guest_config("pv")).error().message,
                HasSubstr("is left: cannot destroy domain g1 (1)"));
}

} // namespace

} // namespace xlsnap::test
