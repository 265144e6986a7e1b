#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Checks every rule on the checkout and prints "ok RULE" or "not ok RULE" for each, the problems
indented below. Usage: lint.py BUILD, a built directory (for clang-tidy)."""

import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import clang_tools
import commit_subjects
import include_edges
import manual_pages
import private_interfaces
import text_rules
from source_tree import SourceTree

sys.path.append(str(Path(__file__).resolve().parents[1] / "mutants"))
import faults


def careless_shell(tree):
    # SC2317: shellcheck 0.9 takes a function for unreachable when it is called by a name that is
    # an argument, or when the script ends in exit.
    command = ["shellcheck", "--external-sources", "--exclude=SC2317", "--format=gcc"]
    done = subprocess.run([*command, *tree.shell_scripts()], cwd=tree.root, capture_output=True,
                          text=True)
    yield from (done.stdout + done.stderr).splitlines()


RULES = [
    ("every source names its licence", text_rules.missing_licence),
    ("no tabs, no spaces at the end of a line", text_rules.untidy_whitespace),
    (f"no source of the library over {text_rules.LONGEST_SOURCE} lines", text_rules.too_long),
    ("no path of somebody's machine", text_rules.machine_paths),
    ("every Python file compiles", text_rules.broken_python),
    ("every include follows the architecture", include_edges.problems),
    ("only adapters know what Xen keeps private", private_interfaces.problems),
    ("the manual pages say what there is", manual_pages.problems),
    ("every fault of tests/mutants has its place in the sources", faults.problems),
    ("every commit subject names its component", commit_subjects.problems),
    ("C and C++ are formatted by clang-format", clang_tools.unformatted),
    ("shellcheck finds nothing", careless_shell),
]


def report(name, found):
    found = list(found)
    print("not ok" if found else "ok", name)
    for problem in found:
        print("   ", problem)
    sys.stdout.flush()
    return not found


def main(build):
    tree = SourceTree(Path(__file__).resolve().parents[2])
    clean = [report(name, problems(tree)) for name, problems in RULES]
    clean.append(report("clang-tidy finds nothing in src/", clang_tools.untidy(tree, build)))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve()))
