#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Generate the C types of an IDL file: gen_types.py FILE.idl HEADER SOURCE

What is written depends on the text of FILE.idl and on the last part of each path, on nothing else.
"""

import sys
from pathlib import Path

from c_source import LINE_LENGTH, fold, source_text
from model import Array, Enumeration, IdlError, Struct, parse


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


def comment(lines, indent=""):
    """The C comment that holds the lines; empty when there are none."""
    if not lines:
        return ""
    single = f"{indent}/* {lines[0]} */"
    if len(lines) == 1 and len(single) <= LINE_LENGTH:
        return single + "\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/*\n{body}{indent} */\n"


def preamble(idl_name):
    return comment(["SPDX-License-Identifier: LGPL-2.1-only"]) + comment(
        [f"Generated from {idl_name}. Do not edit."]
    )


def struct_definition(struct):
    text = f"typedef struct {struct.c_name} {{\n"
    for member in struct.fields:
        text += comment(member.doc, "    ")
        if isinstance(member.type, Array):
            text += f"    int {member.type.lenvar};\n"
        text += f"    {member.type.declare(member.name)};\n"
    return text + f"}} {struct.c_name};\n"


def struct_prototypes(struct):
    name = struct.c_name
    return prototypes(
        f"void {name}_init({name} *p);",
        f"void {name}_dispose({name} *p);",
        f"void {name}_copy(libxl_ctx *ctx, {name} *dst, const {name} *src);",
        f"char *{name}_to_json(libxl_ctx *ctx, {name} *p);",
        f"int {name}_from_json(libxl_ctx *ctx, {name} *p, const char *s);",
    )


def enumeration_definition(enumeration):
    text = f"typedef enum {enumeration.c_name} {{\n"
    for value in enumeration.values:
        text += comment(value.doc, "    ")
        text += f"    {value.c_name} = {value.number},\n"
    return text + f"}} {enumeration.c_name};\n"


def enumeration_prototypes(enumeration):
    name = enumeration.c_name
    return prototypes(
        f"const char *{name}_to_string({name} e);",
        f"int {name}_from_string(const char *s, {name} *e);",
        f"char *{name}_to_json(libxl_ctx *ctx, {name} e);",
        f"int {name}_from_json(libxl_ctx *ctx, {name} *e, const char *s);",
        f"extern libxl_enum_string_table {name}_string_table[];",
    )


def prototypes(*lines):
    return "".join(f"{fold(line)}\n" for line in lines)


def header_text(types, idl_name, header_name):
    guard = "".join(c if c.isalnum() else "_" for c in header_name).upper()
    text = preamble(idl_name)
    text += f"#ifndef {guard}\n#define {guard}\n\n"
    text += '#ifdef __cplusplus\nextern "C" {\n#endif\n\n#include <libxl.h>\n\n'
    text += comment(CONTRACT.splitlines()) + "\n"
    for made in types:
        text += comment(made.doc)
        if isinstance(made, Struct):
            text += struct_definition(made) + struct_prototypes(made)
        elif isinstance(made, Enumeration):
            text += enumeration_definition(made) + enumeration_prototypes(made)
        text += "\n"
    return text + f"#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n"


def main(arguments):
    if len(arguments) != 3:
        print("usage: gen_types.py FILE.idl HEADER SOURCE", file=sys.stderr)
        return 2
    idl, header, source = (Path(argument) for argument in arguments)
    try:
        types = parse(idl)
    except (IdlError, OSError) as error:
        print(f"gen_types.py: {error}", file=sys.stderr)
        return 1
    header.write_text(header_text(types, idl.name, header.name), encoding="utf-8")
    source.write_text(preamble(idl.name) + source_text(types, header.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
