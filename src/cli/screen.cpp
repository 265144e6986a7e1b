// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/screen.hpp"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <iterator>

#include <fmt/format.h>

#include "cli/utf8.hpp"

namespace xlsnap::cli {

namespace {

constexpr std::size_t kUsualColumns = 80;

// wcwidth() knows the characters of the thread's locale alone: of Unicode while this lives.
class UnicodeLocale {
  public:
    UnicodeLocale() : before_(::uselocale(unicode())) {}
    UnicodeLocale(const UnicodeLocale &) = delete;
    UnicodeLocale &operator=(const UnicodeLocale &) = delete;
    UnicodeLocale(UnicodeLocale &&) = delete;
    UnicodeLocale &operator=(UnicodeLocale &&) = delete;
    ~UnicodeLocale() { ::uselocale(before_); }

    // Less than 0 for what is not printable.
    [[nodiscard]] int columns_of(char32_t code) const {
        return ::wcwidth(static_cast<wchar_t>(code));
    }

  private:
    // The C library has this locale itself. Without it all but ASCII becomes escapes.
    static locale_t unicode() {
        static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return locale;
    }

    locale_t before_;
};

// These change the order of what stands beside them: a name could look like another.
bool turns_the_direction(char32_t code) {
    return code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// Lines and paragraphs too end where Unicode says so.
bool ends_a_line(char32_t code) {
    return code == 0x2028 || code == 0x2029;
}

void append_escape(std::string &out, const Character &character, std::string_view text) {
    auto end = std::back_inserter(out);
    if (!character.valid || character.code < 0x80) {
        const char byte = text.front();
        if (byte == '\n' || byte == '\r' || byte == '\t')
            out += byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t";
        else
            fmt::format_to(end, "\\x{:02x}", static_cast<unsigned char>(byte));
        return;
    }
    const auto code = static_cast<std::uint32_t>(character.code);
    if (code <= 0xffff)
        fmt::format_to(end, "\\u{:04x}", code);
    else
        fmt::format_to(end, "\\U{:08x}", code);
}

bool is_utf8(const char *charset) {
    return std::string_view(charset) == "UTF-8";
}

bool environment_asks_for_utf8() {
    const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr)
        return false;
    const bool utf8 = is_utf8(::nl_langinfo_l(CODESET, locale));
    ::freelocale(locale);
    return utf8;
}

} // namespace

Screen screen_of(int fd) {
    Screen screen{0, environment_asks_for_utf8()};
    if (::isatty(fd) == 0)
        return screen;
    winsize size{};
    const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
    screen.columns = known ? size.ws_col : kUsualColumns;
    return screen;
}

std::string printable(std::string_view text, const Screen &screen) {
    const UnicodeLocale unicode;
    const bool ascii_only = screen.is_terminal() && !screen.unicode;
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const char32_t code = character.code;
        if (character.valid && !(ascii_only && code >= 0x80) && unicode.columns_of(code) >= 0 &&
            code != 0 && !turns_the_direction(code) && !ends_a_line(code))
            out += text.substr(0, character.bytes);
        else
            append_escape(out, character, text);
        text.remove_prefix(character.bytes);
    }
    return out;
}

std::size_t columns_of(std::string_view printable) {
    const UnicodeLocale unicode;
    std::size_t columns = 0;
    while (!printable.empty()) {
        const Character character = first_character(printable);
        const int more = unicode.columns_of(character.code);
        columns += more > 0 ? static_cast<std::size_t>(more) : 0;
        printable.remove_prefix(character.bytes);
    }
    return columns;
}

std::string cut(std::string_view printable, std::size_t columns, const Screen &screen) {
    if (columns_of(printable) <= columns)
        return std::string(printable);
    if (columns == 0)
        return {};
    const UnicodeLocale unicode;
    const std::string_view ellipsis = screen.unicode ? "…" : "~";
    std::size_t bytes = 0;
    std::size_t taken = 1; // by the ellipsis
    for (;;) {
        const Character character = first_character(printable.substr(bytes));
        const int more = unicode.columns_of(character.code);
        taken += more > 0 ? static_cast<std::size_t>(more) : 0;
        if (taken > columns)
            break;
        bytes += character.bytes;
    }
    return std::string(printable.substr(0, bytes)).append(ellipsis);
}

} // namespace xlsnap::cli
