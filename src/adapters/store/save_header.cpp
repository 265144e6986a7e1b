// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/save_header.hpp"

#include <fmt/format.h>

#include "adapters/store/stream_reader.hpp"
#include "base/byte_order.hpp"
#include "base/json.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kMagic("Xen saved domain, xl format\n \0 \r", kSaveMagicSize);

constexpr std::uint32_t kByteOrder = 0x0102'0304;
constexpr std::uint32_t kConfigIsJson = 1;
constexpr std::uint32_t kStreamIsV2 = 2;
constexpr std::size_t kFixedSize = kSaveMagicSize + 4 * sizeof(std::uint32_t);

constexpr std::string_view kTrailerMagic("XLSNAP\0\n", 8);
constexpr std::int64_t kTrailerVersion = 1;

// What the two texts may be at most: real ones have some kilobytes.
constexpr std::uint32_t kMaxConfig = std::uint32_t{16} << 20;
constexpr std::uint32_t kMaxTrailerText = std::uint32_t{64} << 10;

std::string_view state_name(bool paused) {
    return paused ? "paused" : "running";
}

std::string encode_trailer(const MemoryImageInfo &info) {
    const std::string text = Json(Json::Object{
                                      {"version", kTrailerVersion},
                                      {"state", state_name(info.was_paused)},
                                  })
                                 .to_text();
    std::string trailer(kTrailerMagic);
    append_little_endian(trailer, static_cast<std::uint32_t>(text.size()));
    return trailer + text;
}

Result<std::string> read_text(StreamReader &reader, std::uint32_t length, std::string_view what) {
    std::string text(length, '\0');
    XLSNAP_TRY(reader.read(std::as_writable_bytes(std::span(text)), what));
    return text;
}

Result<std::uint32_t> read_length(StreamReader &reader, std::uint32_t most, std::string_view what) {
    const std::uint64_t position = reader.position();
    XLSNAP_ASSIGN(const auto bytes, reader.read<4>(fmt::format("the length of {}", what)));
    const auto length = load_little_endian<std::uint32_t>(bytes, 0);
    if (length > most)
        return invalid_at(position,
                          fmt::format("{} of {} bytes; at most {} are read", what, length, most));
    return length;
}

// Returns the length of the optional data.
Result<std::uint32_t> read_fixed_part(StreamReader &reader) {
    XLSNAP_ASSIGN(const auto header, reader.read<kFixedSize>("the header"));
    const std::string_view text(reinterpret_cast<const char *>(header.data()), header.size());
    if (!begins_with_save_magic(text))
        return fail(ErrorCode::Invalid, "this is not a file of xl save");
    const auto field = [&header](std::size_t index) {
        return load_little_endian<std::uint32_t>(header, kSaveMagicSize + index * 4);
    };
    if (field(0) != kByteOrder)
        return invalid_at(kSaveMagicSize, "written by a machine of another byte order");
    const std::uint32_t mandatory = field(1);
    if ((mandatory & ~(kConfigIsJson | kStreamIsV2)) != 0)
        return invalid_at(
            kSaveMagicSize + 4,
            fmt::format("mandatory flags {:#x} are unknown; it needs a newer xl", mandatory));
    if (mandatory != (kConfigIsJson | kStreamIsV2))
        return invalid_at(kSaveMagicSize + 4, "the file has the format of Xen 4.5 or older");
    return field(3);
}

Result<std::string> read_config(StreamReader &reader) {
    XLSNAP_ASSIGN(const std::uint32_t length, read_length(reader, kMaxConfig, "a configuration"));
    const std::uint64_t position = reader.position();
    XLSNAP_ASSIGN(std::string config, read_text(reader, length, "the configuration"));
    if (config.find('\0') + 1 != config.size() || config.size() < 2)
        return invalid_at(position, "the configuration is not a text that ends with a NUL");
    config.pop_back();
    return config;
}

Result<bool> parse_was_paused(const std::string &text) {
    XLSNAP_ASSIGN(const Json trailer, parse_json(text, {kMaxTrailerText, 8}));
    const Json *member = trailer.find("version");
    const std::int64_t *version = member == nullptr ? nullptr : member->as_integer();
    if (version == nullptr || *version < 1)
        return fail(ErrorCode::Invalid, "no version");
    if (*version > kTrailerVersion)
        return fail(ErrorCode::NotImplemented,
                    fmt::format("written by a newer xlsnap: version {}, this one reads up to {}; "
                                "use that xlsnap",
                                *version, kTrailerVersion));
    const std::string *state = trailer.find_string("state");
    if (state != nullptr && (*state == state_name(true) || *state == state_name(false)))
        return *state == state_name(true);
    return fail(ErrorCode::Invalid, "no state that is known");
}

// `reader` ends where the optional data end. What does not begin with our magic is somebody
// else's and is ignored, as xl ignores all of it.
Status read_trailer(StreamReader &reader, MemoryImageInfo &info) {
    if (reader.left() < kTrailerMagic.size())
        return {};
    XLSNAP_ASSIGN(const std::string magic, read_text(reader, kTrailerMagic.size(), "the trailer"));
    if (magic != kTrailerMagic)
        return {};
    XLSNAP_ASSIGN(const std::uint32_t length, read_length(reader, kMaxTrailerText, "a trailer"));
    const std::uint64_t position = reader.position();
    XLSNAP_ASSIGN(const std::string text, read_text(reader, length, "the trailer"));
    auto was_paused =
        parse_was_paused(text).with_context(fmt::format("at byte {}: the trailer", position));
    XLSNAP_ASSIGN(info.was_paused, std::move(was_paused));
    if (reader.left() != 0)
        return invalid_at(reader.position(),
                          fmt::format("{} bytes follow the trailer", reader.left()));
    return {};
}

} // namespace

bool begins_with_save_magic(std::string_view bytes) {
    return bytes.starts_with(kMagic);
}

Result<std::string> encode_save_header(const MemoryImageInfo &info) {
    if (info.config_json.empty() || info.config_json.find('\0') != std::string::npos)
        return fail(ErrorCode::Invalid, "the domain's configuration is empty or holds a NUL");
    if (info.config_json.size() >= kMaxConfig)
        return fail(ErrorCode::Invalid,
                    fmt::format("the domain's configuration has {} bytes; less than {} can be kept",
                                info.config_json.size(), kMaxConfig));
    std::string optional_data;
    append_little_endian(optional_data, static_cast<std::uint32_t>(info.config_json.size() + 1));
    optional_data += info.config_json;
    optional_data += '\0';
    optional_data += encode_trailer(info);

    std::string header(kMagic);
    append_little_endian(header, kByteOrder);
    append_little_endian(header, kConfigIsJson | kStreamIsV2);
    append_little_endian(header, 0); // optional flags: xl has none
    append_little_endian(header, static_cast<std::uint32_t>(optional_data.size()));
    return header + optional_data;
}

Result<SaveHeader> read_save_header(int fd, std::uint64_t file_size) {
    StreamReader file(fd, 0, file_size);
    XLSNAP_ASSIGN(const std::uint32_t optional_size, read_fixed_part(file));
    const std::uint64_t end = file.position() + optional_size;
    XLSNAP_TRY(file.skip(optional_size, "the configuration with its trailer"));
    SaveHeader header;
    header.stream_position = end;
    StreamReader optional_data(fd, kFixedSize, end);
    XLSNAP_ASSIGN(header.info.config_json, read_config(optional_data));
    XLSNAP_TRY(read_trailer(optional_data, header.info));
    return header;
}

} // namespace xlsnap
