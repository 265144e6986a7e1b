# SPDX-License-Identifier: LGPL-2.1-only
"""The C source of the functions of every type; gen_types.py writes it to a file.

The text stays small because it only names fields: reading, writing and bounding JSON is the work
of the hand-written code in runtime/.
"""

from model import Array, Builtin, Enumeration, Struct

LINE_LENGTH = 100


def source_text(types, header_name):
    text = f'#include "{header_name}"\n\n'
    text += "#include <stdlib.h>\n#include <string.h>\n\n#include <libxl_utils.h>\n\n"
    text += '#include "array_alloc.h"\n#include "enum_strings.h"\n'
    text += '#include "json_reader.h"\n#include "json_writer.h"\n'
    for foreign in foreign_types(types):
        text += "\n" + foreign_functions(foreign)
    for made in types:
        if isinstance(made, Struct):
            text += "\n" + struct_functions(made)
        elif isinstance(made, Enumeration):
            text += "\n" + enumeration_functions(made)
    return text


def foreign_types(types):
    """The types of libxl that the structures hold, in the order in which they are met."""
    found = []
    for struct in types:
        for field in struct.fields if isinstance(struct, Struct) else ():
            used = field.type.elem_type if isinstance(field.type, Array) else field.type
            if isinstance(used, Builtin) and used.foreign and used not in found:
                found.append(used)
    return found


def foreign_functions(foreign):
    name = foreign.c_name
    writer = f"static void {foreign.json_gen_fn}(libxl_ctx *ctx, xlsnap_json_writer *w, {name} *p)"
    reader = (
        f"static int {foreign.json_parse_fn}(libxl_ctx *ctx, const xlsnap_json_value *v,"
        f" {name} *p)"
    )
    return f"""\
{fold(writer)} {{
    char *text = {name}_to_json(ctx, p);

    xlsnap_json_write_text(w, text);
    free(text);
}}

{fold(reader)} {{
    char *text;
    int rc;

    if (v->kind != XLSNAP_JSON_OBJECT)
        return ERROR_FAIL;
    text = xlsnap_json_text(v);
    if (!text)
        return ERROR_NOMEM;
    rc = {name}_from_json(ctx, p, text);
    free(text);
    return rc;
}}
"""


def struct_functions(struct):
    parts = (init, dispose, copy, write, read, to_json, from_json)
    return "\n".join(part(struct) for part in parts)


def init(struct):
    text = f"void {struct.init_fn}({struct.c_name} *p) {{\n    memset(p, 0, sizeof(*p));\n"
    for field in struct.fields:
        if field.type.init_fn:
            text += f"    {field.type.init_fn}(&p->{field.name});\n"
    return text + "}\n"


def dispose(struct):
    text = f"void {struct.dispose_fn}({struct.c_name} *p) {{\n    if (!p)\n        return;\n"
    for field in struct.fields:
        place = f"p->{field.name}"
        if isinstance(field.type, Array):
            if field.type.elem_type.dispose_fn:
                text += loop(f"p->{field.type.lenvar}")
                text += f"        {dispose_call(field.type.elem_type, place + '[i]')}\n"
            text += f"    free({place});\n"
        elif field.type.dispose_fn:
            text += f"    {dispose_call(field.type, place)}\n"
    return text + "    memset(p, 0, sizeof(*p));\n}\n"


def dispose_call(type_, place):
    return f"{type_.dispose_fn}({'&' if type_.by_reference else ''}{place});"


def copy(struct):
    body = ""
    for field in struct.fields:
        dst, src = f"dst->{field.name}", f"src->{field.name}"
        if isinstance(field.type, Array):
            length = f"src->{field.type.lenvar}"
            body += f"    dst->{field.type.lenvar} = {length};\n"
            body += f"    {dst} = xlsnap_array_alloc({length}, sizeof(*{dst}));\n"
            body += loop(length)
            body += f"        {copy_call(field.type.elem_type, dst + '[i]', src + '[i]')}\n"
        else:
            body += f"    {copy_call(field.type, dst, src)}\n"
    return function(
        f"void {struct.copy_fn}(libxl_ctx *ctx, {struct.c_name} *dst, const {struct.c_name} *src)",
        body,
    )


def copy_call(type_, dst, src):
    if type_.copy_fn:
        return f"{type_.copy_fn}(ctx, &{dst}, &{src});"
    return f"{dst} = {src};"


def write(struct):
    body = "    xlsnap_json_begin_object(w);\n"
    for field in struct.fields:
        place = f"p->{field.name}"
        key = f'xlsnap_json_key(w, "{field.name}");\n'
        if isinstance(field.type, Array):
            length = f"p->{field.type.lenvar}"
            body += f"    if ({place} && {length} > 0) {{\n        {key}"
            body += "        xlsnap_json_begin_array(w);\n"
            body += loop(length, "        ")
            body += f"            {write_call(field.type.elem_type, place + '[i]')}\n"
            body += "        xlsnap_json_end_array(w);\n    }\n"
        elif field.type.by_reference:
            body += f"    {key}    {write_call(field.type, place)}\n"
        else:
            body += f"    if ({place}) {{\n        {key}"
            body += f"        {write_call(field.type, place)}\n    }}\n"
    body += "    xlsnap_json_end_object(w);\n"
    return function(
        f"static void {struct.json_gen_fn}(libxl_ctx *ctx, xlsnap_json_writer *w,"
        f" {struct.c_name} *p)",
        body,
    )


