// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qcow2_usage.hpp"

#include <optional>
#include <utility>

#include "adapters/qemu/qcow2_header.hpp"
#include "adapters/qemu/qcow2_tag_walk.hpp"
#include "adapters/qemu/qcow2_tags.hpp"

namespace xlsnap {

namespace {

using Usages = std::vector<Result<StorageUsage>>;

// Whatever was measured before, each tag has what it would have alone: what fails on the way from
// the last one is tried anew.
class TagMeter {
  public:
    TagMeter(const Qcow2File &file, const Qcow2Header &header) : file_(file), header_(header) {}

    Result<StorageUsage> measure(const Qcow2Tag &tag) {
        if (walk_ && walk_->move_to(tag))
            return walk_->usage();
        walk_.emplace(file_, header_);
        Status moved = walk_->move_to(tag);
        if (moved)
            return walk_->usage();
        walk_.reset();
        return fail(std::move(moved.error()));
    }

  private:
    const Qcow2File &file_;
    const Qcow2Header &header_;
    std::optional<Qcow2TagWalk> walk_;
};

Result<Usages> usages_in(const Qcow2File &file, const std::vector<std::string> &names,
                         const std::string &path) {
    XLSNAP_ASSIGN(const Qcow2Header header, read_qcow2_header(file).with_context(path));
    XLSNAP_ASSIGN(const std::vector<Qcow2Tag> tags,
                  read_qcow2_tags(file, header).with_context(path));
    TagMeter meter(file, header);
    Usages usages;
    for (const std::string &name : names) {
        const Result<Qcow2Tag> tag = find_qcow2_tag(tags, name);
        Result<StorageUsage> usage =
            tag ? meter.measure(*tag) : Result<StorageUsage>(fail(tag.error()));
        usages.push_back(std::move(usage).with_context(path));
    }
    return usages;
}

} // namespace

std::vector<Result<StorageUsage>> qcow2_usage(const std::string &path,
                                              const std::vector<std::string> &tags) {
    const Result<Qcow2File> file = Qcow2File::open(path);
    const Result<Usages> usages =
        file ? usages_in(*file, tags, path) : Result<Usages>(fail(file.error()));
    return usages ? *usages : Usages(tags.size(), fail(usages.error()));
}

} // namespace xlsnap
