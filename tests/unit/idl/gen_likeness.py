#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Generate the comparison with libxl: gen_likeness.py FILE.idl HEADER SOURCE TEST_SOURCE

FILE.idl is libxl's own. HEADER and SOURCE are what gen_types.py makes of it, but that every name
they declare begins with "our_", so that one program can hold it and libxl. The test asserts at
compile time that the two have the same layout and values, and when it runs that they have the same
defaults, copies, names and JSON, and that each reads what the other wrote.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "idl"))

from c_declarations import declarations, declared_name  # noqa: E402
from c_header import header_text  # noqa: E402
from c_source import source_text  # noqa: E402
from c_test_values import equal_function, random_function  # noqa: E402
from c_text import preamble  # noqa: E402
from language import parse  # noqa: E402
from model import Array, Enumeration, KeyedUnion, Struct  # noqa: E402

STRUCT_CHECK = """
static void check_{T}(libxl_ctx *ctx) {{
    our_{T} ours, copied, back;
    {T} theirs, theirs_back;
    char *text;

    our_{T}_init(&ours);
    {T}_init(&theirs);
    CHECK(same_bytes(&ours, &theirs, sizeof(ours)), "defaults");
    free(same_text(our_{T}_to_json(ctx, &ours), {T}_to_json(ctx, &theirs)));
    our_random_{T}(&ours);
    memcpy(&theirs, &ours, sizeof(ours));
    text = same_text(our_{T}_to_json(ctx, &ours), {T}_to_json(ctx, &theirs));
    CHECK(!our_{T}_from_json(ctx, &back, text), text);
    CHECK(our_equal_{T}(&ours, &back), text);
    our_{T}_copy(ctx, &copied, &ours);
    CHECK(our_equal_{T}(&ours, &copied), text);
    CHECK(!{T}_from_json(ctx, &theirs_back, text), text);
{dispose_ours}    memcpy(&ours, &theirs_back, sizeof(ours));
    CHECK(our_equal_{T}(&ours, &back), text);
{dispose}    free(text);
}}
"""

ENUMERATION_CHECK = """
static void check_{T}(libxl_ctx *ctx) {{
    const libxl_enum_string_table *theirs = {T}_string_table;
    our_{T} our_value;
    {T} their_value;
    char *text;

    for (const libxl_enum_string_table *ours = our_{T}_string_table; ours->s; ours++, theirs++) {{
        CHECK(theirs->s && !strcmp(ours->s, theirs->s) && ours->v == theirs->v, ours->s);
        CHECK(!our_{T}_from_string(ours->s, &our_value), ours->s);
        CHECK(!{T}_from_string(ours->s, &their_value), ours->s);
        CHECK((int)our_value == (int)their_value, ours->s);
        CHECK(!strcmp(our_{T}_to_string(our_value), {T}_to_string(their_value)), ours->s);
        text = same_text(our_{T}_to_json(ctx, our_value), {T}_to_json(ctx, their_value));
        CHECK(!our_{T}_from_json(ctx, &our_value, text) && our_value == (our_{T})ours->v, text);
        CHECK(!{T}_from_json(ctx, &their_value, text) && their_value == ({T})ours->v, text);
        free(text);
    }}
    CHECK(!theirs->s && theirs->v == our_{T}_string_table[{count}].v, "end");
    CHECK(our_{T}_from_string("", &our_value) == {T}_from_string("", &their_value), "no name");
    CHECK(!our_{T}_to_string((our_{T})0x7fff) && !{T}_to_string(({T})0x7fff), "no value");
}}
"""

KEY_CHECK = """
static void check_key_of_{T}_{key}(libxl_ctx *ctx) {{
    static const libxl_enum_string_table keys[] = {{{rows}}};

    for (unsigned i = 0; i < {count}; i++) {{
        our_{T} ours;
        {T} theirs;

        our_{T}_init(&ours);
        {T}_init(&theirs);
        our_{T}_init_{key}(&ours, (our_{K})keys[i].v);
        {T}_init_{key}(&theirs, ({K})keys[i].v);
        CHECK(same_bytes(&ours, &theirs, sizeof(ours)), "defaults of a member");
        free(same_text(our_{T}_to_json(ctx, &ours), {T}_to_json(ctx, &theirs)));
    }}
}}
"""


