#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Whether the manual page of the command describes what its --help shows: each command and each
option, and none besides. An old name of a command stands beside the command, and must do the same.
Usage: manual_test.py PROGRAM POD"""

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
    """Those that begin a line of help, as sets of names for the same; the descriptions behind them
    are text."""
    heads = (re.match(r" +(-[^ ]*)", line) for line in text.splitlines())
    found = [set(OPTION.findall(head.group(1))) for head in heads if head]
    return [names for names in found if not names & HELP]


def commands_in_help(text):
    """What is said of each command."""
    return dict(re.findall(r"(?m)^  ([a-z][\w-]*) +(.*)$", text.split("Commands:")[1]))


def section(pod, name):
    return re.search(rf"(?ms)^=head1 {name}$(.*?)(?=^=head1 |\Z)", pod).group(1)


def items(text):
    return re.findall(r"(?m)^=item (.*)$", text)


def bold(text):
    return set(re.findall(r"B<([^<>]+)>", text))


def differences(what, shown, described):
    yield from (f"{what}: --help shows {name}, the page does not" for name in sorted(shown - described))
    yield from (f"{what}: the page has {name}, --help does not" for name in sorted(described - shown))


def synopsis_problems(command, options, synopsis):
    """The paragraphs of the command, of which one may be of others too, have one name of each
    option."""
    lines = re.findall(rf"(?ms)^B<xlsnap> [^\n]*?B<{command}> .*?(?=\n\n)", synopsis)
    used = {option for option in bold(" ".join(lines)) if option.startswith("-")}
    for names in options:
        if len(names & used) != 1:
            yield f"the synopsis of {command} needs one of {', '.join(sorted(names))}"
    yield from differences(f"the synopsis of {command}", set(), used - set().union(*options))


def problems(program, pod):
    general = help_of(program)
    commands = commands_in_help(general)
    yield from differences("the commands", set(commands),
                           bold(" ".join(items(section(pod, "COMMANDS")))))

    synopsis = section(pod, "SYNOPSIS")
    every_option = options_in_help(general)
    for command, description in sorted(commands.items()):
        options = options_in_help(help_of(program, command))
        every_option += options
        same = re.fullmatch(r"the same as (.*)", description)
        if not same:
            yield from synopsis_problems(command, options, synopsis)
        elif options != options_in_help(help_of(program, same.group(1))):
            yield f"{command} has other options than {same.group(1)}"
    described = bold(" ".join(items(section(pod, "OPTIONS")))) - HELP
    yield from differences("the options", set().union(*every_option), described)


def main(program, pod):
    found = list(problems(program, Path(pod).read_text(encoding="utf-8")))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
