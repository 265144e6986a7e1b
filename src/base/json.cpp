// SPDX-License-Identifier: LGPL-2.1-only
#include "base/json.hpp"

#include <memory>

#include <fmt/format.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/utf8.hpp"

namespace xlsnap {

namespace {

// Builds the value from yajl's callbacks with an explicit stack, so that nesting costs heap, not
// stack, and ends at max_depth.
class Builder {
  public:
    explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

    bool add_text(std::string text) {
        return is_utf8(text) ? add(Json(std::move(text))) : refuse_text();
    }

    bool add(Json value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return true;
        }
        Frame &frame = open_.back();
        if (!frame.is_object) {
            frame.array.push_back(std::move(value));
            return true;
        }
        if (!frame.object.emplace(std::move(frame.key), std::move(value)).second)
            return refuse("duplicate key");
        return true;
    }

    bool open(bool is_object) {
        if (open_.size() >= max_depth_)
            return refuse(fmt::format("nested deeper than {} levels", max_depth_));
        open_.push_back(Frame{is_object, {}, {}, {}});
        return true;
    }

    bool close() {
        Frame frame = std::move(open_.back());
        open_.pop_back();
        return add(frame.is_object ? Json(std::move(frame.object)) : Json(std::move(frame.array)));
    }

    bool key(std::string text) {
        if (!is_utf8(text))
            return refuse_text();
        open_.back().key = std::move(text);
        return true;
    }

    // yajl lets overlong forms and surrogates pass, and makes surrogates of escapes.
    bool refuse_text() { return refuse("a text that is not UTF-8"); }

    bool refuse(std::string reason) {
        reason_ = std::move(reason);
        return false;
    }

    [[nodiscard]] const std::string &reason() const { return reason_; }
    Json take_root() { return std::move(root_); }

  private:
    struct Frame {
        bool is_object;
        std::string key;
        Json::Array array;
        Json::Object object;
    };

    std::size_t max_depth_;
    std::vector<Frame> open_;
    Json root_;
    std::string reason_;
};

Builder &builder(void *ctx) {
    return *static_cast<Builder *>(ctx);
}

std::string to_string(const unsigned char *text, std::size_t length) {
    return {reinterpret_cast<const char *>(text), length};
}

const yajl_callbacks kCallbacks = {
    [](void *ctx) -> int { return builder(ctx).add(Json()); },
    [](void *ctx, int value) -> int { return builder(ctx).add(Json(value != 0)); },
    [](void *ctx, long long value) -> int { return builder(ctx).add(Json(std::int64_t{value})); },
    [](void *ctx, double value) -> int { return builder(ctx).add(Json(value)); },
    nullptr,
    [](void *ctx, const unsigned char *text, std::size_t length) -> int {
        return builder(ctx).add_text(to_string(text, length));
    },
    [](void *ctx) -> int { return builder(ctx).open(true); },
    [](void *ctx, const unsigned char *text, std::size_t length) -> int {
        return builder(ctx).key(to_string(text, length));
    },
    [](void *ctx) -> int { return builder(ctx).close(); },
    [](void *ctx) -> int { return builder(ctx).open(false); },
    [](void *ctx) -> int { return builder(ctx).close(); },
};

struct YajlFree {
    void operator()(yajl_handle handle) const { yajl_free(handle); }
    void operator()(yajl_gen gen) const { yajl_gen_free(gen); }
};

const unsigned char *bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

void generate(yajl_gen gen, const Json &json);

struct Generate {
    yajl_gen gen;

    void operator()(std::nullptr_t) const { yajl_gen_null(gen); }
    void operator()(bool value) const { yajl_gen_bool(gen, value ? 1 : 0); }
    void operator()(std::int64_t value) const { yajl_gen_integer(gen, value); }
    void operator()(double value) const { yajl_gen_double(gen, value); }
    void operator()(const std::string &value) const {
        yajl_gen_string(gen, bytes(value), value.size());
    }
    void operator()(const Json::Array &array) const {
        yajl_gen_array_open(gen);
        for (const Json &element : array)
            generate(gen, element);
        yajl_gen_array_close(gen);
    }
    void operator()(const Json::Object &object) const {
        yajl_gen_map_open(gen);
        for (const auto &[key, member] : object) {
            yajl_gen_string(gen, bytes(key), key.size());
            generate(gen, member);
        }
        yajl_gen_map_close(gen);
    }
};

void generate(yajl_gen gen, const Json &json) {
    std::visit(Generate{gen}, json.value());
}

} // namespace

const Json *Json::find(std::string_view key) const {
    const Object *object = as_object();
    if (object == nullptr)
        return nullptr;
    auto member = object->find(key);
    return member == object->end() ? nullptr : &member->second;
}

const std::string *Json::find_string(std::string_view key) const {
    const Json *member = find(key);
    return member == nullptr ? nullptr : member->as_string();
}

std::string Json::to_text() const {
    std::unique_ptr<yajl_gen_t, YajlFree> gen(yajl_gen_alloc(nullptr));
    generate(gen.get(), *this);
    const unsigned char *text = nullptr;
    std::size_t length = 0;
    yajl_gen_get_buf(gen.get(), &text, &length);
    return to_string(text, length);
}

namespace {

Status check_size(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes)
        return {};
    return fail(ErrorCode::Invalid,
                fmt::format("JSON of {} bytes; at most {} are read", text.size(), max_bytes));
}

using YajlParser = std::unique_ptr<yajl_handle_t, YajlFree>;

bool is_one_value(const YajlParser &parser, std::string_view text) {
    return yajl_parse(parser.get(), bytes(text), text.size()) == yajl_status_ok &&
           yajl_complete_parse(parser.get()) == yajl_status_ok;
}

tl::unexpected<Error> malformed(const YajlParser &parser) {
    return fail(ErrorCode::Invalid,
                fmt::format("malformed JSON near byte {}", yajl_get_bytes_consumed(parser.get())));
}

} // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    XLSNAP_TRY(check_size(text, limits.max_bytes));
    Builder result(limits.max_depth);
    const YajlParser parser(yajl_alloc(&kCallbacks, nullptr, &result));
    if (is_one_value(parser, text))
        return result.take_root();
    if (!result.reason().empty())
        return fail(ErrorCode::Invalid, "JSON refused: " + result.reason());
    return malformed(parser);
}

Status check_json(std::string_view text, std::size_t max_bytes) {
    XLSNAP_TRY(check_size(text, max_bytes));
    const YajlParser parser(yajl_alloc(nullptr, nullptr, nullptr));
    if (is_one_value(parser, text))
        return {};
    return malformed(parser);
}

} // namespace xlsnap
