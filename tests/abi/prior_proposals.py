#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""The section PRIOR PROPOSALS of the manual page of the C API says what became of each function of
designs that came before. Whatever it names as ours is there: a function in the header, a command in
--help. And no function of the header is missing from it: those that no design had are among the
additions. Usage: prior_proposals.py STAGE PROGRAM POD"""

import re
import subprocess
import sys
from pathlib import Path

FUNCTION = re.compile(r"\b(libxl_\w+)\(\)")
COMMAND = re.compile(r"C<xlsnap ([\w-]+)>")
DECLARATION = re.compile(r"(?m)^[a-z][^;{}#/]*?\b(libxl_\w*snapshot\w*)\(")
# What a proposal calls its own stands in the item, what became of it below.
ITEM = re.compile(r"(?ms)^=item .*?(?=\n\n)")
# The life cycle of the types, which the table may name too.
TYPES_HEADER = "libxl_snapshot_types.h"


def section(pod, name):
    return re.search(rf"(?ms)^=head1 {name}$(.*?)(?=^=head1 )", pod).group(1)


def declared(header):
    return set(DECLARATION.findall(header.read_text(encoding="utf-8")))


def commands(program):
    done = subprocess.run([program, "--help"], check=True, capture_output=True, text=True)
    return set(re.findall(r"(?m)^  ([a-z][\w-]*) ", done.stdout.split("Commands:")[1]))


def problems(stage, program, pod):
    text = section(Path(pod).read_text(encoding="utf-8"), "PRIOR PROPOSALS")
    ours = ITEM.sub("", text)
    include = Path(stage) / "include"
    header = declared(include / "libxl_snapshot.h") | declared(include / "libxl_snapshot_catalog.h")
    named = set(FUNCTION.findall(ours))
    for name in sorted(named - header - declared(include / TYPES_HEADER)):
        yield f"{pod}: {name}() is in no header"
    for name in sorted(header - named):
        yield f"{pod}: {name}() is neither what became of a proposal nor an addition"
    for name in sorted(set(COMMAND.findall(ours)) - commands(program)):
        yield f"{pod}: --help shows no command {name}"
    if not header or not COMMAND.search(ours):
        yield f"{pod}: nothing to compare: the header or the page has another form than this expects"


def main(stage, program, pod):
    found = list(problems(stage, program, pod))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
