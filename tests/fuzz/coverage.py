#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Checks that the replay of a corpus goes through nearly all lines of each source of a reader, and
prints the lines that are left. Usage: coverage.py BUILD REPLAY CORPUS SOURCE...

BUILD is a build with coverage. What it has counted so far is not touched, and does not count."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_PERCENT = 95


def counted_lines(build, counts, sources):
    """By source the lines that can be run, each with how often it was."""
    filters = [word for source in sources for word in ("--filter", re.escape(source))]
    command = ["gcovr", "--root", str(ROOT), "--json", "-", *filters, "--object-directory", build,
               counts]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True, check=True)
    files = {str(ROOT / file["file"]): file["lines"] for file in json.loads(done.stdout)["files"]}
    return {source: {line["line_number"]: line["count"] for line in files.get(source, [])
                     if not line["gcovr/noncode"]} for source in sources}


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
        lines = counted_lines(build, counts, sources)
    found = [problem(source, lines[source]) for source in sources]
    return 1 if any(found) else 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
