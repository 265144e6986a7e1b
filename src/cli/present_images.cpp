// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/present_images.hpp"

#include <cstdint>
#include <span>
#include <stdexcept>

#include "cli/outcome.hpp"

namespace xlsnap::cli {

namespace {

class RetrievedConfig {
  public:
    RetrievedConfig(libxl_ctx *ctx, std::uint32_t domid) {
        libxl_domain_config_init(&config_);
        is_there_ = libxl_retrieve_domain_configuration(ctx, domid, &config_, nullptr) == 0;
    }
    RetrievedConfig(const RetrievedConfig &) = delete;
    RetrievedConfig &operator=(const RetrievedConfig &) = delete;
    RetrievedConfig(RetrievedConfig &&) = delete;
    RetrievedConfig &operator=(RetrievedConfig &&) = delete;
    ~RetrievedConfig() { libxl_domain_config_dispose(&config_); }

    [[nodiscard]] bool is_there() const { return is_there_; }
    [[nodiscard]] std::span<const libxl_device_disk> disks() const {
        return {config_.disks, static_cast<std::size_t>(config_.num_disks)};
    }

  private:
    libxl_domain_config config_{};
    bool is_there_ = false;
};

} // namespace

std::vector<DiskImage> present_images(libxl_ctx *ctx, const libxl_snapshot_domain &domain) {
    if (domain.domid < 0)
        throw std::runtime_error("domain " + called(domain) +
                                 " does not run, and only libxl tells which images it has; start "
                                 "it (xlsnap start), then rewrite the file");
    const RetrievedConfig config(ctx, static_cast<std::uint32_t>(domain.domid));
    if (!config.is_there())
        throw std::runtime_error("libxl does not tell the configuration of domain " +
                                 called(domain) + "; see what it says in its log");
    std::vector<DiskImage> images;
    for (const libxl_device_disk &disk : config.disks())
        if (disk.vdev != nullptr && disk.pdev_path != nullptr && disk.is_cdrom == 0)
            images.push_back({disk.vdev, disk.pdev_path, libxl_disk_format_to_string(disk.format)});
    return images;
}

} // namespace xlsnap::cli
