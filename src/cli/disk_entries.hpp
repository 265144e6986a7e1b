// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xlsnap::cli {

// One entry of the list "disk" of an xl.cfg: a string in quotes, and where it stands in the file.
class DiskEntry {
  public:
    // `begin` is the opening quote in the text. Throws std::runtime_error as disk_entries() does.
    DiskEntry(const std::string &file_name, std::string_view text, std::size_t begin,
              std::size_t line);

    [[nodiscard]] std::size_t line() const { return line_; }
    [[nodiscard]] std::size_t begin() const { return places_.front() - 1; }
    // Behind the closing quote.
    [[nodiscard]] std::size_t end() const { return places_.back() + 1; }

    // What xl makes of it.
    [[nodiscard]] const std::string &value() const { return value_; }

    // Where a character of the value stands in the text.
    [[nodiscard]] std::size_t place(std::size_t index) const { return places_.at(index); }

    // A value as it must be written between the quotes of this entry.
    [[nodiscard]] std::string written(std::string_view value) const;

  private:
    char quote_;
    std::size_t line_;
    std::string value_;
    std::vector<std::size_t> places_; // of each character, and of the closing quote
};

// The entries that xl takes of a text that libxlutil has read: those of the last "disk = [...]" and
// of each "disk += [...]" behind it. Throws std::runtime_error "FILE:LINE: ..." for a "disk" that
// is no list of strings in quotes, and for a character that is written by its number.
[[nodiscard]] std::vector<DiskEntry> disk_entries(const std::string &file_name,
                                                  std::string_view text);

} // namespace xlsnap::cli
