# SPDX-License-Identifier: LGPL-2.1-only
"""A commit subject is "component: change"; the component is a folder, as people call it."""

import re
from pathlib import Path

SUBJECT = re.compile(r"([a-z0-9_/.+ -]+): .+")
COMPONENTS = Path(__file__).with_name("components.txt")


def components():
    lines = COMPONENTS.read_text(encoding="utf-8").split("\n")
    return {line.split("#")[0].strip() for line in lines} - {""}


def problems(tree):
    if not tree.is_git or not tree.git("rev-list", "--all", "--max-count=1"):
        return
    known = components()
    for line in tree.git("log", "--no-merges", "--format=%h %s").splitlines():
        commit, _, subject = line.partition(" ")
        match = SUBJECT.fullmatch(subject)
        if not match:
            yield f"{commit}: the subject is not 'component: change': {subject}"
        elif match.group(1) not in known:
            yield f"{commit}: {match.group(1)} is not in {COMPONENTS.name}: {subject}"