def declared_names(types, header):
    """All that the header puts into the one name space of C, and the functions of tests."""
    names = {declared_name(declaration) for declaration in declarations(header)}
    for made in types:
        if isinstance(made, Enumeration):
            names.update(value.c_name for value in made.values)
        names.update((f"random_{made.c_name}", f"equal_{made.c_name}"))
    return names


def renamed(text, names):
    return re.sub(r"\w+", lambda word: ("our_" if word[0] in names else "") + word[0], text)


def same(expression):
    """Asserts that the expression, in which {} stands before a name, is the same of both."""
    ours, theirs = expression.format("our_"), expression.format("")
    return f'_Static_assert({ours} == {theirs}, "{theirs}");\n'


def layout(made):
    name = made.c_name
    text = same(f"sizeof({{}}{name})")
    for path in paths(made.fields):
        text += same(f"offsetof({{}}{name}, {path})")
        text += same(f"sizeof((({{}}{name} *)0)->{path})")
    return text


def paths(members, prefix=""):
    """The designators of all C members, inside types without a name too."""
    for member in members:
        if member.type is None:
            continue
        path = prefix + member.name
        yield path
        if isinstance(member.type, Array):
            yield prefix + member.type.lenvar
        if isinstance(member.type, KeyedUnion):
            yield prefix + member.type.keyvar.name
            yield from paths(member.type.variants, path + ".")
        elif isinstance(member.type, Struct) and member.type.c_name is None:
            yield from paths(member.type.fields, path + ".")


def struct_check(made):
    name, dispose = made.c_name, made.dispose_fn
    text = STRUCT_CHECK.format(
        T=name,
        dispose_ours=f"    our_{dispose}(&ours);\n" if dispose else "",
        dispose=(f"    {dispose}(&theirs_back);\n    our_{dispose}(&copied);\n"
                 f"    our_{dispose}(&back);\n" if dispose else ""),
    )
    for field in made.fields:
        if isinstance(field.type, KeyedUnion):
            key, variants = field.type.keyvar, field.type.variants
            text += KEY_CHECK.format(
                T=name, key=key.name, K=key.type.c_name, count=len(variants),
                rows=", ".join(f"{{NULL, {v.value.c_name}}}" for v in variants),
            )
    return layout(made) + text


def enumeration_check(made):
    values = "".join(same(f"(int){{}}{value.c_name}") for value in made.values)
    return values + ENUMERATION_CHECK.format(T=made.c_name, count=len(made.values))


def checks(made):
    yield f"check_{made.c_name}"
    for field in getattr(made, "fields", ()):
        if isinstance(field.type, KeyedUnion):
            yield f"check_key_of_{made.c_name}_{field.type.keyvar.name}"


def test_text(types, names, header_name):
    text = "#include <stddef.h>\n#include <stdlib.h>\n#include <string.h>\n\n"
    text += f'#include "{header_name}"\n'
    text += '#include "likeness.h"\n#include "random_values.h"\n#include "round_trip.h"\n\n'
    for made in types:
        if isinstance(made, Enumeration):
            text += enumeration_check(made)
        else:
            text += renamed(random_function(made) + equal_function(made), names)
            text += struct_check(made)
    calls = "".join(f"    {check}(ctx);\n" for made in types for check in checks(made))
    return text + f"\nvoid check_every_type(libxl_ctx *ctx) {{\n    random_bits(63);\n{calls}}}\n"


def main(idl, header, source, test):
    types = parse(idl)
    first, header_name = preamble(Path(idl).name), Path(header).name
    declared = header_text(types, header_name)
    names = declared_names(types, declared)
    for path, text in (
        (header, renamed(declared, names)),
        (source, renamed(source_text(types, header_name), names)),
        (test, test_text(types, names, header_name)),
    ):
        Path(path).write_text(first + text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
