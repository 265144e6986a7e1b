// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/image_chains_contract.hpp"

#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "support/disk_image_file.hpp"
#include "support/fake_image_chains.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfImageChains final : public ImageChainsHost {
  public:
    ImageChains &image_chains() override { return image_chains_; }
    FakeImageUsers &users() override { return users_; }

    std::string path(const std::string &name) override { return "/images/" + name; }
    std::string add(const std::string &name, char letter, DiskFormat format) override {
        images_.add(path(name), std::string(1, letter), format);
        return path(name);
    }
    std::string add_without_format(const std::string &name, const std::string &base) override {
        images_.add(path(name), {}).backing = base;
        return path(name);
    }
    void replace(const std::string &path) override { images_.replace(path); }
    bool exists(const std::string &path) override { return images_.find(path) != nullptr; }

    void write(const std::string &path, char letter) override {
        images_.at(path).content = std::string(1, letter);
    }
    void tag(const std::string &path, const std::string &tag) override {
        append_tag(images_.at(path).tags, tag, images_.read(path), images_.at(path).virtual_bytes);
    }
    void resize(const std::string &path, std::uint64_t bytes) override {
        images_.at(path).virtual_bytes = bytes;
    }
    char content(const std::string &path) override { return images_.read(path)[0]; }

  private:
    FakeImages images_;
    FakeImageUsers users_;
    FakeImageChains image_chains_{images_, users_};
};

// In a folder whose name has what qemu-img reads as options and protocols.
class QemuImgHostOfImageChains final : public ImageChainsHost {
  public:
    QemuImgHostOfImageChains() { std::filesystem::create_directory(folder_); }

    ImageChains &image_chains() override { return image_chains_; }
    FakeImageUsers &users() override { return users_; }

    std::string path(const std::string &name) override { return folder_ + "/" + name; }
    std::string add(const std::string &name, char letter, DiskFormat format) override {
        const DiskImageFile image(path(name), std::string(to_string(format)));
        image.create(letter);
        formats_[path(name)] = format;
        return path(name);
    }
    std::string add_without_format(const std::string &name, const std::string &base) override {
        // qemu-img refuses to make one by now: the extension that tells the format gets a type
        // that nobody knows.
        must_run({"qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", base,
                  path(name), "4M"});
        std::fstream file(path(name), std::ios::in | std::ios::out | std::ios::binary);
        std::string head(512, '\0');
        file.read(head.data(), static_cast<std::streamsize>(head.size()));
        file.seekp(static_cast<std::streamoff>(head.find("\xe2\x79\x2a\xca")));
        file << 'X';
        return path(name);
    }
    void replace(const std::string &path) override {
        std::filesystem::copy_file(path, path + ".other");
        std::filesystem::rename(path + ".other", path);
    }
    bool exists(const std::string &path) override { return std::filesystem::exists(path); }

    void write(const std::string &path, char letter) override { file(path).write(letter); }
    void tag(const std::string &path, const std::string &tag) override {
        must_run({"qemu-img", "snapshot", "-c", tag, path});
    }
    void resize(const std::string &path, std::uint64_t bytes) override {
        must_run({"qemu-img", "resize", "-q", "--shrink", "-f", "qcow2", path,
                  fmt::format("{}", bytes)});
    }
    char content(const std::string &path) override { return file(path).content(); }

  private:
    DiskImageFile file(const std::string &path) {
        const auto found = formats_.find(path);
        const DiskFormat format = found == formats_.end() ? DiskFormat::Qcow2 : found->second;
        return DiskImageFile(path, std::string(to_string(format)));
    }

    TemporaryDirectory directory_;
    std::string folder_ = directory_ / "nbd:a,b=c";
    std::map<std::string, DiskFormat> formats_;
    PosixProcessRunner processes_;
    FakeImageUsers users_;
    QemuImgChains image_chains_{processes_, users_};
};

INSTANTIATE_TEST_SUITE_P(Fake, ImageChainsContract,
                         ::testing::Values(std::make_unique<FakeHostOfImageChains>));
INSTANTIATE_TEST_SUITE_P(QemuImg, ImageChainsContract,
                         ::testing::Values(std::make_unique<QemuImgHostOfImageChains>));

} // namespace

} // namespace xlsnap::test
