// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xlsnap::test {

// A stretch of a disk, in units.
struct UnitRange {
    std::size_t first = 0;
    std::size_t count = 0;
};

// What a disk holds: units of 4 KiB, each filled with one byte.
class DiskContent {
  public:
    static constexpr std::uint64_t kUnitBytes = 4096;

    explicit DiskContent(std::size_t units) : units_(units, 0) {}

    [[nodiscard]] std::size_t units() const { return units_.size(); }
    [[nodiscard]] std::uint64_t bytes() const { return units_.size() * kUnitBytes; }

    void fill(UnitRange range, std::uint8_t byte);
    // What is new holds zeros.
    void resize(std::size_t units) { units_.resize(units, 0); }

    // A discard promises nothing of what it names: each unit holds what it did or zeros. Takes over
    // which of the two the file of raw bytes shows.
    void take_discard(UnitRange range, const std::string &raw_file);

    // Whose size the file has: qemu-img gives a tag's content that of the present one.
    enum class SizeOf { Disk, Other };

    // Empty when the file of raw bytes holds this, else where it does not.
    [[nodiscard]] std::string difference_from(const std::string &raw_file, SizeOf size) const;

    friend bool operator==(const DiskContent &, const DiskContent &) = default;

  private:
    std::vector<std::uint8_t> units_;
};

} // namespace xlsnap::test
