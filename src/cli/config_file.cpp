// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/config_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/screen.hpp"

namespace xlsnap::cli {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

struct CloseStream {
    void operator()(std::FILE *file) const { static_cast<void>(std::fclose(file)); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;

// What libxlutil complains of, as a line. It may hold text of the file.
class Complaints {
  public:
    Complaints() : stream_(::open_memstream(&text_, &size_)) {
        if (stream_ == nullptr)
            throw std::bad_alloc();
    }
    Complaints(const Complaints &) = delete;
    Complaints &operator=(const Complaints &) = delete;
    Complaints(Complaints &&) = delete;
    Complaints &operator=(Complaints &&) = delete;
    ~Complaints() {
        stream_.reset();
        std::free(text_);
    }

    [[nodiscard]] std::FILE *stream() const { return stream_.get(); }

    [[nodiscard]] std::string first_line() const {
        static_cast<void>(std::fflush(stream_.get()));
        const std::string_view all(text_, size_);
        return printable(all.substr(0, all.find('\n')), {});
    }

  private:
    char *text_ = nullptr;
    std::size_t size_ = 0;
    Stream stream_;
};

struct KeyPlace {
    std::string key;
    std::size_t line = 0;
    bool adds = false; // by "+="
};

// Where the keys stand in a text that libxlutil took: it has no function that lists them. Throws
// for what libxlutil reads otherwise than it looks.
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

std::string errno_text(const std::string &path) {
    return path + ": " + std::strerror(errno);
}

} // namespace

std::string read_text_file(const std::string &path) {
    const Stream file(std::fopen(path.c_str(), "re"));
    if (file == nullptr)
        throw std::runtime_error(errno_text(path));
    std::string text(kMostBytes + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0)
        throw std::runtime_error(errno_text(path));
    if (text.size() > kMostBytes)
        throw std::runtime_error(path + ": is larger than 1 MiB, which no such file is");
    return text;
}

ConfigFile::ConfigFile(std::string name, const std::string &text) : name_(std::move(name)) {
    // libxlutil ends the process over one.
    if (text.find('\0') != std::string::npos)
        throw std::runtime_error(name_ + ": is no text: it has a NUL character");
    parse(text);
    for (const KeyPlace &place : KeyFinder(name_, text).keys()) {
        const auto [before, is_new] = lines_.emplace(place.key, place.line);
        if (!is_new && !place.adds)
            throw std::runtime_error(fmt::format("{}:{}: {} is said twice, first in line {}", name_,
                                                 place.line, place.key, before->second));
    }
}

void ConfigFile::parse(const std::string &text) {
    const Complaints complaints;
    config_.reset(xlu_cfg_init(complaints.stream(), name_.c_str()));
    if (config_ == nullptr)
        throw std::bad_alloc();
    // The parser looks for the end of the line.
    const std::string lines = text + '\n';
    if (xlu_cfg_readdata(config_.get(), lines.data(), static_cast<int>(lines.size())) == 0)
        return;
    // After a failure nothing may be asked of it, and its complaints end here.
    config_.reset();
    throw std::runtime_error(complaints.first_line());
}

void ConfigFile::allow_only(const std::vector<std::string> &keys) const {
    for (const auto &[key, line] : lines_)
        if (std::ranges::find(keys, key) == keys.end())
            throw std::runtime_error(fmt::format("{}:{}: there is no key {}; there are {}", name_,
                                                 line, key, fmt::join(keys, ", ")));
}

std::optional<std::string> ConfigFile::text(const std::string &key) const {
    if (!lines_.contains(key))
        return std::nullopt;
    const char *value = nullptr;
    if (xlu_cfg_get_string(config_.get(), key.c_str(), &value, 1) != 0)
        throw std::runtime_error(place(key) + " is a list; write " + key + " = \"...\"");
    return value;
}

std::optional<std::vector<std::string>> ConfigFile::list(const std::string &key) const {
    if (!lines_.contains(key))
        return std::nullopt;
    XLU_ConfigList *list = nullptr;
    int count = 0;
    if (xlu_cfg_get_list(config_.get(), key.c_str(), &list, &count, 1) != 0)
        throw std::runtime_error(place(key) + " is no list; write " + key + " = [ \"...\" ]");
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) {
        const char *text = xlu_cfg_get_listitem(list, i);
        if (text == nullptr)
            throw std::runtime_error(place(key) +
                                     " has a list in it, where only texts are allowed");
        texts.emplace_back(text);
    }
    return texts;
}

std::optional<std::string> ConfigFile::word(const std::string &key,
                                            const std::vector<std::string> &words) const {
    std::optional<std::string> said = text(key);
    if (said && std::ranges::find(words, *said) == words.end())
        refuse(key, *said, fmt::format("\"{}\"", fmt::join(words, "\" or \"")));
    return said;
}

void ConfigFile::refuse(const std::string &key, std::string_view value,
                        std::string_view allowed) const {
    throw std::runtime_error(
        fmt::format("{} is {}; allowed is {}", place(key), printable(quoted(value), {}), allowed));
}

std::string ConfigFile::place(const std::string &key) const {
    return fmt::format("{}:{}: {}", name_, lines_.at(key), key);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + '"';
}

} // namespace xlsnap::cli
