// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <set>

#include "ports/memory_store.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// Memory images in memory. The writer's fd is a real one (a memfd), so that whoever plays libxl can
// write to it. Methods for fail_next(): "check_new",
// "create", "publish", "discard", "open", "compress", "fingerprint", "held_bytes", "remove".
class FakeMemoryStore final : public MemoryStore, public FakeCalls {
  public:
    struct Image {
        MemoryImageInfo info;
        std::string stream; // what was written to the writer's fd
        bool whole = true;  // false: open() finds it damaged
        MemoryCompression compression = MemoryCompression::None;
    };

    std::map<std::string, Image> images;        // published ones, by path
    std::multiset<std::string> temporary_files; // final paths of the writers that still have one
    std::set<std::string> other_files;          // paths where something else than an image stands

    std::uint64_t free_space = 1U << 30U; // that check_new() sees

    Status check_new(const std::string &path, std::uint64_t size) override;
    Status check_new_directory(const std::string &path, std::uint64_t size) override {
        return check_new(path, size);
    }
    Result<std::unique_ptr<MemoryImageWriter>> create(const std::string &path,
                                                      const MemoryImageInfo &info) override;
    Result<MemoryImage> open(const std::string &path) override;
    Status compress(const std::string &path) override;
    Result<MemoryFingerprint> fingerprint(const std::string &path) override;
    Result<std::uint64_t> held_bytes(const std::string &path) override;
    Result<bool> remove(const std::string &path) override;

  private:
    class Writer;

    [[nodiscard]] Status check_free(const std::string &path) const;
};

} // namespace xlsnap::test
