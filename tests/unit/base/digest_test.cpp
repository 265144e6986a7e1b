// SPDX-License-Identifier: LGPL-2.1-only
#include "base/digest.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {
namespace {

// The examples of FIPS 180-2, appendix B, and the digest of nothing.
constexpr const char *kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char *kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char *kOfAMillionAs =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

UniqueFd file_of(const std::string &content) {
    UniqueFd fd(::memfd_create("digested", MFD_CLOEXEC));
    EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
    return fd;
}

TEST(Digest, IsThatOfTheStandardsExamples) {
    EXPECT_EQ(*sha256_of(""), kOfNothing);
    EXPECT_EQ(*sha256_of("abc"), kOfAbc);
    EXPECT_EQ(*sha256_of(std::string(1000000, 'a')), kOfAMillionAs);
}

TEST(Digest, OfAFileIsOfItsWholeContentWhereverItIsPositioned) {
    EXPECT_EQ(*sha256_of_file(file_of("").get()), kOfNothing);
    const UniqueFd million = file_of(std::string(1000000, 'a'));
    ASSERT_EQ(::lseek(million.get(), 77, SEEK_SET), 77);
    EXPECT_EQ(*sha256_of_file(million.get()), kOfAMillionAs);
    EXPECT_EQ(::lseek(million.get(), 0, SEEK_CUR), 77);
}

TEST(Digest, OfAFileThatCannotBeReadIsAnError) {
    const UniqueFd file = file_of("abc");
    with_failing({SYS_pread64}, EIO, [&] {
        const auto digest = sha256_of_file(file.get());
        ASSERT_FALSE(digest.has_value());
        EXPECT_EQ(digest.error().message, "cannot read the file: Input/output error");
    });
}

TEST(Digest, HasSixtyFourSmallHexadecimalDigits) {
    EXPECT_TRUE(is_sha256(kOfAbc));
    EXPECT_FALSE(is_sha256(""));
    EXPECT_FALSE(is_sha256(std::string(63, 'a')));
    EXPECT_FALSE(is_sha256(std::string(65, 'a')));
    EXPECT_FALSE(is_sha256(std::string(63, 'a') + 'A'));
    EXPECT_FALSE(is_sha256(std::string(63, 'a') + 'g'));
}

} // namespace
} // namespace xlsnap::test
