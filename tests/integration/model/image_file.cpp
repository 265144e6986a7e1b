// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/image_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cstdint>
#include <fstream>

#include "base/json.hpp"
#include "base/unique_fd.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

// Of the header of a qcow2 image (docs/interop/qcow2.txt in qemu.git).
constexpr std::size_t kBackingOffset = 8;
constexpr std::size_t kBackingSize = 16;
constexpr std::size_t kLengthRead = 20;

std::uint64_t big_endian(const std::string &bytes, std::size_t offset, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = offset; i < offset + length; ++i)
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return value;
}

} // namespace

bool has_tables(const std::string &path) {
    return !path.ends_with(".raw");
}

std::string backing_of(const std::string &path) {
    if (!has_tables(path))
        return {};
    std::ifstream file(path, std::ios::binary);
    std::string header(kLengthRead, '\0');
    file.read(header.data(), kLengthRead);
    const std::uint64_t offset = big_endian(header, kBackingOffset, 8);
    if (!file || offset == 0)
        return {};
    std::string backing(big_endian(header, kBackingSize, 4), '\0');
    file.seekg(static_cast<std::streamoff>(offset))
        .read(backing.data(), static_cast<std::streamsize>(backing.size()));
    return backing;
}

std::vector<std::string> chain_of(const std::string &path) {
    std::vector<std::string> chain;
    for (std::string at = path; !at.empty(); at = backing_of(at))
        chain.push_back(at);
    return chain;
}

std::vector<std::string> tags_of(const std::string &path) {
    const auto info =
        parse_json(must_run({"qemu-img", "info", "-U", "--output=json", "-f", "qcow2", path}));
    const Json *tags = info ? info->find("snapshots") : nullptr;
    std::vector<std::string> names;
    if (tags != nullptr)
        for (const Json &tag : *tags->as_array())
            names.push_back(*tag.find_string("name"));
    return names;
}

bool is_immutable(const std::string &path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    int flags = 0;
    return fd.valid() && ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 &&
           (static_cast<unsigned>(flags) & FS_IMMUTABLE_FL) != 0;
}

} // namespace xlsnap::test
