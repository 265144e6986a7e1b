// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/table.hpp"

#include <algorithm>
#include <utility>

namespace xlsnap::cli {

namespace {

constexpr std::size_t kGap = 2;
// A column that is cut keeps as much as this, however narrow the screen.
constexpr std::size_t kNarrowest = 4;

using Widths = std::vector<std::size_t>;

std::size_t flexible_column(const std::vector<Column> &columns) {
    const auto found = std::ranges::find(columns, true, &Column::flexible);
    return found != columns.end() ? static_cast<std::size_t>(found - columns.begin())
                                  : columns.size() - 1;
}

void make_fit(Widths &widths, std::size_t flexible, const Screen &screen) {
    std::size_t total = kGap * (widths.size() - 1);
    for (const std::size_t width : widths)
        total += width;
    if (!screen.is_terminal() || total <= screen.columns)
        return;
    const std::size_t surplus = total - screen.columns;
    std::size_t &width = widths[flexible];
    if (width > kNarrowest)
        width = std::max(width - std::min(width, surplus), kNarrowest);
}

void append_line(std::string &out, const std::vector<std::string> &cells,
                 const std::vector<Column> &columns, const Widths &widths, const Screen &screen) {
    std::size_t blanks = 0; // owed before the next text, so that none end a line
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell = cut(cells[i], widths[i], screen);
        const std::size_t missing = widths[i] - columns_of(cell);
        const bool right = columns[i].align == Column::Align::Right;
        blanks += right ? missing : 0;
        if (!cell.empty()) {
            out.append(std::exchange(blanks, 0), ' ');
            out += cell;
        }
        blanks += kGap + (right ? 0 : missing);
    }
    out += '\n';
}

} // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::to_text(const Screen &screen) const {
    std::vector<std::vector<std::string>> lines;
    lines.reserve(rows_.size() + 1);
    std::vector<std::string> titles;
    for (const Column &column : columns_)
        titles.push_back(column.title);
    if (std::ranges::any_of(titles, [](const std::string &title) { return !title.empty(); }))
        lines.push_back(std::move(titles));
    lines.insert(lines.end(), rows_.begin(), rows_.end());

    Widths widths(columns_.size(), 0);
    for (auto &line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) {
            line[i] = printable(line[i], screen);
            widths[i] = std::max(widths[i], columns_of(line[i]));
        }
    make_fit(widths, flexible_column(columns_), screen);

    std::string out;
    for (const auto &line : lines)
        append_line(out, line, columns_, widths, screen);
    return out;
}

} // namespace xlsnap::cli
