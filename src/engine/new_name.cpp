// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/new_name.hpp"

#include <string_view>

#include <fmt/format.h>

#include "core/snapshot_name.hpp"

namespace xlsnap {

namespace {

Result<bool> is_taken(Catalog &catalog, const std::string &key, const std::string &name) {
    const Result<SnapshotRecord> found = catalog.find(key, name);
    if (found || found.error().code == ErrorCode::Invalid)
        return true;
    if (found.error().code == ErrorCode::NotFound)
        return false;
    return fail(found.error());
}

Result<std::string> choose_number(Catalog &catalog, const std::string &key, std::uint64_t first) {
    for (std::uint64_t number = first; number - first < kMostNumbersForName; ++number) {
        std::string name = std::to_string(number);
        XLSNAP_ASSIGN(const bool taken, is_taken(catalog, key, name));
        if (!taken)
            return name;
    }
    return fail(ErrorCode::Invalid, "snapshots have all seconds of a day for names; give this one "
                                    "a name");
}

} // namespace

Result<std::string> choose_new_name(Catalog &catalog, const std::string &key,
                                    const std::string &wish,
                                    const std::optional<SnapshotRecord> &current,
                                    std::uint64_t now) {
    if (wish.empty())
        return choose_number(
            catalog, key,
            first_number_for_name(now, current ? std::string_view(current->name) : ""));
    XLSNAP_TRY(check_snapshot_name(wish));
    XLSNAP_ASSIGN(const bool taken, is_taken(catalog, key, wish));
    if (taken)
        return fail(ErrorCode::Invalid,
                    fmt::format("there is a snapshot '{}' already; choose another name", wish));
    return wish;
}

} // namespace xlsnap
