# SPDX-License-Identifier: LGPL-2.1-only
"""The C source that reads a value from JSON, member by member, and refuses one of another kind."""

from c_defaults import init_value
from c_json_names import has_json, is_inline, parameters, reader, reader_signature, takes_ctx
from c_text import block, fail_early, function, switch
from model import Array, Enumeration, KeyedUnion

# The kinds of JSON value that a json_parse_type stands for.
KINDS = {
    "JSON_NULL": "NULL",
    "JSON_BOOL": "BOOL",
    "JSON_INTEGER": "NUMBER",
    "JSON_DOUBLE": "NUMBER",
    "JSON_NUMBER": "NUMBER",
    "JSON_STRING": "STRING",
    "JSON_MAP": "OBJECT",
    "JSON_ARRAY": "ARRAY",
}


def read(made):
    if isinstance(made, Enumeration):
        lines = ["if (v->kind != XLSNAP_JSON_STRING)", "    return ERROR_FAIL;",
                 f"return {made.c_name}_from_string(v->text, p);"]
    else:
        lines = read_object(made.fields, "v", "p->", 1)
        if any("rc = " in line for line in lines):
            lines.insert(0, "int rc;")
        lines.append("return 0;")
    return function(f"static {reader_signature(made)}", lines, *parameters(made, "v", "p"))


def expect(value, *kinds):
    wrong = " && ".join(f"{value}->kind != XLSNAP_JSON_{kind}" for kind in kinds)
    return [f"if ({wrong})", "    return ERROR_FAIL;"] if kinds else []


def read_object(fields, value, base, depth):
    """Read the members of the object `value`. Each is in a variable numbered by its depth."""
    member = "member" if depth == 1 else f"member{depth}"
    lines = []
    for field in fields:
        if field.const or not has_json(field.type):
            continue
        if isinstance(field.type, KeyedUnion):
            lines += read_keyed_union(field, value, base, depth)
            continue
        place = base + field.name
        if isinstance(field.type, Array):
            inner = read_array(field.type, member, place, base + field.type.lenvar, depth)
        else:
            inner = read_value(field.type, member, place, depth)
        lines.append(f'{member} = xlsnap_json_member({value}, "{field.name}");')
        lines += block(f"if ({member})", inner)
    if any(line.startswith(f"{member} = ") for line in lines):
        lines.insert(0, f"const xlsnap_json_value *{member};")
    return with_declarations_first(lines, expect(value, "OBJECT"))


def with_declarations_first(lines, statements):
    declarations = 1 if lines and lines[0].startswith("const xlsnap_json_value *") else 0
    return [*lines[:declarations], *statements, *lines[declarations:]]


def read_keyed_union(field, value, base, depth):
    """Read the one member of the union that the object has, and set the key to tell it."""
    union, key = field.type, base + field.type.keyvar.name
    names = ", ".join(f'"{union.keyvar.name}.{v.name}"' for v in union.variants)
    keys, chosen, held = f"keys{depth}", f"chosen{depth}", f"held{depth}"
    cases = []
    for number, variant in enumerate(union.variants):
        place = f"{base}{field.name}.{variant.name}"
        lines = []
        if "NULL" not in kinds_of(variant.type):
            lines += [f"if ({held}->kind == XLSNAP_JSON_NULL)", "    break;"]
        lines.append(f"{key} = {variant.value.c_name};")
        if variant.type is None or not has_json(variant.type):
            lines += expect(held, "OBJECT")
        else:
            lines += init_value(variant.type, place)
            lines += block("", read_value(variant.type, held, place, depth))
        cases.append((number, lines))
    return block("", [
        f"static const char *const {keys}[] = {{{names}}};",
        f"const xlsnap_json_value *{held};",
        f"int {chosen};", "",
        *fail_early(f"xlsnap_json_variant({value}, {keys}, {len(union.variants)}, &{chosen},"
                    f" &{held})"),
        *switch(chosen, cases),
    ])


def read_array(type_, value, place, length, depth):
    """Read the elements. The length counts the initialised ones, so that dispose is right."""
    element = f"{place}[{length} - 1]"
    e = f"e{depth}"
    return [
        *expect(value, "ARRAY"),
        f"{place} = calloc({value}->children + 1, sizeof(*{place}));",
        f"if (!{place})", "    return ERROR_NOMEM;",
        *block(
            f"for (const xlsnap_json_value *{e} = {value} + 1; {e} < {value} + {value}->span;"
            f" {e} += {e}->span)",
            [f"{length}++;", *init_value(type_.elem_type, element),
             *read_value(type_.elem_type, e, element, depth)],
        ),
    ]


def read_value(type_, value, place, depth):
    if is_inline(type_):
        return read_object(type_.fields, value, f"{place}.", depth + 1)
    ctx = "ctx, " if takes_ctx(type_) else ""
    return fail_early(f"{reader(type_)}({ctx}{value}, &{place})")


def kinds_of(type_):
    """The kinds of JSON value that the type is read from; none when it may be any."""
    if type_ is None or type_.json_parse_type is None:
        return []
    names = [name.strip() for name in type_.json_parse_type.split("|")]
    return [] if "JSON_ANY" in names else list(dict.fromkeys(KINDS[name] for name in names))
