// SPDX-License-Identifier: LGPL-2.1-only
#include "support/disk_image_file.hpp"

#include <fstream>

#include <fmt/format.h>

#include "base/json.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;

} // namespace

void DiskImageFile::create(char letter) const {
    must_run({"qemu-img", "create", "-q", "-f", format_, "--", path_, "4M"});
    write(letter);
}

void DiskImageFile::create_over(const DiskImageFile &base) const {
    must_run({"qemu-img", "create", "-q", "-f", format_, "-b", base.path_, "-F", base.format_, "--",
              path_});
}

void DiskImageFile::write(char letter) const {
    must_run(
        {"qemu-io", "--image-opts", "-c", fmt::format("write -P {} 0 1M", int{letter}), options()});
}

char DiskImageFile::content() const {
    return read_first_mib({});
}

char DiskImageFile::content_of_tag(const std::string &tag) const {
    return read_first_mib({"-l", "snapshot.name=" + tag});
}

char DiskImageFile::read_first_mib(const std::vector<std::string> &source) const {
    const TemporaryDirectory directory;
    const std::string copy = directory / "raw";
    std::vector<std::string> argv{"qemu-img", "convert", "-U", "--image-opts"};
    argv.insert(argv.end(), source.begin(), source.end());
    argv.insert(argv.end(), {"-O", "raw", options(), copy});
    must_run(argv);
    std::string bytes(kMib, '\0');
    std::ifstream(copy).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes == std::string(kMib, bytes[0]) ? bytes[0] : '?';
}

std::vector<std::string> DiskImageFile::tags() const {
    const auto info = parse_json(
        must_run({"qemu-img", "info", "-U", "--output=json", "--image-opts", options()}));
    const Json *snapshots = info ? info->find("snapshots") : nullptr;
    std::vector<std::string> names;
    if (snapshots != nullptr) {
        for (const Json &snapshot : *snapshots->as_array())
            names.push_back(*snapshot.find_string("name"));
    }
    return names;
}

std::string DiskImageFile::backing() const {
    const auto info = parse_json(
        must_run({"qemu-img", "info", "-U", "--output=json", "--image-opts", options()}));
    const std::string *path = info ? info->find_string("backing-filename") : nullptr;
    const std::string *format = info ? info->find_string("backing-filename-format") : nullptr;
    return path == nullptr ? "" : (format == nullptr ? "probed" : *format) + " " + *path;
}

bool DiskImageFile::is_intact() const {
    return run_tool({"qemu-img", "check", "-q", "-U", "--image-opts", options()}).status == 0;
}

std::string DiskImageFile::options() const {
    std::string escaped;
    for (const char c : path_)
        escaped.append(c == ',' ? 2 : 1, c);
    return fmt::format("driver={},file.driver=file,file.filename={}", format_, escaped);
}

} // namespace xlsnap::test
