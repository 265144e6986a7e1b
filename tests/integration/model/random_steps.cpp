// SPDX-License-Identifier: LGPL-2.1-only
#include "integration/model/random_steps.hpp"

#include <algorithm>

#include "integration/model/step_limits.hpp"

namespace xlsnap::test {

namespace {

DiskFormat format_of_xvdb(std::uint64_t seed) {
    return seed % 2 != 0 ? DiskFormat::Raw : DiskFormat::Qcow2;
}

} // namespace

RandomSteps::RandomSteps(std::uint64_t seed)
    : random_(seed), domain_(kUnitsAtFirst, format_of_xvdb(seed)) {
    add_guest_kinds();
    add_run_states();
    add_creates();
    add_reverts();
    add_deletions();
}

void RandomSteps::take() {
    const Kind &kind = choose();
    ++taken_;
    const bool online = model().running;
    if (online && random_.one_in(2))
        guest_goes_on();
    if (kind.act())
        domain_.counts().add(kind.name, online);
    domain_.compare();
    if (taken_ % kCloselyEach == 0)
        domain_.compare_closely();
    plan_ahead(online);
}

int RandomSteps::of_rarest() const {
    int rarest = taken_;
    for (const Kind &kind : kinds_)
        rarest = std::min(rarest, domain_.counts().of(kind.name));
    return rarest;
}

// The domain stays on or off for a while. Now and then all snapshots are deleted.
void RandomSteps::plan_ahead(bool was_online) {
    if (was_online != model().running)
        rests_until_ = taken_ + static_cast<int>(random_.below(kLongestRest));
    emptying_ = !model().snapshots().empty() && (emptying_ || random_.one_in(kEmptiedEach));
}

// Two times of three the rarest, so that each kind gets its turn. Trees grow, unless they are
// to go.
const RandomSteps::Kind &RandomSteps::choose() {
    const bool few = model().snapshots().size() < kFewSnapshots;
    const Effect wish = emptying_ ? Effect::Fewer : few ? Effect::More : Effect::None;
    std::vector<const Kind *> possible;
    std::vector<const Kind *> wished;
    for (const Kind &kind : kinds_) {
        if (!kind.possible())
            continue;
        possible.push_back(&kind);
        if (kind.effect == wish)
            wished.push_back(&kind);
    }
    if (wish != Effect::None && !wished.empty() && random_.one_in(2))
        return *random_.of(wished);
    if (random_.one_in(3))
        return *random_.of(possible);
    return **std::ranges::min_element(
        possible, {}, [this](const Kind *kind) { return domain_.counts().of(kind->name); });
}

std::string RandomSteps::choose_disk() {
    return random_.one_in(2) ? "xvda" : "xvdb";
}

UnitRange RandomSteps::choose_range(const std::string &vdev, std::size_t aligned_to) {
    const std::size_t units = model().present.at(vdev).units();
    UnitRange range;
    range.first = random_.below(units / aligned_to) * aligned_to;
    const std::size_t longest = std::min(units - range.first, kLongestWrite);
    range.count = (1 + random_.below(longest / aligned_to)) * aligned_to;
    return range;
}

} // namespace xlsnap::test
