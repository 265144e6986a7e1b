// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "ports/kept_images.hpp"

namespace xlsnap::test {

class KeptImagesHost {
  public:
    virtual ~KeptImagesHost() = default;

    virtual KeptImages &kept_images() = 0;
    virtual std::string add(const std::string &name) = 0;
    virtual std::string missing() = 0;
    // A file where none can be made immutable.
    virtual std::string unsupported() = 0;
    virtual std::string block_device() = 0;
    // Whether the file can be written to, and removed.
    virtual bool can_be_written(const std::string &path) = 0;
};

using KeptImagesHostFactory = std::function<std::unique_ptr<KeptImagesHost>()>;

// What ports/kept_images.hpp promises, tried through that interface alone.
class KeptImagesContract : public ::testing::TestWithParam<KeptImagesHostFactory> {
  protected:
    void SetUp() override {
        host_ = GetParam()();
        path_ = host_->add("image");
    }

    static void answers(const Result<bool> &result, bool expected) {
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(*result, expected);
    }
    template <typename T> static void fails(const Result<T> &result, ErrorCode code) {
        ASSERT_FALSE(result) << "it succeeded";
        EXPECT_EQ(result.error().code, code) << result.error().message;
    }
    void each_fails(const std::string &path, ErrorCode code) {
        fails(images().keep(path), code);
        fails(images().release(path), code);
        fails(images().is_kept(path), code);
    }

    KeptImages &images() { return host_->kept_images(); }

    std::unique_ptr<KeptImagesHost> host_;
    std::string path_;
};

TEST_P(KeptImagesContract, AKeptImageCannotBeWrittenUntilItIsReleased) {
    answers(images().is_kept(path_), false);
    answers(images().keep(path_), true);
    answers(images().is_kept(path_), true);
    EXPECT_FALSE(host_->can_be_written(path_));
    EXPECT_TRUE(images().release(path_));
    answers(images().is_kept(path_), false);
    EXPECT_TRUE(host_->can_be_written(path_));
}

TEST_P(KeptImagesContract, OnlyTheFirstMakesItImmutable) {
    answers(images().keep(path_), true);
    answers(images().keep(path_), false);
    EXPECT_TRUE(images().release(path_));
    EXPECT_TRUE(images().release(path_));
    EXPECT_TRUE(host_->can_be_written(path_));
}

TEST_P(KeptImagesContract, WhatCannotBeKeptIsTold) {
    each_fails(host_->missing(), ErrorCode::NotFound);
    each_fails(host_->unsupported(), ErrorCode::NotImplemented);
    each_fails(host_->block_device(), ErrorCode::NotImplemented);
}

} // namespace xlsnap::test
