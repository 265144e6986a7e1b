// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <libxlutil.h>
}

namespace xlsnap::cli {

// The content of a file of at most 1 MiB. Throws std::runtime_error.
[[nodiscard]] std::string read_text_file(const std::string &path);

// A text in xl's syntax, read by libxlutil and more strictly: a key that is said twice is an error,
// and so is a number behind a backslash, which libxlutil drops. Every error is a std::runtime_error
// "FILE:LINE: ...".
class ConfigFile {
  public:
    // The file's name serves messages only.
    ConfigFile(std::string name, const std::string &text);

    // All keys must be of these.
    void allow_only(const std::vector<std::string> &keys) const;

    // Nothing when there is no such key. Errors: a list; no list, or an entry that is none of text.
    [[nodiscard]] std::optional<std::string> text(const std::string &key) const;
    [[nodiscard]] std::optional<std::vector<std::string>> list(const std::string &key) const;

    // One of the words, or nothing when there is no such key.
    [[nodiscard]] std::optional<std::string> word(const std::string &key,
                                                  const std::vector<std::string> &words) const;

    // For a value that is not allowed: says where it stands, and `allowed`.
    [[noreturn]] void refuse(const std::string &key, std::string_view value,
                             std::string_view allowed) const;

  private:
    struct Destroy {
        void operator()(XLU_Config *config) const { xlu_cfg_destroy(config); }
    };

    void parse(const std::string &text);
    [[nodiscard]] std::string place(const std::string &key) const;

    std::string name_;
    std::map<std::string, std::size_t> lines_; // of each key
    std::unique_ptr<XLU_Config, Destroy> config_;
};

// The text as a string of xl's syntax, quotes included. It can hold every character but NUL.
[[nodiscard]] std::string in_quotes(std::string_view text);

} // namespace xlsnap::cli
