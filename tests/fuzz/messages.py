#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Checks that every message that the sources of a reader hold is said of some file of a corpus.
Usage: messages.py REPLAY CORPUS SOURCE...

A message is a string literal of two words or more. What stands for a value in it, {}, is anything."""

import re
import subprocess
import sys
from pathlib import Path

# What no input makes a reader say, by the source that says it.
NOT_OF_THE_INPUT = {
    # Of the machine.
    # libxml2 always says why there is none.
    "document.cpp": {"no memory for XML", "the XML has no element"},
    "xl_config.cpp": {"cannot read it"},
    "xl_parser.cpp": {"no memory to read it"},
    # Of an image of terabytes.
    "qcow2_refcounts.cpp": {
        "the image has more refcounts than xlsnap reads; give it larger clusters"},
    # Of what this program has made, if it were wrong.
    "rewritten_config.cpp": {": where its disks stand cannot be told; change it by hand",
                             ": xl would read it otherwise; change it by hand"},
    # Of what is to be written.
    "snapshot_record_json.cpp": {"the record could not be read back as it is"},
    "domain_record_json.cpp": {"the record could not be read back as it is"},
    "snapshot_file.cpp": {"disk {}: a snapshot information file cannot hold {}; it has {}"},
    # Of what was read for another use.
    "xml_record.cpp": {"a snapshot that is there already needs its <state> and its <creationTime>"},
}

TOKEN = re.compile(r"""R"\((?P<raw>.*?)\)"|"(?P<text>(?:[^"\\\n]|\\.)*)"|(?<!\w)'(?:[^'\\\n]|\\.)+'|"""
                   r"(?P<nothing>//[^\n]*|^\s*#[^\n]*)", re.MULTILINE | re.DOTALL)
TWO_WORDS = re.compile(r"\w[,;:]? [\w{<]")
ESCAPES = {r"\"": '"', r"\\": "\\", r"\n": "\n", r"\t": "\t"}


def plain(literal):
    return re.sub(r"\\.", lambda match: ESCAPES.get(match[0], match[0]), literal)


def literals(source):
    """The string literals of a source; those that follow each other are one."""
    text, end, joined = source.read_text(encoding="utf-8"), 0, None
    for token in TOKEN.finditer(text):
        literal = token["raw"] if token["text"] is None else plain(token["text"])
        if joined is not None and (text[end:token.start()].strip() or
                                   literal is None and not token["nothing"]):
            yield joined
            joined = None
        if literal is not None:
            joined = (joined or "") + literal
        end = token.end()
    if joined is not None:
        yield joined


def messages(source):
    return {text.strip() for text in literals(source) if TWO_WORDS.search(text)}


def pattern(message):
    parts = re.split(r"(\{\{|\}\}|\{[^{}]*\})", message)
    return re.compile("".join(re.escape(part[0]) if part in ("{{", "}}") else
                              ".*" if part.startswith("{") else re.escape(part) for part in parts))


def problems(source, said):
    never = NOT_OF_THE_INPUT.get(source.name, set())
    for message in sorted(never - messages(source)):
        yield f"messages.py knows a message that {source.name} does not have: {message}"
    for message in sorted(messages(source) - never):
        if not pattern(message).search(said):
            yield f"no file of the corpus makes {source.name} say: {message}"


def main(replay, corpus, *sources):
    done = subprocess.run([replay, corpus], capture_output=True, check=True)
    said = done.stdout.decode("utf-8", "replace")
    found = [problem for source in sources for problem in problems(Path(source), said)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
