#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the cases tests/xen/*.sh and the guests' own test on the emulated Xen host, and the host's own
test, host_test or for trixie chroot_test, on this machine.

A case prints a line "ok NAME" or "not ok NAME" for each thing that it checks. In its first comment
it may say what it needs:

    # xenbox: --disk --timeout 600                     options of xenbox run
    # files: build/release/tests/contract/some_test    files to copy in; built first if need be
    # hosts: bookworm trixie                           hosts that it runs on; bookworm if it says nothing
    # when: long                                       it runs with --long only, or when it is named

Cases with equal options, the timeout aside, run one after another in one boot of the host, since a
boot costs more than most cases. A case that takes longer than its timeout is ended, and the next one
begins. Logs are kept in build/results/xen/. Usage: xen_suite.py [--host trixie] [--long] [--after PID]
[CASE...]; with --after it begins when that process has ended.

On trixie what a case names in build/release is built in Debian 13 in build/trixie, logs are kept in
build/results/trixie/xen/, and a case that is named need not say that it runs there."""

import argparse
import contextlib
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = "build/release"
XENBOX = ROOT / "tests" / "xenbox" / "xenbox"
HOST_TEST = ROOT / "tests" / "xenbox" / "host_test.sh"
CHROOT_TEST = ROOT / "tests" / "xenbox" / "chroot_test.sh"
GUEST_TEST = ROOT / "tests" / "xenbox" / "guest_test.sh"

# From when dom0's kernel is up until xl works.
START_SECONDS = 60
CASE_SECONDS = 180
RESULT = re.compile(r"(not ok|ok) +(.+)")
END_OF_CASE = "end of case"

# Runs one case in dom0: ends it in time, with all processes of its group, of which xlsnap ignores
# SIGTERM; leaves no guest and none of the large files, which lie in dom0's memory, to the next one; and
# marks in the output where it ends. `timeout` leads a group of its own.
IN_DOM0 = """#!/bin/sh
timeout --kill-after=10 {seconds} /xenbox/files/{script} &
group=$!
wait "$group"
status=$?
case $status in
124 | 137)
    kill -KILL "-$group" 2>/dev/null
    echo "not ok ends within {seconds} s"
    ;;
esac
for left in $(xl list | awk 'NR > 2 {{ print $1 }}'); do xl destroy "$left"; done
chattr -R -f -i .
find . -xdev -type f -size +1M -delete
echo "{mark}"
exit $status
"""


class Host:
    """Where the cases run and where things of it lie."""

    def __init__(self, name):
        self.name = name
        self.is_other = name != "bookworm"
        self.options = ["--host", name] if self.is_other else []
        self.preset = name if self.is_other else "release"
        self.own_test = CHROOT_TEST if self.is_other else HOST_TEST
        self.logs = ROOT / "build" / "results" / (name if self.is_other else "") / "xen"

    def build_command(self, targets):
        enter = [str(XENBOX), "chroot", *self.options] if self.is_other else []
        return [*enter, "tests/runner/build", self.preset, *targets]

    def place(self, name):
        """Where a file lies that a case names for the first host."""
        if name.startswith(BUILD + "/"):
            return f"build/{self.preset}/{name.removeprefix(BUILD + '/')}"
        return name


class Case:
    def __init__(self, path):
        self.name = path.stem
        self.path = path
        self.options, self.files, self.seconds = [], [], CASE_SECONDS
        self.hosts, self.is_long = ["bookworm"], False
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                break
            key, _, value = line[1:].strip().partition(": ")
            if key == "xenbox":
                self.take_options(shlex.split(value))
            elif key == "files":
                self.files += shlex.split(value)
            elif key == "hosts":
                self.hosts = value.split()
            elif key == "when":
                self.is_long = value == "long"

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


def put_first(process):
    """Lets the process's session have a CPU whenever it can use one. Where Linux shares out CPUs by
    session (sched_autogroup_enabled), the nice values of processes count within theirs only."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/autogroup").write_text("-20", encoding="ascii")


def run(command, log):
    """Runs the command with its output in the file, which can be followed meanwhile. It ends with this
    program, and all that it started. Nothing else on the machine takes the CPU from it: it is what all
    else waits for."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as output, subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True) as process:
        put_first(process)
        try:
            process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    return process.returncode, log.read_text(encoding="utf-8", errors="replace")


def boot_command(host, cases, scripts, logs):
    """The cases are files in dom0; what runs there are scripts of the same names, which are written
    to the folder `scripts`."""
    seconds = START_SECONDS + sum(case.seconds for case in cases)
    command = [str(XENBOX), "run", *host.options, "--build", f"build/{host.preset}",
               "--out", str(logs), "--timeout", str(seconds), *cases[0].options]
    paths = [str(case.path) for case in cases]
    for name in dict.fromkeys(paths + [name for case in cases for name in case.files]):
        command += ["--file", host.place(name)]
    for case in cases:
        script = Path(scripts) / case.path.name
        script.write_text(IN_DOM0.format(seconds=case.seconds, script=case.path.name,
                                         mark=END_OF_CASE), encoding="utf-8")
        command.append(str(script))
    return command


def status_of(case, console):
    """The status that the host's log names; None when the case did not end."""
    ended = re.search(rf"(?<!\S){re.escape(case.path.name)} ended with status (\d+)", console)
    return int(ended.group(1)) if ended else None


def run_boot(host, cases):
    logs = host.logs / cases[0].name
    with tempfile.TemporaryDirectory() as scripts:
        status, output = run(boot_command(host, cases, scripts, logs),
                             host.logs / f"{cases[0].name}.log")
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


def wait_for_end(pid):
    """Of a process that may have ended already."""
    with contextlib.suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        select.select([process], [], [])
        os.close(process)


def main(host, is_long, names):
    paths = [GUEST_TEST, *sorted((ROOT / "tests" / "xen").glob("*.sh"))]
    unknown = set(names) - {host.own_test.stem} - {path.stem for path in paths}
    if unknown:
        print(f"not ok xen: there is no case {' '.join(sorted(unknown))}")
        return 1
    cases = [Case(path) for path in paths if not names or path.stem in names]
    if not names:
        cases = [case for case in cases if host.name in case.hosts and case.is_long == is_long]
    targets = sorted({target for case in cases for target in case.targets()})
    status, output = run(host.build_command(["libxlsnap", "xlsnap", *targets]),
                         host.logs / "build.log")
    if status != 0:
        print(f"not ok xen: the {host.preset} build is broken")
        print("".join(f"    {line}\n" for line in output.splitlines()))
        return 1
    clean = True
    if host.own_test.stem in names or not (names or is_long):
        status, output = run([str(host.own_test)], host.logs / f"{host.own_test.stem}.log")
        clean &= report(host.own_test.stem, output, status)
    for boot in boots(cases):
        clean &= run_boot(host, boot)
    return 0 if clean else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--host", choices=["bookworm", "trixie"], default="bookworm")
    arguments.add_argument("--long", action="store_true")
    arguments.add_argument("--after", type=int, metavar="PID")
    arguments.add_argument("case", nargs="*")
    chosen = arguments.parse_args()
    if chosen.after:
        wait_for_end(chosen.after)
    sys.exit(main(Host(chosen.host), chosen.long, chosen.case))
