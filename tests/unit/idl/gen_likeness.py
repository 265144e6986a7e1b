#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Generate the comparison with libxl: gen_likeness.py FILE.idl HEADER TEST_SOURCE

Every type like_x of FILE.idl describes libxl_x. The test asserts at compile time that the two have
the same layout and values, and when it runs that they have the same defaults and the same JSON,
and that each reads what the other wrote.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "idl"))

from c_test_values import equal_function, random_function  # noqa: E402
from c_text import preamble  # noqa: E402
from language import parse  # noqa: E402
from model import Array, Enumeration, KeyedUnion, Struct  # noqa: E402

STRUCT_CHECK = """
static void check_{O}(libxl_ctx *ctx) {{
    {O} ours, back;
    {T} theirs, theirs_back;
    char *our_text, *their_text;

    {O}_init(&ours);
    {T}_init(&theirs);
    CHECK(same_bytes(&ours, &theirs, sizeof(ours)), "defaults");
    our_text = {O}_to_json(ctx, &ours);
    their_text = {T}_to_json(ctx, &theirs);
    check_same_text(our_text, their_text);
    random_{O}(&ours);
    memcpy(&theirs, &ours, sizeof(ours));
    our_text = {O}_to_json(ctx, &ours);
    their_text = {T}_to_json(ctx, &theirs);
    CHECK(our_text && their_text, "no text");
    CHECK(!{O}_from_json(ctx, &back, their_text), their_text);
    CHECK(equal_{O}(&ours, &back), their_text);
    CHECK(!{T}_from_json(ctx, &theirs_back, our_text), our_text);
{dispose_back}    memcpy(&back, &theirs_back, sizeof(back));
    CHECK(equal_{O}(&ours, &back), our_text);
{dispose}    check_same_text(our_text, their_text);
}}
"""

ENUMERATION_CHECK = """
static void check_{O}(libxl_ctx *ctx) {{
    const libxl_enum_string_table *theirs = {T}_string_table;

    for (const libxl_enum_string_table *ours = {O}_string_table; ours->s; ours++, theirs++) {{
        CHECK(theirs->s && !strcmp(ours->s, theirs->s) && ours->v == theirs->v, ours->s);
        check_same_text({O}_to_json(ctx, ({O})ours->v), {T}_to_json(ctx, ({T})theirs->v));
    }}
    CHECK(!theirs->s && theirs->v == {O}_string_table[{count}].v, "end");
}}
"""

KEY_CHECK = """
static void check_key_of_{O}_{key}(libxl_ctx *ctx) {{
    static const libxl_enum_string_table keys[] = {{{rows}}};

    for (unsigned i = 0; i < {count}; i++) {{
        {O} ours;
        {T} theirs;

        {O}_init(&ours);
        {T}_init(&theirs);
        {O}_init_{key}(&ours, ({K})keys[i].v);
        {T}_init_{key}(&theirs, ({L})keys[i].v);
        CHECK(same_bytes(&ours, &theirs, sizeof(ours)), "defaults of a member");
        check_same_text({O}_to_json(ctx, &ours), {T}_to_json(ctx, &theirs));
    }}
}}
"""


def libxl(name):
    return name.replace("LIKE_BARE_", "").replace("LIKE_", "LIBXL_").replace("like_", "libxl_")


def same(what_ours, what_theirs):
    return f'_Static_assert({what_ours} == {what_theirs}, "{what_theirs}");\n'


def layout(made):
    text = same(f"sizeof({made.c_name})", f"sizeof({libxl(made.c_name)})")
    for path in paths(made.fields):
        for measure in ("offsetof({T}, {f})", "sizeof((({T} *)0)->{f})"):
            text += same(*(measure.format(T=name, f=path)
                           for name in (made.c_name, libxl(made.c_name))))
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
    names = {"O": made.c_name, "T": libxl(made.c_name)}
    disposed = made.dispose_fn is not None
    text = layout(made) + random_function(made) + equal_function(made)
    text += STRUCT_CHECK.format(
        **names,
        dispose_back=f"    {made.dispose_fn}(&back);\n" if disposed else "",
        dispose=(f"    {made.dispose_fn}(&ours);\n    {libxl(made.dispose_fn)}(&theirs_back);\n"
                 if disposed else ""),
    )
    for field in made.fields:
        if isinstance(field.type, KeyedUnion):
            key, variants = field.type.keyvar, field.type.variants
            text += KEY_CHECK.format(
                **names, key=key.name, K=key.type.c_name, L=libxl(key.type.c_name),
                rows=", ".join(f"{{NULL, {v.value.c_name}}}" for v in variants),
                count=len(variants),
            )
    return text


def enumeration_check(made):
    values = "".join(same(f"(int){v.c_name}", f"(int){libxl(v.c_name)}") for v in made.values)
    return values + ENUMERATION_CHECK.format(O=made.c_name, T=libxl(made.c_name),
                                             count=len(made.values))


def checks(made):
    yield f"check_{made.c_name}"
    for field in getattr(made, "fields", ()):
        if isinstance(field.type, KeyedUnion):
            yield f"check_key_of_{made.c_name}_{field.type.keyvar.name}"


def main(idl, header, test):
    types = parse(idl)
    text = preamble(Path(idl).name)
    text += "#include <stddef.h>\n#include <stdlib.h>\n#include <string.h>\n\n"
    text += f'#include "{header}"\n'
    text += '#include "likeness.h"\n#include "random_values.h"\n#include "round_trip.h"\n\n'
    text += "\n".join(enumeration_check(made) if isinstance(made, Enumeration)
                      else struct_check(made) for made in types)
    calls = "".join(f"    {check}(ctx);\n" for made in types for check in checks(made))
    text += f"\nvoid check_every_type(libxl_ctx *ctx) {{\n    random_bits(63);\n{calls}}}\n"
    Path(test).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
