// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "integration/model/domain_model.hpp"
#include "integration/model/model_host.hpp"

namespace xlsnap::test {

// Compares a host with the model of it, by qemu-img and by what QEMU and the kernel show. Each look
// returns what is wrong; empty: nothing.
class HostCheck {
  public:
    explicit HostCheck(ModelHost &host) : host_(host) {}

    // What can be seen after every step: the records, each state of each disk, files, nodes.
    [[nodiscard]] std::string look(const DomainModel &model);

    // What costs more: the tables of the images, their tags, and what xlsnap says itself.
    [[nodiscard]] std::string look_closely(const DomainModel &model);

    // The present content of the disk, as a file of raw bytes.
    [[nodiscard]] std::string raw_content(const std::string &vdev);

  private:
    struct State {
        std::string what;
        std::string path;
        DiskFormat format = DiskFormat::Unknown;
        std::string tag; // empty: what the image holds now
        const DiskContent *content = nullptr;
    };

    [[nodiscard]] std::vector<std::string> conversion(const State &state,
                                                      const std::string &raw_file) const;
    [[nodiscard]] std::vector<State> states(const DomainModel &model);
    [[nodiscard]] std::string wrong_records(const DomainModel &model);
    [[nodiscard]] std::string wrong_contents(const DomainModel &model);
    [[nodiscard]] std::string unknown_files();
    [[nodiscard]] std::string wrongly_kept_files();
    [[nodiscard]] std::string unknown_nodes();
    [[nodiscard]] std::string damaged_images();
    [[nodiscard]] std::string unknown_tags();
    [[nodiscard]] std::string verified(const DomainModel &model);
    [[nodiscard]] std::vector<std::string> image_files() const;

    ModelHost &host_;
    TemporaryDirectory raw_;
    bool runs_ = false;
    std::vector<Disk> disks_;
    DomainCatalog records_;
};

} // namespace xlsnap::test
