# SPDX-License-Identifier: LGPL-2.1-only
"""The C source that writes a value as JSON: the names of fields, in their order."""

from c_defaults import is_set
from c_json_names import has_json, is_inline, parameters, takes_ctx, writer, writer_signature
from c_text import block, function, index, loop, passed, switch
from model import Array, Enumeration, KeyedUnion, Struct


def is_written(field, base):
    """The C condition under which a field is in the JSON text; None when it always is."""
    type_, place = field.type, base + field.name
    if isinstance(type_, Array):
        return f"{place} && {base}{type_.lenvar} > 0"
    if isinstance(type_, Struct) or (type_.by_reference and not type_.check_default_fn):
        return None
    return is_set(type_, place, field.default)


def write(made):
    if isinstance(made, Enumeration):
        lines = [f"xlsnap_json_write_string(w, {made.c_name}_to_string(p));"]
    else:
        lines = write_object(made.fields, "p->")
    return function(f"static {writer_signature(made)}", lines, *parameters(made, "w", "p"))


def write_object(fields, base, depth=0):
    lines = ["xlsnap_json_begin_object(w);"]
    for field in fields:
        type_, place = field.type, base + field.name
        if field.const or not has_json(type_):
            continue
        if isinstance(type_, KeyedUnion):
            cases = [
                (v.value.c_name,
                 write_member(f"{type_.keyvar.name}.{v.name}",
                              write_variant(v, f"{place}.{v.name}", depth)))
                for v in type_.variants
            ]
            lines += switch(base + type_.keyvar.name, cases)
            continue
        if isinstance(type_, Array):
            value = write_array(type_, place, base + type_.lenvar, depth)
        else:
            value = write_value(type_, place, depth)
        condition = is_written(field, base)
        member = write_member(field.name, value)
        lines += block(f"if ({condition})", member) if condition else member
    return [*lines, "xlsnap_json_end_object(w);"]


def write_member(name, value):
    return [f'xlsnap_json_key(w, "{name}");', *value]


def write_variant(variant, place, depth):
    if variant.type is None or not has_json(variant.type):
        return write_object((), "", depth)
    return write_value(variant.type, place, depth)


def write_array(type_, place, length, depth):
    element = write_value(type_.elem_type, f"{place}[{index(depth)}]", depth + 1)
    return [
        "xlsnap_json_begin_array(w);", *loop(length, element, depth), "xlsnap_json_end_array(w);"
    ]


def write_value(type_, place, depth):
    if is_inline(type_):
        return write_object(type_.fields, f"{place}.", depth)
    ctx = "ctx, " if takes_ctx(type_) else ""
    return [f"{writer(type_)}({ctx}w, {passed(type_, place)});"]
