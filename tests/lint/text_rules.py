# SPDX-License-Identifier: LGPL-2.1-only
"""Rules that a look at the text of a file decides."""

import re
from pathlib import Path

LICENCE_LINE = "SPDX-License-Identifier: LGPL-2.1-only"
SOURCE_SUFFIXES = {".c", ".h", ".cpp", ".hpp", ".S", ".py", ".sh", ".cmake", ".idl", ".map", ".in"}
LONGEST_SOURCE = 600

# Folders where people keep checkouts. No file may depend on, or speak of, one of them.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|work|Users)/\w+")

# Texts of others, kept as they came.
VERBATIM = {"LICENSE"}


def missing_licence(tree):
    for name in tree.files():
        is_source = Path(name).suffix in SOURCE_SUFFIXES or Path(name).name == "CMakeLists.txt"
        if (is_source or tree.interpreter(name)) and not any(
                LICENCE_LINE in line for line in tree.lines(name)[:2]):
            yield f"{name}: the first line, or the one after #!, lacks '{LICENCE_LINE}'"


def untidy_whitespace(tree):
    for name in tree.files():
        text = tree.text(name)
        if not text or name in VERBATIM:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                yield f"{name}:{number}: tab"
            if line != line.rstrip():
                yield f"{name}:{number}: space at the end of the line"
        if not text.endswith("\n") or text.endswith("\n\n"):
            yield f"{name}: does not end with exactly one newline"


def too_long(tree):
    for name in tree.files("src", "include", "idl"):
        length = len(tree.lines(name)) - 1
        if length > LONGEST_SOURCE:
            yield f"{name}: {length} lines; split it, at most {LONGEST_SOURCE} are allowed"


def machine_paths(tree):
    for name in tree.files():
        for number, line in enumerate(tree.lines(name), 1):
            if MACHINE_PATH.search(line):
                yield f"{name}:{number}: names a path of somebody's machine"


def broken_python(tree):
    for name in tree.python_files():
        try:
            compile(tree.text(name), name, "exec")
        except SyntaxError as error:
            yield f"{name}:{error.lineno}: {error.msg}"
