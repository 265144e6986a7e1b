// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace xlsnap::test {

// One record of a libxl or libxc stream.
struct StreamPart {
    std::uint32_t type = 0;
    std::string body;
};

// A libxl stream of small synthetic guests, to be bent by tests before it becomes bytes. It is made
// from the specifications in docs/specs of xen.git and shares nothing with src/.
struct SaveStream {
    std::uint64_t libxl_ident = 0x4c69'6278'6c46'6d74;
    std::uint32_t libxl_version = 2;
    std::uint32_t libxl_options = 0;
    std::vector<StreamPart> libxl; // the libxc stream follows the record of type 1

    std::uint64_t libxc_marker = 0xffff'ffff'ffff'ffff;
    std::uint32_t libxc_ident = 0x5845'4e46;
    std::uint32_t libxc_version = 3;
    std::uint64_t libxc_options = 0; // and the reserved fields behind them
    std::uint32_t guest_type = 2;
    std::uint16_t page_shift = 12;
    std::vector<StreamPart> libxc;

    [[nodiscard]] std::string bytes() const;
    // Where each header and each record begins, and where the stream ends.
    [[nodiscard]] std::vector<std::size_t> boundaries() const;
    // Where each record begins.
    [[nodiscard]] std::vector<std::size_t> records() const;

  private:
    struct Layout;
    [[nodiscard]] Layout lay_out() const;
};

// What stock libxl writes for such a guest, with one page of each kind.
[[nodiscard]] SaveStream pv_save_stream();
[[nodiscard]] SaveStream pvh_save_stream();
[[nodiscard]] SaveStream hvm_save_stream();

// The body of a PAGE_DATA record for these entries, with the pages that they say.
[[nodiscard]] std::string page_data_body(const std::vector<std::uint64_t> &entries);

// The first record of the type. The stream must have one.
[[nodiscard]] StreamPart &part(std::vector<StreamPart> &parts, std::uint32_t type);
void remove_part(std::vector<StreamPart> &parts, std::uint32_t type);
void insert_before(std::vector<StreamPart> &parts, std::uint32_t type, StreamPart added);

[[nodiscard]] std::string le32(std::initializer_list<std::uint32_t> values);
[[nodiscard]] std::string le64(std::initializer_list<std::uint64_t> values);

// A file without a name that holds the bytes.
[[nodiscard]] UniqueFd file_with(std::string_view bytes);

} // namespace xlsnap::test
