// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/config_keys.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace xlsnap::cli {

namespace {

// Goes through the text once; in front of it is always what was not looked at yet.
class KeyFinder {
  public:
    KeyFinder(const std::string &name, std::string_view text) : name_(name), text_(text) {}

    std::vector<KeyPlace> keys() {
        std::vector<KeyPlace> found;
        while (skip_to_a_key()) {
            KeyPlace place{take_key(), line_, false};
            skip(" \t");
            place.adds = !text_.empty() && text_.front() == '+';
            skip_value();
            found.push_back(std::move(place));
        }
        return found;
    }

  private:
    void step() {
        line_ += text_.front() == '\n' ? 1 : 0;
        text_.remove_prefix(1);
    }

    void skip(std::string_view these) {
        while (!text_.empty() && these.find(text_.front()) != std::string_view::npos)
            step();
    }

    void skip_comment() { text_.remove_prefix(std::min(text_.find('\n'), text_.size())); }

    bool skip_to_a_key() {
        skip(" \t\n;");
        while (!text_.empty() && text_.front() == '#') {
            skip_comment();
            skip(" \t\n;");
        }
        return !text_.empty();
    }

    std::string take_key() {
        const std::size_t end = std::min(text_.find_first_of(" \t+="), text_.size());
        std::string key(text_.substr(0, end));
        text_.remove_prefix(end);
        return key;
    }

    void skip_value() {
        std::size_t lists = 0;
        while (!text_.empty()) {
            const char c = text_.front();
            if (lists == 0 && (c == '\n' || c == ';'))
                return;
            if (c == '#') {
                skip_comment();
                continue;
            }
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            lists += c == '[' ? 1 : 0;
            lists -= c == ']' && lists > 0 ? 1 : 0;
            step();
        }
    }

    void skip_string(char quote) {
        step();
        while (!text_.empty() && text_.front() != quote) {
            if (text_.front() == '\\') {
                step();
                refuse_a_number();
            }
            if (!text_.empty())
                step();
        }
        if (!text_.empty())
            step();
    }

    void refuse_a_number() const {
        if (!text_.empty() &&
            (text_.front() == 'x' || (text_.front() >= '0' && text_.front() <= '9')))
            throw std::runtime_error(fmt::format(
                "{}:{}: a number behind a backslash is lost; write the character itself", name_,
                line_));
    }

    const std::string &name_;
    std::string_view text_;
    std::size_t line_ = 1;
};

} // namespace

std::vector<KeyPlace> keys_of(const std::string &file_name, std::string_view text) {
    return KeyFinder(file_name, text).keys();
}

} // namespace xlsnap::cli
