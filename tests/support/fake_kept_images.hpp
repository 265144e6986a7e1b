// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <set>

#include "ports/kept_images.hpp"
#include "support/fake_calls.hpp"
#include "support/fake_images.hpp"

namespace xlsnap::test {

// Every path is a file until `missing` has it. Methods for fail_next(): "keep", "release",
// "is_kept".
class FakeKeptImages final : public KeptImages, public FakeCalls {
    FakeImages alone_;

  public:
    // Of images that no other fake knows, or of these.
    FakeKeptImages() : kept(alone_.immutable) {}
    explicit FakeKeptImages(FakeImages &images) : kept(images.immutable) {}

    std::set<std::string> &kept;       // paths of immutable files
    std::set<std::string> missing;     // paths where no file is
    std::set<std::string> unsupported; // paths of block devices, or without the flag

    Result<bool> keep(const std::string &path) override;
    Status release(const std::string &path) override;
    Result<bool> is_kept(const std::string &path) override;

  private:
    [[nodiscard]] Status look_at(const std::string &path) const;
};

} // namespace xlsnap::test