def write_call(type_, place):
    if type_.by_reference:
        return f"{type_.json_gen_fn}(ctx, w, &{place});"
    return f"{type_.json_gen_fn}(w, {place});"


def read(struct):
    body = "    const xlsnap_json_value *member;\n    int rc;\n\n"
    body += "    if (v->kind != XLSNAP_JSON_OBJECT)\n        return ERROR_FAIL;\n"
    for field in struct.fields:
        body += f'    member = xlsnap_json_member(v, "{field.name}");\n    if (member) {{\n'
        if isinstance(field.type, Array):
            body += read_array(field)
        else:
            body += f"        rc = {read_call(field.type, 'member', 'p->' + field.name)}\n"
            body += "        if (rc)\n            return rc;\n"
        body += "    }\n"
    return function(
        f"static int {struct.json_parse_fn}(libxl_ctx *ctx, const xlsnap_json_value *v,"
        f" {struct.c_name} *p)",
        body + "    return 0;\n",
    )


def read_array(field):
    """Read the elements. The length counts the initialised ones, so that dispose is right."""
    place, length = f"p->{field.name}", f"p->{field.type.lenvar}"
    element = f"{place}[{length} - 1]"
    text = f"""\
        if (member->kind != XLSNAP_JSON_ARRAY)
            return ERROR_FAIL;
        {place} = calloc(member->children + 1, sizeof(*{place}));
        if (!{place})
            return ERROR_NOMEM;
        for (const xlsnap_json_value *e = member + 1; e < member + member->span; e += e->span) {{
"""
    if field.type.elem_type.init_fn:
        text += f"            {field.type.elem_type.init_fn}(&{place}[{length}]);\n"
    text += f"            {length}++;\n"
    text += f"            rc = {read_call(field.type.elem_type, 'e', element)}\n"
    return text + "            if (rc)\n                return rc;\n        }\n"


def read_call(type_, value, place):
    if type_.by_reference:
        return f"{type_.json_parse_fn}(ctx, {value}, &{place});"
    return f"{type_.json_parse_fn}({value}, &{place});"


def to_json(struct):
    return f"""\
char *{struct.c_name}_to_json(libxl_ctx *ctx, {struct.c_name} *p) {{
    xlsnap_json_writer w;

    xlsnap_json_writer_open(&w);
    {struct.json_gen_fn}(ctx, &w, p);
    return xlsnap_json_writer_close(&w);
}}
"""


def from_json(struct):
    name = struct.c_name
    return f"""\
{fold(f"int {name}_from_json(libxl_ctx *ctx, {name} *p, const char *s)")} {{
    xlsnap_json_document document;
    int rc;

    {struct.init_fn}(p);
    rc = xlsnap_json_parse(s, &document);
    if (rc)
        return rc;
    rc = {struct.json_parse_fn}(ctx, document.values, p);
    xlsnap_json_document_free(&document);
    return rc;
}}
"""


def enumeration_functions(enumeration):
    name = enumeration.c_name
    cases = "".join(
        f'    case {value.c_name}:\n        return "{value.text}";\n'
        for value in enumeration.values
    )
    rows = "".join(
        f'    {{"{value.text}", {value.c_name}}},\n' for value in enumeration.values
    )
    return f"""\
const char *{name}_to_string({name} e) {{
    switch (e) {{
{cases}    default:
        return NULL;
    }}
}}

libxl_enum_string_table {name}_string_table[] = {{
{rows}    {{NULL, -1}},
}};

int {name}_from_string(const char *s, {name} *e) {{
    int number;
    int rc = xlsnap_enum_from_string({name}_string_table, s, &number);

    if (!rc)
        *e = ({name})number;
    return rc;
}}

static void {enumeration.json_gen_fn}(xlsnap_json_writer *w, {name} e) {{
    xlsnap_json_write_string(w, {name}_to_string(e));
}}

static int {enumeration.json_parse_fn}(const xlsnap_json_value *v, {name} *e) {{
    if (v->kind != XLSNAP_JSON_STRING)
        return ERROR_FAIL;
    return {name}_from_string(v->text, e);
}}

char *{name}_to_json(libxl_ctx *ctx, {name} e) {{
    xlsnap_json_writer w;

    (void)ctx;
    xlsnap_json_writer_open(&w);
    {enumeration.json_gen_fn}(&w, e);
    return xlsnap_json_writer_close(&w);
}}

int {name}_from_json(libxl_ctx *ctx, {name} *e, const char *s) {{
    xlsnap_json_document document;
    int rc;

    (void)ctx;
    rc = xlsnap_json_parse(s, &document);
    if (rc)
        return rc;
    rc = {enumeration.json_parse_fn}(document.values, e);
    xlsnap_json_document_free(&document);
    return rc;
}}
"""


def loop(length, indent="    "):
    return f"{indent}for (int i = 0; i < {length}; i++)\n"


def function(signature, body):
    """A function of the signature; it says so when its body has no use for ctx."""
    unused = "" if "ctx" in body else "    (void)ctx;\n"
    return f"{fold(signature)} {{\n{unused}{body}}}\n"


def fold(prototype):
    """The prototype, with its last parameter on a line of its own when it is too long for one."""
    if len(prototype) <= LINE_LENGTH - len(" {"):
        return prototype
    first, _, last = prototype.rpartition(", ")
    return f"{first},\n{' ' * (prototype.index('(') + 1)}{last}"
