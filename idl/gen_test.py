#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Generate the round-trip test of an IDL file: gen_test.py FILE.idl HEADER TEST_SOURCE

The test fills every type with random values, turns it into JSON and back, copies it, and disposes
it twice. It compares field by field, so a field that both directions forget is found too.
tests/unit/idl has what the generated text calls: random_values.h makes and compares the values of
the types that are not generated.
"""

import sys
from pathlib import Path

from c_text import preamble
from language import parse
from model import Enumeration, IdlError, Struct, Union
from c_test_values import equal_function, random_function

READ_BACK = """\
    CHECK(!{T}_from_json(ctx, &read_back, text), text);
    CHECK(equal_{T}(&original, &read_back), text);
    again = {T}_to_json(ctx, &read_back);
    CHECK(again && !strcmp(text, again), text);
"""
COPY = """\
    {T}_copy(ctx, &copied, &original);
    CHECK(equal_{T}(&original, &copied), text);
"""
DISPOSE = """\
    {T}_dispose(&original);
    CHECK(all_zero(&original, sizeof(original)), text);
    {T}_dispose(&original);
"""

ENUMERATION_CHECK = """
static void check_{T}(libxl_ctx *ctx) {{
    for (const libxl_enum_string_table *row = {T}_string_table; row->s; row++) {{
        char *text = {T}_to_json(ctx, ({T})row->v);
        {T} named, read_back;

        CHECK(text, row->s);
        CHECK(!{T}_from_string(row->s, &named) && named == ({T})row->v, row->s);
        CHECK(!strcmp({T}_to_string(named), row->s), row->s);
        CHECK(!{T}_from_json(ctx, &read_back, text) && read_back == named, text);
        free(text);
    }}
}}
"""

UNION_VALUES = """
void random_{T}({T} *p);
bool equal_{T}({T} *a, {T} *b);
"""


def is_checked(made):
    """A type can be checked by itself when it has the functions that JSON needs."""
    return isinstance(made, (Struct, Enumeration)) and made.json_gen_fn and made.json_parse_fn


def struct_check(made):
    """What the type has functions for; one without a _dispose owns nothing."""
    copies, disposes = made.copy_fn, made.dispose_fn
    text = "\nstatic void check_{T}(libxl_ctx *ctx) {{\n    {T} original, read_back"
    text += ", copied;\n" if copies else ";\n"
    text += "    char *text, *again;\n\n    random_{T}(&original);\n"
    text += '    text = {T}_to_json(ctx, &original);\n    CHECK(text, "no JSON text");\n'
    text += READ_BACK + (COPY if copies else "") + (DISPOSE if disposes else "")
    if disposes:
        text += "    CHECK(equal_{T}(&read_back, &copied), text);\n" if copies else ""
        text += "    {T}_dispose(&read_back);\n"
        text += "    {T}_dispose(&copied);\n" if copies else ""
    return (text + "    free(text);\n    free(again);\n}}\n").format(T=made.c_name)


def test_text(types, header_name):
    text = "#include <stdlib.h>\n#include <string.h>\n\n"
    text += f'#include "{header_name}"\n#include "random_values.h"\n#include "round_trip.h"\n'
    checks = "".join(
        struct_check(made) if isinstance(made, Struct) else ENUMERATION_CHECK.format(T=made.c_name)
        for made in types if is_checked(made)
    )
    calls = "".join(f"    check_{made.c_name}(ctx);\n" for made in types if is_checked(made))
    text += values(types, checks) + checks
    return text + f"\nvoid check_every_type(libxl_ctx *ctx) {{\n{calls}}}\n"


def values(types, checks):
    """The functions for values that the checks call, in the order of the types.

    Those of a Union are its author's, like the rest that needs to know its member.
    """
    text = ""
    for made in reversed(types):
        if f"random_{made.c_name}(" not in text + checks:
            continue
        if isinstance(made, Struct):
            text = random_function(made) + equal_function(made) + text
        elif isinstance(made, Union):
            text = UNION_VALUES.format(T=made.c_name) + text
    return text


def main(arguments):
    if len(arguments) != 3:
        print("usage: gen_test.py FILE.idl HEADER TEST_SOURCE", file=sys.stderr)
        return 2
    idl, header, test = (Path(argument) for argument in arguments)
    try:
        types = parse(idl)
    except (IdlError, OSError) as error:
        print(f"gen_test.py: {error}", file=sys.stderr)
        return 1
    test.write_text(preamble(idl.name) + test_text(types, header.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
