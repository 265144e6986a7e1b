# SPDX-License-Identifier: LGPL-2.1-only
"""A copy of the checkout under build/, in which faults are planted, built and tested. It stays from
run to run, so that only what differs is compiled."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

PRESET = "dev"
# A program that takes that much longer than without a fault hangs.
SECONDS_MORE = 20
TIMES_LONGER = 5

# The open-image guard must be able to look at every process it sees (tests/integration).
OWN_PROCESSES = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


class BuildFailed(Exception):
    """The text is what the build said."""


class MutatedTree:
    def __init__(self, checkout, root):
        self.checkout = checkout
        self.root = Path(root)
        self.build_directory = self.root / "build" / PRESET
        self.seconds = {}  # of each program, without a fault
        # As tests/runner/build: what another checkout compiled is of use here.
        self.environment = {**os.environ, "CCACHE_BASEDIR": str(self.root), "CCACHE_NOHASHDIR": "1"}

    def copy(self):
        """Makes the copy equal to the checkout. What is equal keeps its time, for ninja's sake."""
        names = set(self.checkout.files())
        for name in names:
            source, target = self.checkout.root / name, self.root / name
            if not target.exists() or source.read_bytes() != target.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            if name.parts[0] != "build" and path.is_file() and str(name) not in names:
                path.unlink()

    def write(self, name, text):
        path = self.root / name
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")

    def configure_and_build(self, programs):
        self._run_build([str(self.root / "tests" / "runner" / "build"), PRESET, *programs])

    def build(self, programs):
        self._run_build(["cmake", "--build", str(self.build_directory), "--target", *programs])

    def _run_build(self, command):
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise BuildFailed(done.stdout)

    def measure(self, program):
        """Runs a program without a fault. Returns what it said when it failed, else None."""
        start = time.monotonic()
        failure = self.run(program, limit=600)
        self.seconds[program] = time.monotonic() - start
        return failure

    def run(self, program, limit=None):
        """Returns what the program said when it failed or hung, None when all its tests passed."""
        paths = list(self.build_directory.glob(f"tests/**/{program}"))
        if len(paths) != 1:
            return f"{program} is not there: {paths}"
        prefix = OWN_PROCESSES if program.startswith("integration") else []
        limit = limit or SECONDS_MORE + TIMES_LONGER * self.seconds[program]
        process = subprocess.Popen(
            [*prefix, str(paths[0]), "--gtest_brief=1", "--gtest_fail_fast"],
            cwd=self.build_directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return f"{program} hung: killed after {limit:.0f} s\n{said}"
        return None if process.returncode == 0 else f"{program} ends with {process.returncode}\n{said}"


def failed_tests(said):
    """The names of the tests that GoogleTest reported as failed."""
    names = re.findall(r"^\[  FAILED  \] (\S+?)(?:,.*)? \(\d+ ms\)$", said, re.MULTILINE)
    return list(dict.fromkeys(names))
