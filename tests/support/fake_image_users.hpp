// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <set>

#include "ports/image_users.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// An open-image guard over a table that the test fills. Every path is an existing image that nobody
// has open until the table says something else. It never waits. Methods for fail_next(): "of",
// "wait_until_unused", "wait_until_unwritten".
class FakeImageUsers final : public ImageUsers, public FakeCalls {
  public:
    std::map<std::string, std::vector<ImageUser>> users; // by path
    std::set<std::string> missing;                       // paths where no file is
    std::set<int> leaving; // pids that close everything as soon as somebody waits for it

    Result<std::vector<ImageUser>> of(const std::string &path) override;
    Status wait_until_unused(const std::vector<std::string> &paths,
                             std::chrono::milliseconds deadline) override;
    Status wait_until_unwritten(const std::vector<std::string> &paths,
                                std::chrono::milliseconds deadline) override;

  private:
    Status find_none(const std::vector<std::string> &paths, bool readers_too);
    Result<std::vector<ImageUser>> look_up(const std::string &path) const;
};

} // namespace xlsnap::test
