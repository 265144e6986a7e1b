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

from c_source import fold
from gen_types import preamble
from model import Array, Builtin, Enumeration, IdlError, Number, Struct, parse


STRUCT_CHECK = """
static void check_{T}(libxl_ctx *ctx) {{
    {T} original, read_back, copied;
    char *text, *again;

    random_{T}(&original);
    text = {T}_to_json(ctx, &original);
    CHECK(text, "no JSON text");
    CHECK(!{T}_from_json(ctx, &read_back, text), text);
    CHECK(equal_{T}(&original, &read_back), text);
    again = {T}_to_json(ctx, &read_back);
    CHECK(again && !strcmp(text, again), text);
    {T}_copy(ctx, &copied, &original);
    CHECK(equal_{T}(&original, &copied), text);
    {T}_dispose(&original);
    CHECK(all_zero(&original, sizeof(original)), text);
    {T}_dispose(&original);
    CHECK(equal_{T}(&read_back, &copied), text);
    {T}_dispose(&read_back);
    {T}_dispose(&copied);
    free(text);
    free(again);
}}
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


def test_text(types, header_name):
    text = "#include <stdlib.h>\n#include <string.h>\n\n"
    text += f'#include "{header_name}"\n#include "random_values.h"\n#include "round_trip.h"\n'
    for made in types:
        if isinstance(made, Struct):
            text += random_function(made) + equal_function(made)
            text += STRUCT_CHECK.format(T=made.c_name)
        else:
            text += ENUMERATION_CHECK.format(T=made.c_name)
    calls = "".join(f"    check_{made.c_name}(ctx);\n" for made in types)
    return text + f"\nvoid check_every_type(libxl_ctx *ctx) {{\n{calls}}}\n"


def random_function(struct):
    body = f"    {struct.init_fn}(p);\n"
    for field in struct.fields:
        place = f"p->{field.name}"
        if isinstance(field.type, Array):
            length = f"p->{field.type.lenvar}"
            body += f"    {length} = random_length();\n"
            body += f"    {place} = random_array({length}, sizeof(*{place}));\n"
            body += f"    for (int i = 0; i < {length}; i++)\n"
            body += f"        {random_value(field.type.elem_type, place + '[i]')}\n"
        else:
            body += f"    {random_value(field.type, place)}\n"
    return f"\nstatic void random_{struct.c_name}({struct.c_name} *p) {{\n{body}}}\n"


def random_value(type_, place):
    if type_.by_reference:
        return f"random_{type_.c_name}(&{place});"
    if isinstance(type_, Enumeration):
        return f"{place} = ({type_.c_name})random_enum({type_.c_name}_string_table);"
    if isinstance(type_, Number):
        return f"{place} = ({type_.c_name})random_number();"
    return f"{place} = random_{plain_name(type_)}();"


def equal_function(struct):
    body = ""
    for field in struct.fields:
        a, b = f"a->{field.name}", f"b->{field.name}"
        if isinstance(field.type, Array):
            length = field.type.lenvar
            body += f"    if (a->{length} != b->{length})\n        return false;\n"
            body += f"    for (int i = 0; i < a->{length}; i++)\n"
            differ = different(field.type.elem_type, a + "[i]", b + "[i]")
            body += f"        if ({differ})\n            return false;\n"
        else:
            body += f"    if ({different(field.type, a, b)})\n        return false;\n"
    name = struct.c_name
    signature = fold(f"static bool equal_{name}({name} *a, {name} *b)")
    return f"\n{signature} {{\n{body}    return true;\n}}\n"


def different(type_, a, b):
    if type_.by_reference:
        return f"!equal_{type_.c_name}(&{a}, &{b})"
    if isinstance(type_, Builtin) and type_.dispose_fn:
        return f"!equal_{plain_name(type_)}({a}, {b})"
    return f"{a} != {b}"


def plain_name(type_):
    return "string" if type_.c_name == "char *" else type_.c_name


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
