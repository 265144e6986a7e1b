// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/domain.hpp"

extern "C" {
#include <libxlutil.h>
}

namespace xlsnap {

// libxlutil's parser, which is xl's, with what it complains of.
class XlParser {
  public:
    // What complaints call the text.
    explicit XlParser(const std::string &name);
    XlParser(const XlParser &) = delete;
    XlParser &operator=(const XlParser &) = delete;
    XlParser(XlParser &&) = delete;
    XlParser &operator=(XlParser &&) = delete;
    ~XlParser();

    // Once. After a failure nothing may be asked of it.
    [[nodiscard]] Status parse(const std::string &text);

    // Nothing when there is no such text.
    [[nodiscard]] std::optional<std::string> text(const char *name) const;

    // The disks of a domain's configuration, with vdev, path and format.
    [[nodiscard]] Result<std::vector<Disk>> disks() const;

  private:
    struct CloseFile {
        void operator()(FILE *file) const { static_cast<void>(std::fclose(file)); }
    };

    struct DestroyConfig {
        void operator()(XLU_Config *config) const { xlu_cfg_destroy(config); }
    };

    [[nodiscard]] std::string first_complaint() const;

    std::string name_;
    char *complaints_ = nullptr;
    std::size_t size_ = 0;
    std::unique_ptr<FILE, CloseFile> report_;
    std::unique_ptr<XLU_Config, DestroyConfig> config_;
};

} // namespace xlsnap
