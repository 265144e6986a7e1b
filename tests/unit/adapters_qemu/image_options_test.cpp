// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/image_options.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace xlsnap {
namespace {

class ImageOptions : public ::testing::Test {
  protected:
    std::string make_file(const std::string &name) {
        std::string path = directory_ / name;
        std::ofstream(path) << "x";
        return path;
    }

    test::TemporaryDirectory directory_;
};

TEST_F(ImageOptions, NameDriverAndFileApart) {
    const std::string path = make_file("a.qcow2");
    EXPECT_EQ(image_options(path, DiskFormat::Qcow2).value(),
              "driver=qcow2,file.driver=file,file.filename=" + path);
}

TEST_F(ImageOptions, DoubleTheCommasOfThePath) {
    make_file("a,driver=raw,,");
    EXPECT_EQ(image_options(directory_ / "a,driver=raw,,", DiskFormat::Qcow2).value(),
              "driver=qcow2,file.driver=file,file.filename=" + directory_.path() +
                  "/a,,driver=raw,,,,");
}

TEST_F(ImageOptions, UseQemusNamesOfTheFormats) {
    const std::string path = make_file("a");
    const std::string rest = ",file.driver=file,file.filename=" + path;
    EXPECT_EQ(image_options(path, DiskFormat::Raw).value(), "driver=raw" + rest);
    EXPECT_EQ(image_options(path, DiskFormat::Qcow).value(), "driver=qcow" + rest);
    EXPECT_EQ(image_options(path, DiskFormat::Vhd).value(), "driver=vpc" + rest);
    EXPECT_EQ(image_options(path, DiskFormat::Qed).value(), "driver=qed" + rest);
}

TEST_F(ImageOptions, OpenABlockDeviceAsADevice) {
    const std::string device = directory_ / "device";
    ASSERT_EQ(::mknod(device.c_str(), S_IFBLK | 0600, makedev(7, 0)), 0);
    EXPECT_EQ(image_options(device, DiskFormat::Qcow2).value(),
              "driver=qcow2,file.driver=host_device,file.filename=" + device);
}

TEST_F(ImageOptions, RefuseAFormatThatIsUnknown) {
    const std::string path = make_file("a");
    for (const DiskFormat format : {DiskFormat::Unknown, DiskFormat::Empty}) {
        const auto options = image_options(path, format);
        ASSERT_FALSE(options);
        EXPECT_EQ(options.error().code, ErrorCode::Invalid);
    }
}

TEST_F(ImageOptions, RefuseWhatIsNoFile) {
    const auto options = image_options(directory_.path(), DiskFormat::Qcow2);
    ASSERT_FALSE(options);
    EXPECT_EQ(options.error().code, ErrorCode::Invalid);
}

TEST_F(ImageOptions, RefuseAPathThatGoesOnBehindItsEnd) {
    const std::string path = make_file("a");
    const auto options = image_options(path + std::string("\0b", 2), DiskFormat::Qcow2);
    ASSERT_FALSE(options);
    EXPECT_EQ(options.error().code, ErrorCode::Invalid);
}

TEST_F(ImageOptions, SayThatTheFileIsMissing) {
    for (const char *path : {"", "nbd:localhost:1", "json:{}", "/nowhere/at/all"}) {
        const auto options = image_options(path, DiskFormat::Qcow2);
        ASSERT_FALSE(options) << path;
        EXPECT_EQ(options.error().code, ErrorCode::NotFound) << path;
    }
}

} // namespace
} // namespace xlsnap
