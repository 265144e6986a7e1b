// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xlsnap::cli {

// Where text for people goes.
struct Screen {
    std::size_t columns = 0; // 0: no terminal, a line may be as long as it is
    bool unicode = true;     // whether it shows UTF-8

    [[nodiscard]] bool is_terminal() const { return columns != 0; }
};

// What the file is, by the terminal's own size and by the locale that the environment asks for. A
// terminal that does not know its size has 80 columns.
[[nodiscard]] Screen screen_of(int fd);

// The text as one line that does nothing to a terminal: control characters, what turns the
// direction of writing, and bytes that are no UTF-8 become escapes such as \n, \x1b and \u202e. So
// does all that is not ASCII on a terminal that shows no UTF-8.
[[nodiscard]] std::string printable(std::string_view text, const Screen &screen);

// Columns that printable text takes: 0 for a combining character, 2 for a wide one.
[[nodiscard]] std::size_t columns_of(std::string_view printable);

// As much of the printable text as fits, with an ellipsis at its end when something is left out.
[[nodiscard]] std::string cut(std::string_view printable, std::size_t columns,
                              const Screen &screen);

} // namespace xlsnap::cli
