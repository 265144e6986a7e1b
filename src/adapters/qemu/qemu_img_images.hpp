// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/qemu/qemu_img.hpp"
#include "base/json.hpp"
#include "ports/disk_images.hpp"
#include "ports/image_users.hpp"
#include "ports/process_runner.hpp"

namespace xlsnap {

// DiskImages by the qemu-img on PATH, which does not tell usage(): that reads the images itself.
class QemuImgImages final : public DiskImages {
  public:
    // The runner and the guard must outlive this.
    QemuImgImages(ProcessRunner &processes, ImageUsers &users, QemuImgDeadlines deadlines = {})
        : processes_(processes), users_(users), deadlines_(deadlines) {}

    Result<std::vector<Tag>> list_tags(const std::string &path, DiskFormat format) override;
    Result<ImageFacts> examine(const std::string &path, DiskFormat format) override;
    std::vector<Result<StorageUsage>> usage(const std::string &path, DiskFormat format,
                                            const std::vector<std::string> &tags) override;
    Status create_tag(const std::string &path, DiskFormat format, const std::string &tag) override;
    Status revert_to_tag(const std::string &path, DiskFormat format,
                         const std::string &tag) override;
    Status delete_tag(const std::string &path, DiskFormat format, const std::string &tag) override;

  private:
    Result<Json> info(const std::string &path, DiskFormat format);
    Status change(const std::string &path, DiskFormat format, const std::string &action,
                  const std::string &operand);
    Result<std::string> run(const std::string &path, DiskFormat format,
                            std::vector<std::string> arguments, std::chrono::milliseconds deadline);

    ProcessRunner &processes_;
    ImageUsers &users_;
    QemuImgDeadlines deadlines_;
};

} // namespace xlsnap
