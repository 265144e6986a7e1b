// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/tree_view.hpp"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace xlsnap::cli {

namespace {

constexpr std::size_t kDeepest = 63;
constexpr std::size_t kColumnsOfALevel = 3;

// At a level: whether an entry further down belongs to it, before one that is less deep.
using Levels = std::bitset<kDeepest + 1>;

struct TreeLine {
    std::size_t entry = 0;
    std::size_t depth = 0;
    Levels goes_on;
};

using Children = std::vector<std::vector<std::size_t>>;

// The entries as they stand below each other. No recursion: a chain may be long.
class TopDown {
  public:
    explicit TopDown(const std::vector<TreeEntry> &entries)
        : entries_(entries), children_(entries.size()), placed_(entries.size(), false) {}

    std::vector<TreeLine> lines() {
        for (const std::size_t root : connect())
            place_all_from(root);
        for (std::size_t i = 0; i < entries_.size(); ++i) // of a circle
            place_all_from(i);
        return std::move(lines_);
    }

  private:
    // Gives each entry to its parent, and those without one back.
    std::vector<std::size_t> connect() {
        std::unordered_map<std::string_view, std::size_t> by_name;
        for (std::size_t i = 0; i < entries_.size(); ++i)
            by_name.emplace(entries_[i].name, i);
        std::vector<std::size_t> roots;
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const auto parent = by_name.find(entries_[i].parent);
            if (entries_[i].parent.empty() || parent == by_name.end())
                roots.push_back(i);
            else
                children_[parent->second].push_back(i);
        }
        return roots;
    }

    void place_all_from(std::size_t start) {
        std::vector<TreeLine> waiting = {{start, 0, {}}};
        while (!waiting.empty()) {
            const TreeLine next = waiting.back();
            waiting.pop_back();
            if (placed_[next.entry])
                continue;
            placed_[next.entry] = true;
            lines_.push_back(next);
            const auto &children = children_[next.entry];
            for (auto child = children.rbegin(); child != children.rend(); ++child)
                waiting.push_back({*child, next.depth + 1, {}});
        }
    }

    const std::vector<TreeEntry> &entries_;
    Children children_;
    std::vector<bool> placed_;
    std::vector<TreeLine> lines_;
};

std::size_t deepest_level(const Screen &screen) {
    if (!screen.is_terminal())
        return kDeepest;
    return std::clamp<std::size_t>(screen.columns / 2 / kColumnsOfALevel, 1, kDeepest);
}

// From the last line up: what a line must be connected with stands below it.
void connect_lines(std::vector<TreeLine> &lines, std::size_t deepest) {
    Levels goes_on;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        const std::size_t level = std::min(line->depth, deepest);
        line->goes_on = goes_on;
        for (std::size_t deeper = level + 1; deeper <= kDeepest; ++deeper)
            goes_on.reset(deeper);
        goes_on.set(level);
    }
}

struct Pieces {
    std::string_view child, last_child, passes, nothing;
};

constexpr Pieces kBoxes = {"├─ ", "└─ ", "│  ", "   "};
constexpr Pieces kAscii = {"|- ", "`- ", "|  ", "   "};

void append_branches(std::string &out, const TreeLine &line, std::size_t level,
                     const Pieces &pieces) {
    for (std::size_t i = 1; i < level; ++i)
        out += line.goes_on[i] ? pieces.passes : pieces.nothing;
    if (level > 0)
        out += line.goes_on[level] ? pieces.child : pieces.last_child;
}

// The name is cut rather than what follows it.
void append_entry(std::string &out, const TreeEntry &entry, bool names_parent, std::size_t indent,
                  const Screen &screen) {
    std::string behind;
    if (names_parent)
        behind += " (child of " + printable(entry.parent, screen) + ")";
    if (entry.current)
        behind += " (current)";
    if (!entry.note.empty())
        behind += "  " + printable(entry.note, screen);
    std::string name = printable(entry.name, screen);
    if (!screen.is_terminal()) {
        out += name + behind;
        return;
    }
    const std::size_t room = screen.columns > indent ? screen.columns - indent : 1;
    const std::size_t taken = std::min(columns_of(behind), room / 2);
    name = cut(name, room - taken, screen);
    out += name + cut(behind, room - columns_of(name), screen);
}

} // namespace

std::string draw_forest(const std::vector<TreeEntry> &entries, const Screen &screen) {
    const std::size_t deepest = deepest_level(screen);
    std::vector<TreeLine> lines = TopDown(entries).lines();
    connect_lines(lines, deepest);
    std::string out;
    for (const TreeLine &line : lines) {
        const std::size_t level = std::min(line.depth, deepest);
        append_branches(out, line, level, screen.unicode ? kBoxes : kAscii);
        append_entry(out, entries[line.entry], line.depth > deepest, level * kColumnsOfALevel,
                     screen);
        out += '\n';
    }
    return out;
}

} // namespace xlsnap::cli
