// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_usage.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_file.hpp"

namespace xlsnap::fuzz {

namespace {

// Compressed data may reach beyond the end of the image, which may lie in the midst of a cluster.
constexpr std::uint64_t kMostBytesBeyondTheEnd = std::uint64_t{3} * (2U << 20U);

void check_usage(const Result<StorageUsage> &usage, std::size_t image_bytes) {
    if (!usage) {
        refused(usage.error().message, image_bytes);
        return;
    }
    expect(usage->freed <= usage->held, "nothing is freed that is not held");
    expect(usage->held <= image_bytes + kMostBytesBeyondTheEnd, "what is held is in the image");
}

bool are_equal(const Result<StorageUsage> &a, const Result<StorageUsage> &b) {
    if (!a || !b)
        return a.has_value() == b.has_value() && a.error().message == b.error().message;
    return a->held == b->held && a->freed == b->freed;
}

void read(std::string_view image) {
    const InputFile file(image);
    const auto usages = qcow2_usage(file.path(), {"t", "u", "t"});
    expect(usages.size() == 3, "there is a result for each tag");
    for (const auto &usage : usages)
        check_usage(usage, image.size());
    expect(are_equal(usages[0], usages[2]), "what was measured before does not count");
    expect(are_equal(usages[1], qcow2_usage(file.path(), {"u"}).at(0)),
           "a tag that is measured alone has the same");
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::read(xlsnap::fuzz::text_of(data, size));
    return 0;
}
