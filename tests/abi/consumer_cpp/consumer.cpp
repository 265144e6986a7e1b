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
static_assert(!std::is_copy_constructible_v<xlsnap::DomainSnapshot>);
static_assert(std::is_nothrow_move_constructible_v<xlsnap::DomainSnapshot>);
static_assert(std::is_nothrow_move_assignable_v<xlsnap::DomainSnapshotList>);

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

void makes_external_disks() {
    xlsnap::SnapshotArgs args;
    args.external("xvda", "before").external("xvdb", "before", "/overlays/b.qcow2");
    args.external_image("/images/c.raw", LIBXL_DISK_FORMAT_RAW, "before").disk("xvdd", "before");
    const libxl_disk_snapshot *disks = args.get()->disks;
    check(disks[0].external && disks[0].external_path == nullptr, "the first overlay is made up");
    check(std::string_view(disks[1].external_path) == "/overlays/b.qcow2", "the second is given");
    check(disks[2].external && disks[2].disk.format == LIBXL_DISK_FORMAT_RAW, "the third is raw");
    check(std::string_view(disks[2].disk.pdev_path) == "/images/c.raw", "it is known by its path");
    check(!disks[3].external, "the last is internal");
}

void owns_a_snapshot_that_is_to_be_created() {
    xlsnap::DomainSnapshot snapshot;
    xlsnap::set_text(snapshot->name, "before");
    xlsnap::set_text(snapshot->name, "after");
    xlsnap::add_disk(snapshot, "xvda", LIBXL_DISK_SNAPSHOT_KIND_INTERNAL);
    xlsnap::add_disk(snapshot, "xvdb", LIBXL_DISK_SNAPSHOT_KIND_NONE);

    xlsnap::DomainSnapshot moved;
    moved = std::move(snapshot);
    check(std::string_view(moved->name) == "after", "the snapshot has the second name");
    check(moved->num_disks == 2 && std::string_view(moved->disks[1].vdev) == "xvdb",
          "the second of two disks is xvdb");
    check(moved->disks[1].kind == LIBXL_DISK_SNAPSHOT_KIND_NONE, "it is left out");
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
    makes_external_disks();
    owns_a_snapshot_that_is_to_be_created();
    throws_what_the_library_says();
    return 0;
}
