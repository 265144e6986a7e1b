# SPDX-License-Identifier: LGPL-2.1-only
"""The named faults, as the *.faults files beside this one hold them. A fault is

    fault a_name_that_says_what_is_wrong
    file src/core/tag_name.cpp
    tests core_test unit_adapters_qemu
     a line that stays
    -a line that goes
    +a line that comes in its place

and ends at an empty line; what begins with # is a comment. `tests` are the programs of which at least
one must fail. The lines are those of a diff without line numbers: what stays and goes must stand in
the file, in this order, exactly once. A line @@ begins a second change to the same file."""

from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class BadFault(Exception):
    """A fault that cannot be read, or whose text the file does not have."""


@dataclass
class Change:
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)

    def add(self, line):
        mark, text = line[0], line[1:]
        if mark in " -":
            self.old.append(text)
        if mark in " +":
            self.new.append(text)

    def apply(self, text):
        if not self.old or self.old == self.new:
            raise BadFault("it changes nothing")
        lines, size = text.split("\n"), len(self.old)
        places = [i for i in range(len(lines)) if lines[i:i + size] == self.old]
        if len(places) != 1:
            old = "\n".join(self.old)
            raise BadFault(f"these lines stand {len(places)} times in the file, not once:\n{old}")
        lines[places[0]:places[0] + size] = self.new
        return "\n".join(lines)


@dataclass
class Fault:
    name: str
    file: str = ""
    tests: list = field(default_factory=list)
    changes: list = field(default_factory=lambda: [Change()])

    def read_line(self, line):
        word, _, rest = line.partition(" ")
        if line[0] in " -+":
            self.changes[-1].add(line)
        elif line == "@@":
            self.changes.append(Change())
        elif word == "file":
            self.file = rest
        elif word == "tests":
            self.tests = rest.split()
        else:
            raise BadFault(f"{self.name}: nobody understands the line '{line}'")

    def apply(self, text):
        """The text of the file with the fault in it."""
        for change in self.changes:
            text = change.apply(text)
        return text


def parse(text):
    found, current = [], None
    for line in text.splitlines():
        if not line:
            current = None
        elif line.startswith("#"):
            continue
        elif line.startswith("fault "):
            current = Fault(line.removeprefix("fault "))
            found.append(current)
        elif current:
            current.read_line(line)
        else:
            raise BadFault(f"a line outside of every fault: '{line}'")
    for fault in found:
        if not fault.file.startswith("src/") or not fault.tests:
            raise BadFault(f"{fault.name}: it needs a file of src/ and tests")
    return found


def load(folder=FOLDER):
    """All faults; those of one file of src/ stand together, which saves compiling it."""
    found = [fault for path in sorted(folder.glob("*.faults"))
             for fault in parse(path.read_text(encoding="utf-8"))]
    names = [fault.name for fault in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise BadFault(f"{name}: two faults have this name")
    return sorted(found, key=lambda fault: fault.file)


def text_of(tree, name):
    if name not in tree.files("src"):
        raise BadFault("there is no such file")
    return tree.text(name)


def problems(tree):
    """For the linter: faults that the present sources do not have a place for. Whoever changes a
    source brings its faults along."""
    try:
        found = load(tree.root / "tests" / "mutants")
    except BadFault as problem:
        yield f"tests/mutants: {problem}"
        return
    for fault in found:
        try:
            fault.apply(text_of(tree, fault.file))
        except BadFault as problem:
            yield f"tests/mutants: {fault.name}: {fault.file}: {problem}"
