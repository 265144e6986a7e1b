// SPDX-License-Identifier: LGPL-2.1-only
// Memory images judged by Xen itself: verify-stream-v2, which comes with Xen's tools and needs no
// hypervisor. Both sides must agree about what is a save file and what is not.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/store/file_memory_store.hpp"
#include "support/save_stream_builder.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {
namespace {

namespace fs = std::filesystem;

// The installed Xen's folder, as /usr/lib/xen-4.17.
std::string xen_folder() {
    for (const auto &entry : fs::directory_iterator("/usr/lib")) {
        if (fs::exists(entry.path() / "bin/verify-stream-v2"))
            return entry.path();
    }
    ADD_FAILURE() << "there is no verify-stream-v2; it comes with the package xen-utils-4.17";
    return {};
}

class SaveFileOracleTest : public ::testing::Test {
  protected:
    // Empty, or what verify-stream-v2 has against the file.
    std::string judge() {
        const std::string xen = xen_folder();
        PosixProcessRunner runner;
        const auto outcome =
            runner.run({"env", "PYTHONPATH=" + xen + "/lib/python", "PYTHONDONTWRITEBYTECODE=1",
                        xen + "/bin/verify-stream-v2", "--format", "xl", "-i", path_},
                       std::chrono::seconds(60));
        if (!outcome)
            return outcome.error().message;
        return outcome->exit_status == 0 ? "" : "refused: " + outcome->errors;
    }

    void publish(const SaveStream &stream) {
        fs::remove(path_);
        auto writer = store_.create(path_, {R"({"c_info":{"name":"g"}})", true});
        ASSERT_TRUE(writer.has_value()) << writer.error().message;
        const std::string bytes = stream.bytes();
        ASSERT_EQ(::write((*writer)->fd(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
        ASSERT_TRUE((*writer)->publish().has_value());
    }

    void expect_both_accept(const SaveStream &stream) {
        publish(stream);
        EXPECT_EQ(judge(), "");
        const auto image = store_.open(path_);
        EXPECT_TRUE(image.has_value()) << image.error().message;
    }

    void expect_both_refuse(const SaveStream &stream, const char *what) {
        publish(stream);
        EXPECT_THAT(judge(), ::testing::StartsWith("refused: ")) << what;
        EXPECT_FALSE(store_.open(path_).has_value()) << what;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_ / "memory.save";
    FileMemoryStore store_;
};

// Xen 4.17's verifier cannot read the record EMULATOR_XENSTORE_DATA: under Python 3 its check for
// the last NUL compares a number with a string.
SaveStream hvm_stream_without_xenstore_data() {
    SaveStream stream = hvm_save_stream();
    remove_part(stream.libxl, 2);
    return stream;
}

TEST_F(SaveFileOracleTest, XenAcceptsTheImagesOfEachKindOfGuest) {
    expect_both_accept(pv_save_stream());
    expect_both_accept(pvh_save_stream());
    expect_both_accept(hvm_stream_without_xenstore_data());
}

TEST_F(SaveFileOracleTest, XenRefusesWhatWeRefuse) {
    SaveStream stream = pvh_save_stream();
    stream.libxl_version = 1;
    expect_both_refuse(stream, "libxl version");
    stream = pvh_save_stream();
    stream.libxc_options = std::uint64_t{2} << 48;
    expect_both_refuse(stream, "libxc options");
    stream = pvh_save_stream();
    stream.guest_type = 4;
    expect_both_refuse(stream, "guest type");
    stream = pvh_save_stream();
    part(stream.libxc, 0x01).body = page_data_body({0x6000'0000'0000'0000});
    expect_both_refuse(stream, "page type");
    stream = pvh_save_stream();
    part(stream.libxc, 0x01).body += std::string(8, '\0');
    expect_both_refuse(stream, "length of PAGE_DATA");
    stream = pvh_save_stream();
    part(stream.libxc, 0x0a).body = le32({3, 0}) + le64({1, 2});
    expect_both_refuse(stream, "count of HVM_PARAMS");
    stream = pv_save_stream();
    part(stream.libxc, 0x02).body[0] = 5;
    expect_both_refuse(stream, "width of a PV guest");
    stream = pvh_save_stream();
    insert_before(stream.libxc, 0, {0x13, ""});
    expect_both_refuse(stream, "unknown record");
    stream = hvm_stream_without_xenstore_data();
    part(stream.libxl, 3).body = le32({7, 0});
    expect_both_refuse(stream, "unknown emulator");
    stream = pvh_save_stream();
    remove_part(stream.libxl, 0);
    expect_both_refuse(stream, "no END");
}

} // namespace
} // namespace xlsnap::test
