// SPDX-License-Identifier: LGPL-2.1-only
// A C++ program of somebody else: it sees the installed headers and library only.
#include <xlsnap.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

static_assert(!std::is_copy_constructible_v<xlsnap::SnapshotArgs>);
static_assert(std::is_nothrow_move_constructible_v<xlsnap::SnapshotArgs>);

namespace {

void check(bool holds, const char *what) {
    if (!holds) {
        (void)std::fprintf(stderr, "not true: %s\n", what);
        std::exit(1);
    }
}

void owns_what_it_was_given() {
    xlsnap::SnapshotArgs args;
    args.memory("/var/lib/xen/save/guest").disk("xvda", "before").disk("xvdb", "before");

    xlsnap::SnapshotArgs moved = std::move(args);
    const libxl_domain_snapshot_args *seen = moved.get();
    check(seen->memory && seen->num_disks == 2, "the moved args have the memory and two disks");
    check(std::string_view(seen->disks[1].disk.vdev) == "xvdb", "the second disk is xvdb");
    check(std::string_view(seen->disks[1].name) == "before", "its snapshot has the name");
}

void throws_what_the_library_says() {
    xlsnap::SnapshotArgs args;
    args.disk("xvda", "before");
    try {
        xlsnap::create_snapshot(nullptr, 1, args);
        check(false, "a call without a context throws");
    } catch (const xlsnap::SnapshotError &error) {
        check(error.code() == ERROR_INVAL, "its code is ERROR_INVAL");
        check(!std::string_view(error.what()).empty(), "its text is not empty");
    }
}

} // namespace

int main() {
    owns_what_it_was_given();
    throws_what_the_library_says();
    return 0;
}
