// SPDX-License-Identifier: LGPL-2.1-only
#include <utility>

#include <fmt/format.h>

#include "integration/model/random_steps.hpp"
#include "integration/model/step_limits.hpp"

namespace xlsnap::test {

void RandomSteps::add_kind(Effect effect, const std::string &name, std::function<bool()> possible,
                           std::function<void()> act) {
    kinds_.push_back({name, effect, std::move(possible), [act = std::move(act)] {
                          act();
                          return true;
                      }});
}

void RandomSteps::guest_goes_on() {
    for (const std::string vdev : {"xvda", "xvdb"})
        if (random_.one_in(2))
            domain_.guest_writes(vdev, choose_range(vdev, 1),
                                 static_cast<std::uint8_t>(1 + random_.below(255)));
}

void RandomSteps::discard() {
    const std::string vdev = choose_disk();
    const bool zeroes = random_.one_in(3);
    domain_.guest_discards(vdev, choose_range(vdev, zeroes ? 1 : kUnitsOfCluster), zeroes);
}

void RandomSteps::resize() {
    const std::string vdev = choose_disk();
    const std::size_t units = model().present.at(vdev).units();
    const std::size_t change = (1 + random_.below(4)) * kUnitsOfCluster;
    const bool shrinks = !model().running && random_.one_in(2) && domain_.can_shrink(vdev);
    if (shrinks && units >= change + kFewestUnits)
        domain_.resize(vdev, units - change);
    else if (units + change <= kMostUnits)
        domain_.resize(vdev, units + change);
}

void RandomSteps::add_guest_kinds() {
    const auto online = [this] { return model().running; };
    add_kind(Effect::None, "guest writes", online, [this] {
        guest_goes_on();
        guest_goes_on();
    });
    add_kind(Effect::None, "guest discards", online, [this] { discard(); });
    const auto always = [] { return true; };
    add_kind(Effect::None, "resize", always, [this] { resize(); });
}

void RandomSteps::start() {
    if (random_.one_in(2))
        domain_.start();
    else
        domain_.start_by_xlsnap();
}

void RandomSteps::add_run_states() {
    const auto may = [this](bool running) {
        return [this, running] { return model().running == running && taken_ >= rests_until_; };
    };
    add_kind(Effect::None, "power off", may(true), [this] { domain_.power_off(); });
    add_kind(Effect::None, "start", may(false), [this] { start(); });
}

bool RandomSteps::create(DiskWishKind one, DiskWishKind other) {
    const bool swapped = random_.one_in(2);
    CreateWish wish{.name = fmt::format("s{}", taken_),
                    .disks = {{"xvda", swapped ? other : one}, {"xvdb", swapped ? one : other}}};
    wish.disk_only = !model().running || !random_.one_in(3);
    wish.live = !wish.disk_only && one != DiskWishKind::Internal && random_.one_in(2);
    return domain_.create(wish, random_.one_in(8));
}

void RandomSteps::add_create(const std::string &name, DiskWishKind one, DiskWishKind other) {
    kinds_.push_back({name, Effect::More,
                      [this] { return model().snapshots().size() < kMostSnapshots; },
                      [this, one, other] { return create(one, other); }});
}

void RandomSteps::add_creates() {
    add_create("create internal", DiskWishKind::Internal, DiskWishKind::Internal);
    add_create("create internal of one disk", DiskWishKind::Internal, DiskWishKind::None);
    add_create("create external", DiskWishKind::External, DiskWishKind::External);
    add_create("create external of one disk", DiskWishKind::External, DiskWishKind::None);
    add_create("create mixed", DiskWishKind::Internal, DiskWishKind::External);
}

bool RandomSteps::revert(const std::string &name) {
    RevertWish wish;
    wish.keep_current = model().snapshots().size() < kMostSnapshots && random_.one_in(8);
    wish.start = !model().running && random_.one_in(8);
    return domain_.revert(name, wish, random_.one_in(8));
}

void RandomSteps::add_revert(const std::string &name, Relation relation) {
    const Candidates candidates = [this, relation] {
        std::vector<std::string> names;
        for (const auto &[candidate, snapshot] : model().snapshots())
            if (model().relation(candidate) == relation)
                names.push_back(candidate);
        return names;
    };
    const auto possible = [candidates] { return !candidates().empty(); };
    kinds_.push_back({name, Effect::None, possible,
                      [this, candidates] { return revert(random_.of(candidates())); }});
}

void RandomSteps::add_reverts() {
    add_revert("revert to itself", Relation::Self);
    add_revert("revert to an ancestor", Relation::Ancestor);
    add_revert("revert to a descendant", Relation::Descendant);
    add_revert("revert to a sibling", Relation::Sibling);
}

void RandomSteps::add_deletion(const std::string &name, const Fits &fits, bool children) {
    const Candidates candidates = [this, fits] {
        std::vector<std::string> names;
        for (const auto &[candidate, snapshot] : model().snapshots())
            if (fits({candidate == model().current(), snapshot.parent.empty(),
                      model().has_children(candidate)}))
                names.push_back(candidate);
        return names;
    };
    const auto possible = [this, candidates] {
        return (emptying_ || model().snapshots().size() >= kFewSnapshots) && !candidates().empty();
    };
    add_kind(Effect::Fewer, name, possible, [this, candidates, children] {
        domain_.remove(random_.of(candidates()), {.children = children}, random_.one_in(8));
    });
}

void RandomSteps::add_deletions() {
    using At = Place;
    add_deletion(
        "delete a leaf", [](At at) { return !at.children && !at.current; }, false);
    add_deletion(
        "delete in the middle", [](At at) { return at.children && !at.root && !at.current; },
        false);
    add_deletion(
        "delete a base", [](At at) { return at.children && at.root; }, false);
    add_deletion(
        "delete the current one", [](At at) { return at.current; }, false);
    add_deletion(
        "delete with children", [](At at) { return at.children; }, true);
}

} // namespace xlsnap::test
