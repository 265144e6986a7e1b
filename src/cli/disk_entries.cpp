// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/disk_entries.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace xlsnap::cli {

namespace {

// What stands behind a backslash, and what it means (xlu__cfgl_dequote in
// tools/libs/util/libxlu_cfg.c in xen.git).
constexpr std::string_view kEscapes = "\"'\\abfnrtv";
constexpr std::string_view kMeanings = "\"'\\\a\b\f\n\r\t\v";

// Goes through the text once, as libxlutil's lexer does.
class DiskLists {
  public:
    DiskLists(const std::string &file_name, std::string_view text)
        : file_name_(file_name), text_(text) {}

    std::vector<DiskEntry> entries() {
        while (skip_to_setting())
            read_setting();
        return std::move(entries_);
    }

  private:
    [[nodiscard]] char front() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }

    void step() {
        line_ += front() == '\n' ? 1 : 0;
        ++at_;
    }

    // A comment goes to the end of its line.
    void skip(std::string_view these) {
        while (!is_at_end()) {
            if (front() == '#')
                at_ = std::min(text_.find('\n', at_), text_.size());
            else if (these.find(front()) != std::string_view::npos)
                step();
            else
                return;
        }
    }

    bool skip_to_setting() {
        skip(" \t\n;");
        return !is_at_end();
    }

    void read_setting() {
        const std::size_t end = std::min(text_.find_first_of(" \t+=\n", at_), text_.size());
        const bool is_disk = text_.substr(at_, end - at_) == "disk";
        at_ = end;
        skip(" \t");
        const bool adds = front() == '+';
        at_ += adds ? 2 : 1;
        skip(" \t");
        if (!is_disk) {
            skip_value();
            return;
        }
        if (!adds)
            entries_.clear();
        read_list();
    }

    void skip_value() {
        std::size_t lists = 0;
        while (!is_at_end() && (lists > 0 || (front() != '\n' && front() != ';'))) {
            if (front() == '#') {
                skip("");
            } else if (front() == '"' || front() == '\'') {
                skip_string();
            } else {
                lists += front() == '[' ? 1 : 0;
                lists -= front() == ']' && lists > 0 ? 1 : 0;
                step();
            }
        }
    }

    void skip_string() {
        const char quote = front();
        for (step(); !is_at_end() && front() != quote; step())
            if (front() == '\\')
                step();
        step();
    }

    void read_list() {
        if (front() != '[')
            refuse("disk is no list; write disk = [ \"...\" ]");
        for (step();; skip_string()) {
            skip(" \t\n,");
            if (front() == ']')
                break;
            if (front() != '"' && front() != '\'')
                refuse("an entry of disk is not in quotes; put it in quotes");
            entries_.emplace_back(file_name_, text_, at_, line_);
        }
        step();
    }

    [[noreturn]] void refuse(const char *reason) const {
        throw std::runtime_error(fmt::format("{}:{}: {}", file_name_, line_, reason));
    }

    const std::string &file_name_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<DiskEntry> entries_;
};

} // namespace

DiskEntry::DiskEntry(const std::string &file_name, std::string_view text, std::size_t begin,
                     std::size_t line)
    : quote_(text[begin]), line_(line) {
    std::size_t at = begin + 1;
    for (; at < text.size() && text[at] != quote_; ++at) {
        places_.push_back(at);
        if (text[at] != '\\') {
            value_ += text[at];
            continue;
        }
        ++at;
        const std::size_t escape = kEscapes.find(at < text.size() ? text[at] : '\0');
        if (escape == std::string_view::npos)
            throw std::runtime_error(
                fmt::format("{}:{}: an entry of disk has a character that is written by its "
                            "number; write the character itself",
                            file_name, line));
        value_ += kMeanings[escape];
    }
    places_.push_back(at);
}

std::string DiskEntry::written(std::string_view value) const {
    std::string text;
    for (const char c : value) {
        if (c == quote_ || c == '\\')
            text += '\\';
        text += c;
    }
    return text;
}

std::vector<DiskEntry> disk_entries(const std::string &file_name, std::string_view text) {
    return DiskLists(file_name, text).entries();
}

} // namespace xlsnap::cli
