// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_stream.hpp"

#include <endian.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "support/save_stream_builder.hpp"

namespace xlsnap::test {

namespace {

constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kLibxlHeaderSize = 16;
constexpr std::size_t kLibxcHeadersSize = 24 + 16;
constexpr std::size_t kLargestBody = std::size_t{1} << 20;

constexpr std::uint32_t kLibxlEnd = 0;
constexpr std::uint32_t kLibxlLibxcContext = 1;
constexpr std::uint32_t kEnd = 0x00;
constexpr std::uint32_t kPageData = 0x01;
constexpr std::uint32_t kTscInfo = 0x08;

// The first eight bytes of the pages are the length of what follows.
std::string page_data(std::string_view memory) {
    std::string pages = le64({memory.size()});
    pages.append(memory);
    pages.resize((pages.size() + kPageSize - 1) / kPageSize * kPageSize);
    const std::size_t count = pages.size() / kPageSize;
    std::string body = le32({static_cast<std::uint32_t>(count), 0});
    for (std::size_t pfn = 0; pfn < count; ++pfn)
        body += le64({pfn});
    return body + pages;
}

Result<std::string> read_exactly(int fd, std::size_t size) {
    std::string text(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(fd, text.data() + done, size - done);
        if (got < 0)
            return fail(errno_error(errno, "reading the stream"));
        if (got == 0)
            return fail(ErrorCode::Fail, "the stream ends too early");
        done += static_cast<std::size_t>(got);
    }
    return text;
}

Result<StreamPart> read_record(int fd) {
    XLSNAP_ASSIGN(const std::string header, read_exactly(fd, 8));
    std::uint32_t type = 0;
    std::uint32_t length = 0;
    std::memcpy(&type, header.data(), sizeof(type));
    std::memcpy(&length, header.data() + 4, sizeof(length));
    const std::size_t size = le32toh(length);
    if (size > kLargestBody)
        return fail(ErrorCode::Fail, "the stream has a record of unlikely size");
    XLSNAP_ASSIGN(std::string body, read_exactly(fd, (size + 7) / 8 * 8));
    return StreamPart{le32toh(type), std::move(body)};
}

std::string memory_of(const std::string &body) {
    std::uint32_t count = 0;
    std::uint64_t size = 0;
    std::memcpy(&count, body.data(), sizeof(count));
    const std::size_t pages = 8 + 8 * std::size_t{le32toh(count)};
    std::memcpy(&size, body.data() + pages, sizeof(size));
    return body.substr(pages + 8, le64toh(size));
}

} // namespace

std::string make_stream(GuestType type, std::string_view memory) {
    SaveStream stream = type == GuestType::Pv    ? pv_save_stream()
                        : type == GuestType::Pvh ? pvh_save_stream()
                                                 : hvm_save_stream();
    std::erase_if(stream.libxc, [](const StreamPart &record) { return record.type == kPageData; });
    insert_before(stream.libxc, kTscInfo, {kPageData, page_data(memory)});
    return stream.bytes();
}

Result<std::string> read_stream(int fd) {
    XLSNAP_ASSIGN(const std::string header, read_exactly(fd, kLibxlHeaderSize));
    if (header != make_stream(GuestType::Pv, "").substr(0, kLibxlHeaderSize))
        return fail(ErrorCode::Fail, "this is no libxl stream");
    XLSNAP_ASSIGN(const StreamPart context, read_record(fd));
    if (context.type != kLibxlLibxcContext)
        return fail(ErrorCode::Fail, "the libxl stream does not begin with the memory");
    XLSNAP_TRY(read_exactly(fd, kLibxcHeadersSize));
    std::string memory;
    for (;;) {
        XLSNAP_ASSIGN(const StreamPart record, read_record(fd));
        if (record.type == kPageData)
            memory = memory_of(record.body);
        if (record.type == kEnd)
            break;
    }
    for (;;) {
        XLSNAP_ASSIGN(const StreamPart record, read_record(fd));
        if (record.type == kLibxlEnd)
            return memory;
    }
}

Status write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0)
            return fail(errno_error(errno, "writing the stream"));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

} // namespace xlsnap::test
