# SPDX-License-Identifier: LGPL-2.1-only
"""C functions for tests: random values of a Struct, and the comparison of two of them.

What its JSON and its copy leave out (const and private fields) stays at the default.
"""

from c_json_names import has_json
from c_text import function, index, indented, loop, passed, switch
from model import Array, Builtin, Enumeration, KeyedUnion, Struct


def random_function(struct):
    lines = [f"{struct.init_fn}(p);" if struct.init_fn else "memset(p, 0, sizeof(*p));"]
    lines += random_fields(struct.fields, "p->")
    return "\n" + function(f"static void random_{struct.c_name}({struct.c_name} *p)", lines)


def compared(fields):
    return [field for field in fields if not field.const and has_json(field.type)]


def random_fields(fields, base, depth=0):
    lines = []
    for field in compared(fields):
        type_, place = field.type, base + field.name
        if isinstance(type_, Array):
            length = base + type_.lenvar
            lines.append(f"{length} = random_length();")
            lines.append(f"{place} = random_array({length}, sizeof(*{place}));")
            element = random_value(type_.elem_type, f"{place}[{index(depth)}]", depth + 1)
            lines += loop(length, element, depth)
        elif isinstance(type_, KeyedUnion):
            lines += random_keyed_union(type_, place, base, depth)
        else:
            lines += random_value(type_, place, depth)
    return lines


def random_keyed_union(union, place, base, depth):
    """One of the members, whatever else the enumeration names."""
    key = union.keyvar
    numbers = [f"{{NULL, {variant.value.c_name}}}" for variant in union.variants]
    chosen = f"{key.name}_values"
    cases = [
        (v.value.c_name, random_value(v.type, f"{place}.{v.name}", depth) if v.type else [])
        for v in union.variants
    ]
    return [
        "{", f"    static const libxl_enum_string_table {chosen}[] = {{{', '.join(numbers)}}};", "",
        f"    {base}{key.name} = ({key.type.c_name})random_row({chosen}, {len(numbers)});", "}",
        *switch(base + key.name, cases),
    ]


def random_value(type_, place, depth):
    if isinstance(type_, Struct) and type_.c_name is None:
        return random_fields(type_.fields, f"{place}.", depth)
    if type_.by_reference:
        return [f"random_{type_.c_name}(&{place});"]
    if isinstance(type_, Enumeration):
        return [f"{place} = ({type_.c_name})random_enum({type_.c_name}_string_table);"]
    if type_.is_integer:
        return [f"{place} = ({type_.c_name})random_number();"]
    return [f"{place} = random_{plain_name(type_)}();"]


def equal_function(struct):
    name = struct.c_name
    lines = equal_fields(struct.fields, "a->", "b->")
    signature = f"static bool equal_{name}({name} *a, {name} *b)"
    return "\n" + function(signature, [*lines, "return true;"], "a", "b")


def equal_fields(fields, a_base, b_base, depth=0):
    lines = []
    for field in compared(fields):
        type_, a, b = field.type, a_base + field.name, b_base + field.name
        if isinstance(type_, Array):
            length, i = type_.lenvar, index(depth)
            lines += unless(f"{a_base}{length} != {b_base}{length}")
            inner = equal_value(type_.elem_type, f"{a}[{i}]", f"{b}[{i}]", depth + 1)
            lines += loop(a_base + length, inner, depth)
        elif isinstance(type_, KeyedUnion):
            key = type_.keyvar.name
            lines += unless(f"{a_base}{key} != {b_base}{key}")
            cases = [
                (v.value.c_name, equal_value(v.type, f"{a}.{v.name}", f"{b}.{v.name}", depth))
                for v in type_.variants if v.type
            ]
            lines += switch(a_base + key, cases)
        else:
            lines += equal_value(type_, a, b, depth)
    return lines


def unless(different):
    return [f"if ({different})", *indented(["return false;"])]


def equal_value(type_, a, b, depth):
    if isinstance(type_, Struct) and type_.c_name is None:
        return equal_fields(type_.fields, f"{a}.", f"{b}.", depth)
    if type_.by_reference:
        return unless(f"!equal_{type_.c_name}({passed(type_, a)}, {passed(type_, b)})")
    if isinstance(type_, Builtin) and type_.dispose_fn:
        return unless(f"!equal_{plain_name(type_)}({a}, {b})")
    return unless(f"{a} != {b}")


def plain_name(type_):
    return "string" if type_.c_name == "char *" else type_.c_name
