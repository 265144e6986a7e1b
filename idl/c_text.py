# SPDX-License-Identifier: LGPL-2.1-only
"""Pieces of C text. A piece is a list of lines, without the indent of what it lies in."""

import re

LINE_LENGTH = 100


def indented(lines):
    return ["    " + line if line else "" for line in lines]


def block(head, lines):
    return [f"{head} {{" if head else "{", *indented(lines), "}"]


def loop(length, lines, depth=0):
    """Do the lines for each element; nothing when there is nothing to do."""
    i = index(depth)
    return block(f"for (int {i} = 0; {i} < {length}; {i}++)", lines) if lines else []


def index(depth):
    """The name of the counter of a loop inside `depth` others."""
    return f"i{depth + 1}" if depth else "i"


def switch(value, cases):
    """A switch over (label, lines); nothing when no case has lines."""
    if not any(lines for _, lines in cases):
        return []
    body = []
    for label, lines in cases:
        body += [f"case {label}:", *indented([*lines, "break;"])]
    return block(f"switch ({value})", [*body, "default:", "    break;"])


def fail_early(call):
    return [f"rc = {call};", "if (rc)", "    return rc;"]


def function(signature, lines, *parameters):
    """The text of a function; it says so when it has no use for one of the parameters."""
    body = "\n".join(lines)
    unused = [f"(void){name};" for name in parameters if not re.search(rf"\b{name}\b", body)]
    head, *folded = fold(signature).split("\n")
    return "\n".join([head, *folded]) + " {\n" + text(indented(unused + lines)) + "}\n"


def text(lines):
    return "".join(f"{line}\n" for line in lines)


def fold(prototype):
    """The prototype, with its last parameter on a line of its own when it is too long for one."""
    if len(prototype) <= LINE_LENGTH - len(" {"):
        return prototype
    first, _, last = prototype.rpartition(", ")
    return f"{first},\n{' ' * (prototype.index('(') + 1)}{last}"


def comment(lines, indent=""):
    """The C comment that holds the lines; empty when there are none."""
    if not lines:
        return ""
    single = f"{indent}/* {lines[0]} */"
    if len(lines) == 1 and len(single) <= LINE_LENGTH:
        return single + "\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/*\n{body}{indent} */\n"


def passed(type_, place):
    """The value at the place as an argument for a function of its type."""
    return f"&{place}" if type_.by_reference else place


def constant(type_, expression):
    """The C expression, in the type: an init_val may be a macro of any integer type."""
    return expression if type_.by_reference else f"({type_.c_name})({expression})"


def preamble(idl_name):
    return comment(["SPDX-License-Identifier: LGPL-2.1-only"]) + comment(
        [f"Generated from {idl_name}. Do not edit."]
    )
