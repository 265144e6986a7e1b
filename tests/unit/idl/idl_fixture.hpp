// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "fake_xen.h"

namespace xlsnap::test {

// A libxl context, and the generated functions in C++ dress.
class IdlTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(ctx(), nullptr); }

    [[nodiscard]] libxl_ctx *ctx() const { return ctx_.get(); }

    // The text that a _to_json function returned, "(null)" for NULL.
    static std::string take(char *text) {
        const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
        return text ? text : "(null)";
    }

  private:
    struct FreeContext {
        void operator()(libxl_ctx *ctx) const { libxl_ctx_free(ctx); }
    };
    std::unique_ptr<libxl_ctx, FreeContext> ctx_{context_without_xen()};
};

// A value of a generated type, from its _init to its _dispose.
template <typename T, void (*Init)(T *), void (*Dispose)(T *)> class Value {
  public:
    Value() { Init(&value_); }
    ~Value() { Dispose(&value_); }
    Value(const Value &) = delete;
    Value(Value &&) = delete;
    Value &operator=(const Value &) = delete;
    Value &operator=(Value &&) = delete;

    T *get() { return &value_; }
    T *operator->() { return &value_; }

  private:
    T value_;
};

} // namespace xlsnap::test
