// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xl_parser.hpp"

#include <cstdlib>
#include <string_view>

#include "adapters/libxl/domain_config.hpp"
#include "adapters/libxl/libxl_types.hpp"
#include "base/foreign_text.hpp"

namespace xlsnap {

XlParser::XlParser(const std::string &name)
    : name_(name), report_(::open_memstream(&complaints_, &size_)),
      config_(report_ ? xlu_cfg_init(report_.get(), name.c_str()) : nullptr) {}

XlParser::~XlParser() {
    config_.reset();
    report_.reset();
    std::free(complaints_);
}

Status XlParser::parse(const std::string &text) {
    if (!config_)
        return fail(ErrorCode::NoMemory, "no memory to read it");
    // libxlutil ends the process over one.
    if (text.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, name_ + ": it is no text: it has a NUL character");
    if (xlu_cfg_readdata(config_.get(), text.data(), static_cast<int>(text.size())) == 0)
        return {};
    return fail(ErrorCode::Invalid, first_complaint());
}

std::string XlParser::first_complaint() const {
    static_cast<void>(std::fflush(report_.get()));
    const std::string_view said(complaints_, size_);
    return quote_foreign(said.substr(0, said.find('\n')));
}

std::optional<std::string> XlParser::text(const char *name) const {
    const char *value = nullptr;
    if (xlu_cfg_get_string(config_.get(), name, &value, 1) != 0)
        return std::nullopt;
    return value;
}

Result<std::vector<Disk>> XlParser::disks() const {
    XLU_ConfigList *list = nullptr;
    std::vector<Disk> found;
    if (xlu_cfg_get_list(config_.get(), "disk", &list, nullptr, 1) != 0)
        return found;
    // xl, too, ends where an entry is no text (parse_config_data in tools/xl/xl_parse.c).
    for (int i = 0; const char *entry = xlu_cfg_get_listitem(list, i); ++i) {
        LibxlDeviceDisk parsed;
        if (xlu_disk_parse(config_.get(), 1, &entry, parsed.get()) != 0)
            return fail(ErrorCode::Invalid, first_complaint());
        const auto text_of = [](const char *text) { return text == nullptr ? "" : text; };
        Disk disk;
        disk.vdev = text_of(parsed->vdev);
        disk.path = text_of(parsed->pdev_path);
        disk.format = disk_format(parsed->format);
        found.push_back(std::move(disk));
    }
    return found;
}

} // namespace xlsnap
