// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/screen.hpp"

namespace xlsnap::cli {

struct Column {
    enum class Align { Left, Right };

    std::string title; // empty in all columns: no line of titles
    Align align = Align::Left;
    // What a line has too many columns for its screen is cut from the flexible one: the first that
    // is so, or the last column. The others are never cut.
    bool flexible = false;
};

// Rows of text in columns that are as wide as what is in them.
class Table {
  public:
    explicit Table(std::vector<Column> columns);

    // A cell for each column, from the left; those that are missing are empty. A cell may hold any
    // bytes, it is made printable.
    void add(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const { return rows_.empty(); }

    // Lines without blanks at their ends, the titles first, each with a newline.
    [[nodiscard]] std::string to_text(const Screen &screen) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace xlsnap::cli
