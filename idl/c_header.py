# SPDX-License-Identifier: LGPL-2.1-only
"""The C header of the types: their definitions and prototypes, in libxl's order."""

from c_lifecycle import keyed_unions
from c_text import comment, fold
from model import Aggregate, Array, Enumeration, KeyedUnion

# What holds for the functions of every type; they are those that libxl's own types have.
CONTRACT = """\
The life cycle of the types is that of libxl's own (see libxl.h):

T_init makes a value of defaults; call it before any other use. T_dispose frees what the fields
own, not the structure itself, and may be called again. T_copy makes dst, which needs no T_init,
a deep copy of src. T_to_json returns the value as JSON text, which the caller frees, or NULL: a
string that is not UTF-8 has no JSON form. T_from_json does T_init and takes the value from JSON
text; it returns 0 or a negative libxl_error, and T_dispose is due either way.

Strings and arrays are the structure's own, from malloc(). T_copy and T_from_json need a ctx that
libxl_ctx_alloc() made, as libxl's own do."""

KEYED_CONTRACT = """
T_init_<key> says, once after T_init, which member a union holds, and gives it its defaults.
T_from_json takes that from the name of the member."""


def header_text(types, header_name):
    guard = "".join(c if c.isalnum() else "_" for c in header_name).upper()
    text = f"#ifndef {guard}\n#define {guard}\n\n"
    text += '#ifdef __cplusplus\nextern "C" {\n#endif\n\n#include <libxl.h>\n\n'
    text += comment(contract(types).splitlines()) + "\n"
    for made in types:
        text += comment(made.doc) + definition(made) + prototypes(made) + "\n"
    return text + f"#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n"


def contract(types):
    keyed = any(keyed_unions(made) for made in types if isinstance(made, Aggregate))
    return CONTRACT + (f"\n{KEYED_CONTRACT}" if keyed else "")


def definition(made):
    if isinstance(made, Enumeration):
        return enumeration_definition(made)
    return f"typedef {made.kind} {made.c_name} {{\n{members(made)}}} {made.c_name};\n"


def enumeration_definition(made):
    text = f"typedef enum {made.c_name} {{\n"
    for value in made.values:
        text += comment(value.doc, "    ")
        text += f"    {value.c_name} = {value.number},\n"
    return text + f"}} {made.c_name};\n"


def members(made, indent="    "):
    """The C members of an aggregate, which may be the variants of a keyed union."""
    text = ""
    for member in getattr(made, "fields", None) or made.variants:
        if member.type is None:
            continue
        text += comment(member.doc, indent)
        if isinstance(member.type, Array):
            text += f"{indent}int {member.type.lenvar};\n"
        if isinstance(member.type, KeyedUnion):
            key = member.type.keyvar
            text += f"{indent}{key.type.declare(key.name)};\n"
        const = "const " if getattr(member, "const", False) else ""
        text += f"{indent}{const}{declaration(member.type, member.name, indent)};\n"
    return text


def declaration(type_, name, indent):
    if type_.c_name is not None:
        return type_.declare(name)
    return f"{type_.kind} {{\n{members(type_, indent + '    ')}{indent}}} {name}"


def prototypes(made):
    if isinstance(made, KeyedUnion):
        return ""
    lines = [*lifecycle_prototypes(made), *json_prototypes(made)]
    if isinstance(made, Enumeration):
        name = made.c_name
        lines += [
            f"const char *{name}_to_string({name} e);",
            f"int {name}_from_string(const char *s, {name} *e);",
            f"extern libxl_enum_string_table {name}_string_table[];",
        ]
    hidden = '__attribute__((visibility("hidden")))\n' if made.hidden else ""
    return "".join(f"{hidden}{fold(line)}\n" for line in lines)


def lifecycle_prototypes(made):
    name = made.c_name
    if made.dispose_fn:
        yield f"void {made.dispose_fn}({name} *p);"
    if made.copy_deprecated_fn:
        yield f"int {made.copy_deprecated_fn}(libxl_ctx *ctx, {name} *p);"
    if made.copy_fn:
        yield f"void {made.copy_fn}(libxl_ctx *ctx, {name} *dst, const {name} *src);"
    if made.init_fn:
        yield f"void {made.init_fn}({name} *p);"
        for field in keyed_unions(made) if isinstance(made, Aggregate) else ():
            key = field.type.keyvar
            yield f"void {made.init_fn}_{key.name}({name} *p, {key.type.declare(key.name)});"


def json_prototypes(made):
    name = made.c_name
    if made.json_gen_fn:
        parameter = f"{name} *p" if made.by_reference else f"{name} e"
        yield f"char *{name}_to_json(libxl_ctx *ctx, {parameter});"
    if made.json_parse_fn:
        parameter = f"{name} *p" if made.by_reference else f"{name} *e"
        yield f"int {name}_from_json(libxl_ctx *ctx, {parameter}, const char *s);"
