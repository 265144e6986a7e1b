#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Checks that the replay of a corpus goes through nearly all lines of each source of a reader, and
prints the lines that are left. Usage: coverage.py BUILD REPLAY CORPUS SOURCE...

BUILD is a build with coverage. What it has counted so far is not touched, and does not count."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LEAST_PERCENT = 95


def counted_lines(build, counts, source):
    """The lines of a source that can be run, each with how often it was."""
    command = ["gcovr", "--root", "/", "--filter", str(source), "--json", "-", "--object-directory",
               str(build), str(counts)]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True, check=True)
    files = json.loads(done.stdout)["files"]
    return {line["line_number"]: line["count"] for file in files for line in file["lines"]
            if not line["gcovr/noncode"]}


def problem(source, lines):
    missed = sorted(number for number, count in lines.items() if count == 0)
    percent = 100 * (1 - len(missed) / len(lines)) if lines else 0
    print(f"{source}: {percent:.1f} % of {len(lines)} lines; not line {missed}")
    return percent < LEAST_PERCENT


def main(build, replay, corpus, *sources):
    with tempfile.TemporaryDirectory() as counts:
        # gcov writes the counts there, below the whole path, and looks for its notes beside them.
        subprocess.run([replay, corpus], env={**os.environ, "GCOV_PREFIX": counts}, check=True,
                       stdout=subprocess.DEVNULL)
        for note in Path(build, "src").rglob("*.gcno"):
            link = Path(counts, note.relative_to("/"))
            if link.with_suffix(".gcda").exists():
                link.symlink_to(note)
        found = [problem(source, counted_lines(build, counts, source)) for source in sources]
    return 1 if any(found) else 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
