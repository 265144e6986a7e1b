// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json_text.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace xlsnap {

namespace {

// What yajl takes for white space.
constexpr std::string_view kJsonSpace = " \t\n\v\f\r";

// Reads on in a text that is known to be JSON.
class JsonScanner {
  public:
    JsonScanner(std::string_view text, std::size_t from) : text_(text), at_(from) {}

    // The next character that is no white space, which is not passed.
    char next() {
        at_ = std::min(text_.find_first_not_of(kJsonSpace, at_), text_.size());
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    void pass() { ++at_; }

    // Passes the value that comes next.
    JsonPlace value() {
        const char first = next();
        const std::size_t begin = at_;
        if (first == '"')
            pass_string();
        else if (first == '{' || first == '[')
            pass_brackets();
        else
            at_ = std::min(text_.find_first_of(",]}: \t\n\v\f\r", at_), text_.size());
        return {begin, at_};
    }

  private:
    void pass_string() {
        for (++at_; text_[at_] != '"'; ++at_)
            at_ += text_[at_] == '\\' ? 1 : 0;
        ++at_;
    }

    void pass_brackets() {
        std::size_t open = 0;
        do {
            const char c = text_[at_];
            if (c == '"') {
                pass_string();
                continue;
            }
            open += c == '{' || c == '[' ? 1 : 0;
            open -= c == '}' || c == ']' ? 1 : 0;
            ++at_;
        } while (open > 0);
    }

    std::string_view text_;
    std::size_t at_;
};

} // namespace

Result<JsonText> JsonText::read(std::string text, std::size_t max_bytes) {
    XLSNAP_TRY(check_json(text, max_bytes));
    return JsonText(std::move(text));
}

std::string_view JsonText::at(JsonPlace place) const {
    return std::string_view(text_).substr(place.begin, place.end - place.begin);
}

JsonPlace JsonText::root() const {
    return JsonScanner(text_, 0).value();
}

Result<std::vector<JsonMember>> JsonText::members(JsonPlace object) const {
    JsonScanner scanner(text_, object.begin);
    if (scanner.next() != '{')
        return fail(ErrorCode::Invalid, "an object is expected");
    std::vector<JsonMember> found;
    std::set<std::string> keys;
    for (scanner.pass(); scanner.next() != '}';) {
        XLSNAP_ASSIGN(const Json key, parse_json(at(scanner.value())));
        scanner.next();
        scanner.pass(); // the colon
        if (!keys.insert(*key.as_string()).second)
            return fail(ErrorCode::Invalid, "an object has a key twice");
        found.push_back({*key.as_string(), scanner.value()});
        if (scanner.next() == ',')
            scanner.pass();
    }
    return found;
}

Result<std::vector<JsonPlace>> JsonText::elements(JsonPlace array) const {
    JsonScanner scanner(text_, array.begin);
    if (scanner.next() != '[')
        return fail(ErrorCode::Invalid, "an array is expected");
    std::vector<JsonPlace> found;
    for (scanner.pass(); scanner.next() != ']';) {
        found.push_back(scanner.value());
        if (scanner.next() == ',')
            scanner.pass();
    }
    return found;
}

std::string JsonText::with(std::vector<JsonEdit> edits) const {
    std::ranges::sort(edits, {}, [](const JsonEdit &edit) {
        return std::pair(edit.place.begin, edit.place.end);
    });
    std::string changed;
    std::size_t kept = 0;
    for (const JsonEdit &edit : edits) {
        changed.append(text_, kept, edit.place.begin - kept);
        changed += edit.text;
        kept = edit.place.end;
    }
    return changed.append(text_, kept);
}

} // namespace xlsnap
