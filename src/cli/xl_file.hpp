// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/complaints.hpp"
#include "cli/disk_spec.hpp"

extern "C" {
#include <libxlutil.h>
}

namespace xlsnap::cli {

// What libxlutil makes of a disk specification.
struct ParsedDisk {
    DiskImage image;
    std::string backend; // by libxl's name
    bool is_cdrom = false;
    std::string rest; // all else that it says
};

// The text of an xl.cfg as xl reads it, with all that xl allows. Every error is a
// std::runtime_error that begins with "FILE:".
class XlFile {
  public:
    // The file's name serves messages only.
    XlFile(std::string name, const std::string &text);

    // Nothing when there is no such text.
    [[nodiscard]] std::optional<std::string> text(const std::string &key) const;

    // The specifications of its disks.
    [[nodiscard]] std::vector<std::string> disks() const;

    // `line` is where the specification stands.
    [[nodiscard]] ParsedDisk parse_disk(const std::string &spec, std::size_t line) const;

  private:
    struct Destroy {
        void operator()(XLU_Config *config) const { xlu_cfg_destroy(config); }
    };

    std::string name_;
    Complaints complaints_;
    std::unique_ptr<XLU_Config, Destroy> config_;
};

} // namespace xlsnap::cli
