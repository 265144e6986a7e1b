// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "integration/model/modelled_domain.hpp"
#include "integration/model/random_choice.hpp"

namespace xlsnap::test {

// Whatever people do with a domain and its snapshots, at random.
class RandomSteps {
  public:
    // With an odd seed xvdb is a raw disk.
    explicit RandomSteps(std::uint64_t seed);

    // The next one, after which host and model are compared. Throws StepFailed.
    void take();

    [[nodiscard]] int taken() const { return taken_; }
    // How often the rarest kind of step was taken.
    [[nodiscard]] int of_rarest() const;
    [[nodiscard]] ModelledDomain &domain() { return domain_; }

  private:
    // How many snapshots there are afterwards.
    enum class Effect { None, More, Fewer };
    struct Kind {
        std::string name;
        Effect effect = Effect::None;
        std::function<bool()> possible;
        std::function<bool()> act; // false: it was refused, as it should
    };
    // Of a snapshot in the tree.
    struct Place {
        bool current = false;
        bool root = false;
        bool children = false;
    };
    using Fits = std::function<bool(Place)>;
    using Candidates = std::function<std::vector<std::string>()>;

    // What there is to do (kinds_of_steps.cpp).
    void add_kind(Effect effect, const std::string &name, std::function<bool()> possible,
                  std::function<void()> act);
    void add_guest_kinds();
    void add_run_states();
    void add_creates();
    void add_create(const std::string &name, DiskWishKind one, DiskWishKind other);
    void add_reverts();
    void add_revert(const std::string &name, Relation relation);
    void add_deletions();
    void add_deletion(const std::string &name, const Fits &fits, bool children);

    void guest_goes_on();
    void discard();
    void resize();
    void start();
    bool create(DiskWishKind one, DiskWishKind other);
    bool revert(const std::string &name);

    const Kind &choose();
    void plan_ahead(bool was_online);
    std::string choose_disk();
    UnitRange choose_range(const std::string &vdev, std::size_t aligned_to);
    [[nodiscard]] const DomainModel &model() const { return domain_.model(); }

    RandomChoice random_;
    ModelledDomain domain_;
    std::vector<Kind> kinds_;
    int taken_ = 0;
    int rests_until_ = 0;   // then the domain may be started or powered off
    bool emptying_ = false; // all snapshots are to go
};

} // namespace xlsnap::test
