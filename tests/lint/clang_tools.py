# SPDX-License-Identifier: LGPL-2.1-only
"""clang-format and clang-tidy. What clang-tidy found clean is remembered by a digest of all that
it saw, since it takes seconds a file; the memory lies in the user's cache directory."""

import hashlib
import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

CLANG_FORMAT = "clang-format-14"
CLANG_TIDY = "clang-tidy-14"
CLANG = {".c": "clang-14", ".cpp": "clang++-14"}


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


def digest_of(tree, entry):
    """Of the tool, its settings, the command and the source with all it includes, comments too;
    None when clang cannot preprocess the file."""
    arguments = shlex.split(entry["command"])[1:]
    output = arguments.index("-o")
    del arguments[output:output + 2]
    command = [CLANG[Path(entry["file"]).suffix], *arguments, "-E", "-CC", "-w"]
    done = subprocess.run(command, cwd=entry["directory"], capture_output=True)
    if done.returncode:
        return None
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    digest = hashlib.sha256()
    for part in (version, (tree.root / ".clang-tidy").read_bytes(), repr(command).encode(),
                 done.stdout):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def tidy(tree, build, entry):
    """The problems in one file."""
    digest = digest_of(tree, entry)
    clean = clean_results() / (digest or "unknown")
    if digest and clean.exists():
        return []
    done = subprocess.run([CLANG_TIDY, "--quiet", "-p", build, entry["file"]],
                          cwd=tree.root, capture_output=True, text=True)
    if done.returncode:
        return re.split(r"\n(?=/)", (done.stdout or done.stderr).strip())
    if digest:
        clean.parent.mkdir(parents=True, exist_ok=True)
        clean.touch()
    return []


def untidy(tree, build):
    """`build` is a configured and built directory: its compile commands say what to look at, and
    the generated headers are there."""
    with open(Path(build) / "compile_commands.json", encoding="utf-8") as database:
        entries = [entry for entry in json.load(database)
                   if Path(entry["file"]).is_relative_to(tree.root / "src")]
    if not entries:
        yield f"{build}: no compile command for any file of src/"
    # What is wrong in a header is found again in each file that includes it.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = chain.from_iterable(pool.map(lambda entry: tidy(tree, build, entry), entries))
        for problem in dict.fromkeys(found):
            yield from problem.splitlines()
