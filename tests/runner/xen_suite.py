#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the cases tests/xen/*.sh on the emulated Xen host, and the host's own test on this machine.

A case prints a line "ok NAME" or "not ok NAME" for each thing that it checks. In its first comment
it may say what it needs:

    # xenbox: --disk --timeout 600                     options of xenbox run
    # files: build/release/tests/contract/some_test    files to copy in; built first if need be

Cases with equal options, the timeout aside, run one after another in one boot of the host, since a
boot costs more than most cases. Logs are kept in build/results/xen/. Usage: xen_suite.py [CASE...]"""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "results" / "xen"
BUILD = "build/release"
XENBOX = ROOT / "tests" / "xenbox" / "xenbox"
HOST_TEST = ROOT / "tests" / "xenbox" / "host_test.sh"

BOOT_SECONDS = 120
CASE_SECONDS = 180
RESULT = re.compile(r"(not ok|ok) +(.+)")
END_OF_CASE = "end of case"


class Case:
    def __init__(self, path):
        self.name = path.stem
        self.path = path
        self.options, self.files, self.seconds = [], [], CASE_SECONDS
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                break
            key, _, value = line[1:].strip().partition(": ")
            if key == "xenbox":
                self.take_options(shlex.split(value))
            elif key == "files":
                self.files += shlex.split(value)

    def take_options(self, words):
        if "--timeout" in words:
            at = words.index("--timeout")
            self.seconds = int(words[at + 1])
            del words[at:at + 2]
        self.options += words

    def targets(self):
        return [name.removeprefix(BUILD + "/") for name in self.files
                if name.startswith(BUILD + "/")]


def report(name, output, status):
    """Prints the results among the output of a case; its status is one more when it says nothing
    or fails without a word. Returns whether all is well."""
    lines = output.splitlines()
    results = [match.groups() for match in map(RESULT.fullmatch, lines) if match]
    failures = [what for verdict, what in results if verdict == "not ok"]
    if not results or (status != 0 and not failures):
        failures.append(f"ends well (status {status}, {len(results)} checks before)")
    for verdict, what in results:
        if verdict == "ok":
            print(f"ok xen/{name}: {what}")
    for what in failures:
        print(f"not ok xen/{name}: {what}")
    if failures:
        print("".join(f"    {line}\n" for line in lines), end="")
    sys.stdout.flush()
    return not failures


def run(command, log):
    """Runs the command with its output in the file, which can be followed meanwhile."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as output:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT)
    return done.returncode, log.read_text(encoding="utf-8", errors="replace")


def boot_command(cases, marks, logs):
    """Between the cases run scripts that mark in the output where one ends."""
    seconds = BOOT_SECONDS + sum(case.seconds for case in cases)
    command = [str(XENBOX), "run", "--build", BUILD, "--out", str(logs), "--timeout", str(seconds),
               *cases[0].options]
    for name in dict.fromkeys(name for case in cases for name in case.files):
        command += ["--file", name]
    for case in cases:
        mark = Path(marks) / f"{case.name}.end"
        mark.write_text(f"#!/bin/sh\necho '{END_OF_CASE}'\n", encoding="utf-8")
        command += [str(case.path), str(mark)]
    return command


def status_of(case, console):
    """The status that the host's log names; None when the case did not end."""
    ended = re.search(rf"(?<!\S){re.escape(case.path.name)} ended with status (\d+)", console)
    return int(ended.group(1)) if ended else None


def run_boot(cases):
    logs = LOGS / cases[0].name
    with tempfile.TemporaryDirectory() as marks:
        status, output = run(boot_command(cases, marks, logs), LOGS / f"{cases[0].name}.log")
    console_log = logs / "console.log"
    console = console_log.read_text(errors="replace") if console_log.exists() else ""
    parts = output.split(END_OF_CASE + "\n")
    clean = True
    for number, case in enumerate(cases):
        part = parts[number] if number < len(parts) else ""
        own_status = status_of(case, console)
        if own_status is None:
            part += f"\nnot ok did not end; the host ended with status {status}\n"
        clean &= report(case.name, part, own_status)
    return clean


def boots(cases):
    """The cases by the boot that they share."""
    shared = {}
    for case in cases:
        shared.setdefault(tuple(case.options), []).append(case)
    return list(shared.values())


def main(names):
    cases = [Case(path) for path in sorted((ROOT / "tests" / "xen").glob("*.sh"))
             if not names or path.stem in names]
    if not cases:
        print(f"not ok xen: there is no case {' '.join(names)}")
        return 1
    targets = sorted({target for case in cases for target in case.targets()})
    status, output = run(["tests/runner/build", "release", "libxlsnap", "xlsnap", *targets],
                         LOGS / "build.log")
    if status != 0:
        print("not ok xen: the release build is broken")
        print("".join(f"    {line}\n" for line in output.splitlines()))
        return 1
    clean = True
    if not names:
        status, output = run([str(HOST_TEST)], LOGS / "host_test.log")
        clean &= report("host_test", output, status)
    for boot in boots(cases):
        clean &= run_boot(boot)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
