#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Whether the manual page of the command describes what its --help shows: each command and each
option, and none besides. Usage: manual_test.py PROGRAM POD"""

import re
import subprocess
import sys
from pathlib import Path

OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")
HELP = {"-h", "--help"}


def help_of(program, *command):
    done = subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True)
    return done.stdout


def options_in_help(text):
    """Those that begin a line of help; the descriptions behind them are text."""
    found = set()
    for line in text.splitlines():
        head = re.match(r" +(-[^ ]*)", line)
        if head:
            found |= set(OPTION.findall(head.group(1)))
    return found


def commands_in_help(text):
    return set(re.findall(r"(?m)^  ([a-z][\w-]*) ", text.split("Subcommands:")[1]))


def section(pod, name):
    return re.search(rf"(?ms)^=head1 {name}$(.*?)(?=^=head1 |\Z)", pod).group(1)


def items(text):
    return re.findall(r"(?m)^=item (.*)$", text)


def bold(text):
    return set(re.findall(r"B<([^<>]+)>", text))


def differences(what, shown, described):
    yield from (f"{what}: --help shows {name}, the page does not" for name in sorted(shown - described))
    yield from (f"{what}: the page has {name}, --help does not" for name in sorted(described - shown))


def problems(program, pod):
    general = help_of(program)
    commands = commands_in_help(general)
    yield from differences("the commands", commands, bold(" ".join(items(section(pod, "COMMANDS")))))

    synopsis = section(pod, "SYNOPSIS")
    every_option = options_in_help(general)
    for command in sorted(commands):
        options = options_in_help(help_of(program, command))
        every_option |= options
        line = re.search(rf"(?m)^B<xlsnap> B<{command}> .*$", synopsis)
        used = {option for option in bold(line.group() if line else "") if option.startswith("-")}
        # The synopsis has one name of each option.
        long = {option for option in options - HELP if option not in ("-n", "--name")}
        yield from differences(f"the synopsis of {command}", long | (options & {"-n"}), used)
    described = bold(" ".join(items(section(pod, "OPTIONS"))))
    yield from differences("the options", every_option, described)


def main(program, pod):
    found = list(problems(program, Path(pod).read_text(encoding="utf-8")))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
