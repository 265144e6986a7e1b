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

#include "cli/complaints.hpp"
#include "cli/config_keys.hpp"
#include "cli/screen.hpp"

namespace xlsnap::cli {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

struct CloseStream {
    void operator()(std::FILE *file) const { static_cast<void>(std::fclose(file)); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;

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
    for (const KeyPlace &place : keys_of(name_, text)) {
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
    throw std::runtime_error(fmt::format("{} is {}; allowed is {}", place(key),
                                         printable(in_quotes(value), {}), allowed));
}

std::string ConfigFile::place(const std::string &key) const {
    return fmt::format("{}:{}: {}", name_, lines_.at(key), key);
}

std::string in_quotes(std::string_view text) {
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
