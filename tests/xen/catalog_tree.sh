#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only
# xenbox: --timeout 420
# files: tests/xen/shared/snapshot_cycle.sh tests/xen/shared/catalog.sh docs/walk-through.md
#
# What an administrator does in a day: a tree of snapshots, reverts across its branches, and back to an
# empty catalog. docs/walk-through.md shows what the terminal said.
# shellcheck source=tests/xenbox/lib.sh
source /xenbox/lib.sh
# shellcheck source=tests/xen/shared/snapshot_cycle.sh
source /xenbox/files/snapshot_cycle.sh
# shellcheck source=tests/xen/shared/catalog.sh
source /xenbox/files/catalog.sh

first_snapshot() {
    say_it xlsnap create pv
    unnamed=$(xlsnap list --names pv)
    remember "$unnamed"
    say_it xlsnap list pv
    assert_eq "$unnamed" "$(xlsnap current --json pv | name_in_json)" "current snapshot"
}

# unnamed - installed - configured - broken
#                     \ other - tried
grow_two_branches() {
    take installed --description 'after installation'
    take configured
    take broken
    say_it xlsnap revert --paused pv installed
    assert_at installed
    take other --description 'another way'
    take tried
    say_it xlsnap tree pv
    assert_eq "$(printf '%s\n' broken configured installed other tried "$unnamed" | sort)" \
        "$(xlsnap list --names pv | sort)" "names of the snapshots"
}

revert_across_branches() {
    say_it xlsnap revert --paused pv configured
    assert_at configured
    say_it xlsnap revert --paused pv tried
    assert_at tried
    say_it xlsnap revert --paused pv "$unnamed"
    assert_at "$unnamed"
    say_it xlsnap revert --paused pv broken
    assert_at broken
}

rename_one() {
    local before
    before=$(data_digests)
    say_it xlsnap rename pv other 'second try'
    assert_eq "$before" "$(data_digests)" "memory images and tags after a rename"
    low['second try']=${low[other]} high['second try']=${high[other]} tag['second try']=${tag[other]}
    boot['second try']=${boot[other]}
    unset 'tag[other]'
    say_it xlsnap revert --paused pv 'second try'
    assert_at 'second try'
}

delete_in_the_middle() {
    say_it xlsnap delete pv configured
    unset 'tag[configured]'
    assert_tags_are_remembered
    say_it xlsnap tree pv
    say_it xlsnap revert --paused pv broken
    assert_at broken
}

delete_with_children() {
    say_it xlsnap delete --dry-run --children pv 'second try'
    assert_tags_are_remembered
    say_it xlsnap delete --children pv 'second try'
    unset 'tag[second try]' 'tag[tried]'
    assert_tags_are_remembered
    say_it xlsnap revert --paused pv installed
    assert_at installed
}

prune_the_rest() {
    say_it xlsnap protect pv "$unnamed"
    say_it xlsnap revert --paused pv broken
    assert_at broken
    say_it xlsnap prune --keep 1 pv
    unset 'tag[installed]'
    assert_tags_are_remembered
    say_it xlsnap list -l pv
    assert_fails xlsnap delete pv "$unnamed"
    say_it xlsnap delete --force pv "$unnamed"
    say_it xlsnap delete pv broken
    tag=()
    assert_tags_are_remembered
}

guest_start pv pv
guest_wait pv
empty=$(traces pv)
check "create without an option" with_memory first_snapshot
check "six snapshots in two branches" with_memory grow_two_branches
check "reverts across the branches" with_memory revert_across_branches
check "a rename touches no image" with_memory rename_one
check "a snapshot in the middle goes, its child stays" with_memory delete_in_the_middle
check "a snapshot goes with its children" with_memory delete_with_children
check "prune, protect, and an empty catalog" with_memory prune_the_rest
check "nothing is left" nothing_is_left "$empty"
check "docs/walk-through.md shows what the terminal said" told_as_documented /xenbox/files/walk-through.md
guest_destroy pv
exit "$checks_failed"
