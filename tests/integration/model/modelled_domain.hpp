// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "integration/model/domain_model.hpp"
#include "integration/model/host_check.hpp"
#include "integration/model/model_host.hpp"
#include "integration/model/step_counts.hpp"

namespace xlsnap::test {

// The host is not what the model says, or an operation failed that must not.
class StepFailed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// A domain on a host and the model of it: what is done is done to both, and then they are compared.
// Each operation throws StepFailed when something is wrong.
class ModelledDomain {
  public:
    ModelledDomain(std::size_t units, DiskFormat of_xvdb);

    [[nodiscard]] const DomainModel &model() const { return model_; }
    [[nodiscard]] StepCounts &counts() { return counts_; }
    [[nodiscard]] const StepCounts &counts() const { return counts_; }
    // What was done and answered, oldest first.
    [[nodiscard]] const std::vector<std::string> &story() const { return story_; }

    void start();
    // The domain is started by xlsnap, from the state that it was in last.
    void start_by_xlsnap();
    void power_off();

    // Of a domain that runs; each unit gets the byte.
    void guest_writes(const std::string &vdev, UnitRange range, std::uint8_t byte);
    // The guest gives back these units; with `zeroes` it must read zeros there afterwards.
    void guest_discards(const std::string &vdev, UnitRange range, bool zeroes);
    void resize(const std::string &vdev, std::size_t units);

    // Nothing keeps the image from being made smaller; only of a domain that does not run.
    [[nodiscard]] bool can_shrink(const std::string &vdev);

    // With `rehearsed` a dry run comes first, which must say whether it is refused and change
    // nothing. A revert that is refused because it must be forced must change nothing either, and
    // is then forced; false when it is refused since an image has become too small to tell what a
    // tag holds. A create is refused, and does nothing, when a raw disk shall hold a tag:
    // false.
    bool create(const CreateWish &wish, bool rehearsed);
    bool revert(const std::string &name, const RevertWish &wish, bool rehearsed);
    void remove(const std::string &name, const DeletionWish &wish, bool rehearsed);

    void compare();
    void compare_closely();

  private:
    void tell(std::string line) { story_.push_back(std::move(line)); }
    template <typename Act> Status attempt(bool rehearsed, Act act);
    Status attempt_revert(const std::string &name, const RevertWish &wish, bool rehearsed);
    void resize_closed_image(const std::string &vdev, std::uint64_t bytes);
    void adopt_new_snapshots();

    ModelHost host_;
    DomainModel model_;
    HostCheck check_{host_};
    StepCounts counts_;
    std::vector<std::string> story_;
};

} // namespace xlsnap::test
