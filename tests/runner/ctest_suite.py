#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the tests of one suite in a built directory and prints "ok", "not ok" or "ok ... # SKIP" for
each, with the whole output of those that failed, and of the others the lines that begin with "# ".
Usage: ctest_suite.py BUILD SUITE [PREFIX]

PREFIX goes in front of the names: the same tests run in more than one build."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def run_ctest(build, suite, report):
    command = ["ctest", "--test-dir", build, "--label-regex", f"^{suite}$", "--no-tests=error",
               "--parallel", str(os.cpu_count()), "--test-output-size-passed", "65536",
               "--test-output-size-failed", "1048576", "--output-junit", report]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def is_skipped(case):
    """Whether the test skipped itself or is disabled. One that ctest could not run (its program
    or its fixture is missing) is "notrun" as well, but has failed."""
    skipped = case.find("skipped")
    reason = "" if skipped is None else skipped.get("message", "")
    return case.get("status") == "disabled" or reason.startswith("SKIP_")


def result_lines(case, prefix):
    # GoogleTest appends the parameter's value, which may be an address.
    name = prefix + case.get("name").split("  # ")[0]
    output = (case.findtext("system-out") or "").splitlines()
    if case.get("status") == "run":
        return [f"ok {name}", *(line for line in output if line.startswith("# "))]
    if is_skipped(case):
        return [f"ok {name} # SKIP"]
    seconds = float(case.get("time") or 0)
    return [f"not ok {name}", *("    " + line for line in output),
            f"    (ended after {seconds:.1f} s)"]


def main(build, suite, prefix=""):
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "junit.xml"
        done = run_ctest(build, suite, str(report))
        cases = ElementTree.parse(report).getroot().findall("testcase") if report.exists() else []
    for case in cases:
        print("\n".join(result_lines(case, prefix)))
    if done.returncode and not cases:
        print(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
