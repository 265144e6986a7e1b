# SPDX-License-Identifier: LGPL-2.1-only
"""clang-format and clang-tidy. clang-tidy looks at the sources of a folder together, as one file that
includes them: of the seconds that one source takes, nearly all go into the headers of libraries. What
it found clean is remembered by a digest of all that it saw; the memory lies in the user's cache
directory."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

CLANG_FORMAT = "clang-format-14"
CLANG_TIDY = "clang-tidy-14"
CLANG = "clang-14"


def unformatted(tree):
    names = tree.cxx_files()
    if not names:
        return
    done = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *names],
                          cwd=tree.root, capture_output=True, text=True)
    places = dict.fromkeys(":".join(line.split(":")[:2]) for line in done.stderr.splitlines()
                           if " error: " in line)
    yield from (f"{place}: {CLANG_FORMAT} would write it differently" for place in places)
    if done.returncode and not places:
        yield done.stderr


def clean_results():
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "xlsnap" / "clang-tidy"


class Group:
    """Sources of one folder that are compiled by one command."""

    def __init__(self, directory, arguments, suffix):
        self.directory, self.arguments, self.suffix = directory, arguments, suffix
        self.sources = []

    def text(self):
        return "".join(f'#include "{source}"\n' for source in sorted(self.sources))

    def digest(self, tree):
        """Of the tool, its settings, the command and the sources with all that they include, comments
        too, wherever the checkout lies; None when clang cannot preprocess them."""
        language = "c" if self.suffix == ".c" else "c++"
        command = [CLANG, *self.arguments, "-E", "-CC", "-w", f"-x{language}", "-"]
        done = subprocess.run(command, cwd=self.directory, input=self.text().encode(),
                              capture_output=True)
        if done.returncode:
            return None
        version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
        root = str(tree.root).encode()
        digest = hashlib.sha256()
        for part in (version, (tree.root / ".clang-tidy").read_bytes(), repr(command).encode(),
                     done.stdout):
            digest.update(hashlib.sha256(part.replace(root, b"")).digest())
        return digest.hexdigest()

    def problems(self, tree):
        digest = self.digest(tree)
        clean = clean_results() / (digest or "unknown")
        if digest and clean.exists():
            return []
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"sources{self.suffix}"
            source.write_text(self.text(), encoding="utf-8")
            # That a source includes sources is what this one is for.
            done = subprocess.run(
                [CLANG_TIDY, "--quiet", f"--config-file={tree.root}/.clang-tidy",
                 "--checks=-bugprone-suspicious-include", str(source), "--", *self.arguments],
                cwd=self.directory, capture_output=True, text=True)
        if done.returncode:
            return re.split(r"\n(?=/)", (done.stdout or done.stderr).strip())
        if digest:
            clean.parent.mkdir(parents=True, exist_ok=True)
            clean.touch()
        return []


def groups_of(entries):
    """Of a database of compile commands."""
    groups = {}
    for entry in entries:
        source = Path(entry["file"])
        arguments = shlex.split(entry["command"])
        # What comes before the options are the compiler and what launches it.
        del arguments[:next(i for i, word in enumerate(arguments) if word.startswith("-"))]
        for option in ("-o", "-c"):
            at = arguments.index(option)
            del arguments[at:at + 2]
        key = (source.parent, entry["directory"], tuple(arguments), source.suffix)
        groups.setdefault(key, Group(entry["directory"], arguments, source.suffix))
        groups[key].sources.append(entry["file"])
    return groups.values()


def untidy(tree, build):
    """`build` is a configured and built directory: its compile commands say what to look at, and
    the generated headers are there."""
    # In a unity build CMake's own file that includes sources lies in the build's folder of these.
    folders = (tree.root / "src", Path(build) / "src")
    with open(Path(build) / "compile_commands.json", encoding="utf-8") as database:
        entries = [entry for entry in json.load(database)
                   if any(Path(entry["file"]).is_relative_to(folder) for folder in folders)]
    if not entries:
        yield f"{build}: no compile command for any file of src/"
    # What is wrong in a header is found again in each folder that includes it.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = chain.from_iterable(pool.map(lambda group: group.problems(tree), groups_of(entries)))
        for problem in dict.fromkeys(found):
            yield from problem.splitlines()
