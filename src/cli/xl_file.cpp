// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/xl_file.hpp"

#include <new>
#include <stdexcept>

#include <fmt/format.h>

namespace xlsnap::cli {

namespace {

class ParsedSpec {
  public:
    ParsedSpec() { libxl_device_disk_init(&disk_); }
    ParsedSpec(const ParsedSpec &) = delete;
    ParsedSpec &operator=(const ParsedSpec &) = delete;
    ParsedSpec(ParsedSpec &&) = delete;
    ParsedSpec &operator=(ParsedSpec &&) = delete;
    ~ParsedSpec() { libxl_device_disk_dispose(&disk_); }

    libxl_device_disk *get() { return &disk_; }

  private:
    libxl_device_disk disk_{};
};

std::string text_of(const char *text) {
    return text == nullptr ? "" : text;
}

std::string rest_of(const libxl_device_disk &disk) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", text_of(disk.backend_domname),
                       text_of(disk.script), disk.removable, disk.readwrite, disk.is_cdrom,
                       disk.direct_io_safe, disk.discard_enable.val,
                       static_cast<int>(disk.specification), disk.colo_enable.val,
                       text_of(disk.colo_host), disk.colo_port, text_of(disk.colo_export),
                       text_of(disk.active_disk), text_of(disk.hidden_disk));
}

} // namespace

XlFile::XlFile(std::string name, const std::string &text)
    : name_(std::move(name)), config_(xlu_cfg_init(complaints_.stream(), name_.c_str())) {
    if (config_ == nullptr)
        throw std::bad_alloc();
    // libxlutil ends the process over one.
    if (text.find('\0') != std::string::npos)
        throw std::runtime_error(name_ + ": is no text: it has a NUL character");
    // xl, too, lets the last line be without its end.
    const std::string lines = text + '\n';
    if (xlu_cfg_readdata(config_.get(), lines.data(), static_cast<int>(lines.size())) != 0)
        throw std::runtime_error(complaints_.first_line());
}

std::optional<std::string> XlFile::text(const std::string &key) const {
    const char *value = nullptr;
    if (xlu_cfg_get_string(config_.get(), key.c_str(), &value, 1) != 0)
        return std::nullopt;
    return value;
}

std::vector<std::string> XlFile::disks() const {
    XLU_ConfigList *list = nullptr;
    std::vector<std::string> specs;
    if (xlu_cfg_get_list(config_.get(), "disk", &list, nullptr, 1) != 0)
        return specs;
    for (int i = 0; const char *spec = xlu_cfg_get_listitem(list, i); ++i)
        specs.emplace_back(spec);
    return specs;
}

ParsedDisk XlFile::parse_disk(const std::string &spec, std::size_t line) const {
    ParsedSpec parsed;
    const char *text = spec.c_str();
    if (xlu_disk_parse(config_.get(), 1, &text, parsed.get()) != 0)
        throw std::runtime_error(
            fmt::format("{}:{}: xl does not take this disk; mend it first", name_, line));
    const libxl_device_disk &disk = *parsed.get();
    return {{text_of(disk.vdev), text_of(disk.pdev_path),
             text_of(libxl_disk_format_to_string(disk.format))},
            text_of(libxl_disk_backend_to_string(disk.backend)),
            disk.is_cdrom != 0,
            rest_of(disk)};
}

} // namespace xlsnap::cli
