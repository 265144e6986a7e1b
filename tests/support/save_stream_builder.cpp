// SPDX-License-Identifier: LGPL-2.1-only
#include "support/save_stream_builder.hpp"

#include <endian.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace xlsnap::test {

namespace {

constexpr std::size_t kPageSize = 4096;
constexpr std::uint32_t kLibxcContext = 1;

template <typename T> void append(std::string &bytes, T value) {
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(value));
}

// Opaque data. Its size should be a multiple of 8: a length that grows by the padding behind it is
// something that no reader can notice.
std::string blob(std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i)
        bytes.push_back(static_cast<char>('A' + i % 26));
    return bytes;
}

auto find_part(std::vector<StreamPart> &parts, std::uint32_t type) {
    auto found = std::ranges::find(parts, type, &StreamPart::type);
    if (found == parts.end())
        throw std::logic_error("the stream has no record of type " + std::to_string(type));
    return found;
}

} // namespace

struct SaveStream::Layout {
    std::string bytes;
    std::vector<std::size_t> boundaries;
    std::vector<std::size_t> records;

    void add_header(const std::string &header) {
        boundaries.push_back(bytes.size());
        bytes += header;
    }
    void add_record(const StreamPart &added) {
        boundaries.push_back(bytes.size());
        records.push_back(bytes.size());
        append(bytes, htole32(added.type));
        append(bytes, htole32(static_cast<std::uint32_t>(added.body.size())));
        bytes += added.body;
        bytes.append((8 - added.body.size() % 8) % 8, '\0');
    }
};

SaveStream::Layout SaveStream::lay_out() const {
    Layout layout;
    std::string header;
    append(header, htobe64(libxl_ident));
    append(header, htobe32(libxl_version));
    append(header, htobe32(libxl_options));
    layout.add_header(header);
    for (const StreamPart &outer : libxl) {
        layout.add_record(outer);
        if (outer.type != kLibxcContext)
            continue;
        std::string image;
        append(image, htobe64(libxc_marker));
        append(image, htobe32(libxc_ident));
        append(image, htobe32(libxc_version));
        append(image, htobe64(libxc_options));
        layout.add_header(image);
        std::string domain;
        append(domain, htole32(guest_type));
        append(domain, htole16(page_shift));
        append(domain, std::uint16_t{0});
        layout.add_header(domain + le32({4, 17}));
        for (const StreamPart &inner : libxc)
            layout.add_record(inner);
    }
    layout.boundaries.push_back(layout.bytes.size());
    return layout;
}

std::string SaveStream::bytes() const {
    return lay_out().bytes;
}

std::vector<std::size_t> SaveStream::boundaries() const {
    return lay_out().boundaries;
}

std::vector<std::size_t> SaveStream::records() const {
    return lay_out().records;
}

SaveStream pv_save_stream() {
    SaveStream stream;
    stream.guest_type = 1;
    stream.libxl = {{1, ""}, {0, ""}};
    const std::string vcpu = le32({0, 0}) + blob(24);
    stream.libxc = {
        {0x11, blob(48)},                               // X86_CPUID_POLICY
        {0x12, blob(32)},                               // X86_MSR_POLICY
        {0x02, std::string("\x08\x04\0\0\0\0\0\0", 8)}, // X86_PV_INFO
        {0x10, ""},                                     // STATIC_DATA_END
        {0x03, le32({0, 1000}) + le64({7, 8})},         // X86_PV_P2M_FRAMES
        {0x01, page_data_body({0, 0x1000'0000'0000'0001, 0xc000'0000'0000'0002})}, // PAGE_DATA
        {0x01, page_data_body({0xf000'0000'0000'0003, 0})}, // a page that is gone, a re-send
        {0x08, le32({1, 2'000'000}) + le64({12345}) + le32({1, 0})}, // X86_TSC_INFO
        {0x07, blob(kPageSize)},                                     // SHARED_INFO
        {0x04, vcpu},                                                // X86_PV_VCPU_BASIC
        {0x05, vcpu},                                                // X86_PV_VCPU_EXTENDED
        {0x06, vcpu},                                                // X86_PV_VCPU_XSAVE
        {0x0c, vcpu},                                                // X86_PV_VCPU_MSRS
        {0x00, ""},                                                  // END
    };
    return stream;
}

SaveStream pvh_save_stream() {
    SaveStream stream;
    stream.libxl = {{1, ""}, {0, ""}};
    stream.libxc = {
        {0x11, blob(24)},                                            // X86_CPUID_POLICY
        {0x12, blob(16)},                                            // X86_MSR_POLICY
        {0x10, ""},                                                  // STATIC_DATA_END
        {0x01, page_data_body({0, 1})},                              // PAGE_DATA
        {0x08, le32({1, 2'000'000}) + le64({12345}) + le32({1, 0})}, // X86_TSC_INFO
        {0x09, blob(104)},                                           // HVM_CONTEXT
        {0x0a, le32({2, 0}) + le64({1, 100, 5, 200})},               // HVM_PARAMS
        {0x00, ""},                                                  // END
    };
    return stream;
}

SaveStream hvm_save_stream() {
    SaveStream stream = pvh_save_stream();
    const std::string emulator = le32({2, 0});
    stream.libxl = {
        {1, ""},
        {2, emulator + std::string("physmap/f0000000/start_addr\0f0000000\0", 37)},
        {3, emulator + blob(64)},
        {0, ""},
    };
    return stream;
}

std::string page_data_body(const std::vector<std::uint64_t> &entries) {
    std::string body = le32({static_cast<std::uint32_t>(entries.size()), 0});
    std::size_t pages = 0;
    for (const std::uint64_t entry : entries) {
        body += le64({entry});
        pages += entry >> 60 < 0xd ? 1 : 0;
    }
    return body + blob(pages * kPageSize);
}

StreamPart &part(std::vector<StreamPart> &parts, std::uint32_t type) {
    return *find_part(parts, type);
}

void remove_part(std::vector<StreamPart> &parts, std::uint32_t type) {
    std::erase_if(parts, [type](const StreamPart &candidate) { return candidate.type == type; });
}

void insert_before(std::vector<StreamPart> &parts, std::uint32_t type, StreamPart added) {
    parts.insert(find_part(parts, type), std::move(added));
}

std::string le32(std::initializer_list<std::uint32_t> values) {
    std::string bytes;
    for (const std::uint32_t value : values)
        append(bytes, htole32(value));
    return bytes;
}

std::string le64(std::initializer_list<std::uint64_t> values) {
    std::string bytes;
    for (const std::uint64_t value : values)
        append(bytes, htole64(value));
    return bytes;
}

UniqueFd file_with(std::string_view bytes) {
    UniqueFd fd(::memfd_create("file", MFD_CLOEXEC));
    while (fd.valid() && !bytes.empty()) {
        const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
        if (written < 0)
            break;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (!fd.valid() || !bytes.empty())
        throw std::system_error(errno, std::generic_category(), "file_with");
    return fd;
}

} // namespace xlsnap::test
