# SPDX-License-Identifier: LGPL-2.1-only
"""The C source of _init, _init_<keyvar>, _dispose, _copy and the copy of deprecated fields."""

from c_defaults import init_fields, init_value, is_default, is_set
from c_text import block, constant, function, index, loop, passed, switch
from model import Array, KeyedUnion, Struct, Union


def lifecycle_functions(made):
    functions = []
    if made.init_fn and made.autogenerate_init_fn:
        functions.append(init(made))
        functions += [init_key(made, field) for field in keyed_unions(made)]
    if made.dispose_fn and made.autogenerate_dispose_fn:
        functions.append(dispose(made))
    if made.copy_fn and made.autogenerate_copy_fn:
        functions.append(copy(made))
    if made.copy_deprecated_fn:
        functions.append(copy_deprecated(made))
    return functions


def keyed_unions(made):
    return [field for field in made.fields if isinstance(field.type, KeyedUnion)]


def init(made):
    lines = ["memset(p, 0, sizeof(*p));"]
    if isinstance(made, Struct):
        lines += init_fields(made.fields, "p->")
    return function(f"void {made.init_fn}({made.c_name} *p)", lines)


def init_key(made, field):
    union = field.type
    key = union.keyvar
    untouched = f"p->{key.name} == {constant(key.type, key.default or '0')}"
    cases = [
        (v.value.c_name, init_value(v.type, f"p->{field.name}.{v.name}") if v.type else [])
        for v in union.variants
    ]
    return function(
        f"void {made.init_fn}_{key.name}({made.c_name} *p, {key.type.declare(key.name)})",
        [f"assert({untouched});", f"p->{key.name} = {key.name};", *switch(key.name, cases)],
    )


def dispose(made):
    lines = dispose_fields(made.fields, "p->") if isinstance(made, Struct) else []
    return function(
        f"void {made.dispose_fn}({made.c_name} *p)",
        ["if (!p)", "    return;", *lines, "memset(p, 0, sizeof(*p));"],
    )


def dispose_fields(fields, base, depth=0):
    lines = []
    for field in fields:
        type_, place = field.type, base + field.name
        if field.const:
            continue
        if isinstance(type_, Array):
            element = f"{place}[{index(depth)}]"
            inner = dispose_value(type_.elem_type, element, depth + 1)
            lines += loop(base + type_.lenvar, inner, depth)
        if isinstance(type_, KeyedUnion):
            cases = [
                (v.value.c_name, dispose_value(v.type, f"{place}.{v.name}", depth))
                for v in type_.variants if v.type
            ]
            lines += switch(base + type_.keyvar.name, cases)
        else:
            lines += dispose_value(type_, place, depth)
    return lines


def dispose_value(type_, place, depth):
    if type_.dispose_fn is not None:
        return [f"{type_.dispose_fn}({passed(type_, place)});"]
    return dispose_fields(type_.fields, f"{place}.", depth) if isinstance(type_, Struct) else []


def copy(made):
    if isinstance(made, Union):
        lines = ["*dst = *src;"]
    else:
        lines = copy_fields(made.fields, "dst->", "src->")
        if leaves_gaps(made):
            lines.insert(0, "memset(dst, 0, sizeof(*dst));")
    name = made.c_name
    return function(
        f"void {made.copy_fn}(libxl_ctx *ctx, {name} *dst, const {name} *src)", lines,
        "ctx", "dst", "src",
    )


def leaves_gaps(struct):
    """True when a copy of every field does not write every byte that a reader may look at."""
    return any(
        field.const or field.type.private or isinstance(field.type, KeyedUnion)
        or (isinstance(field.type, Struct) and not field.type.copy_fn and leaves_gaps(field.type))
        for field in struct.fields
    )


def copy_fields(fields, to, of, depth=0):
    lines = []
    for field in fields:
        type_, dst, src = field.type, to + field.name, of + field.name
        if field.const or type_.private:
            continue
        if isinstance(type_, Array):
            length, i = of + type_.lenvar, index(depth)
            lines.append(f"{to}{type_.lenvar} = {length};")
            lines.append(f"{dst} = xlsnap_array_alloc({length}, sizeof(*{dst}));")
            inner = copy_value(type_.elem_type, f"{dst}[{i}]", f"{src}[{i}]", depth + 1)
            lines += loop(length, inner, depth)
        elif isinstance(type_, KeyedUnion):
            key = type_.keyvar.name
            cases = [
                (v.value.c_name,
                 copy_value(v.type, f"{dst}.{v.name}", f"{src}.{v.name}", depth))
                for v in type_.variants if v.type and not v.type.private
            ]
            lines += [f"{to}{key} = {of}{key};", *switch(of + key, cases)]
        else:
            lines += copy_value(type_, dst, src, depth)
    return lines


def copy_value(type_, dst, src, depth):
    if type_.copy_fn is not None:
        return [f"{type_.copy_fn}(ctx, &{dst}, &{src});"]
    if isinstance(type_, Struct):
        return copy_fields(type_.fields, f"{dst}.", f"{src}.", depth)
    return [f"{dst} = {src};"]


def copy_deprecated(made):
    return function(
        f"int {made.copy_deprecated_fn}(libxl_ctx *ctx, {made.c_name} *p)",
        [*deprecated_fields(made.fields, "p->"), "return 0;"], "ctx", "p",
    )


def deprecated_fields(fields, base):
    """Move each deprecated field that is set to its successor, which may not be set too."""
    lines = []
    for field in fields:
        place = base + field.name
        if field.const:
            continue
        if isinstance(field.type, KeyedUnion):
            cases = [
                (v.value.c_name, deprecated_fields(v.type.fields, f"{place}.{v.name}."))
                for v in field.type.variants
                if isinstance(v.type, Struct) and v.type.c_name is None
            ]
            lines += switch(base + field.type.keyvar.name, cases)
        elif field.deprecated_by is not None:
            lines += move_deprecated(field.type, place, f"p->{field.deprecated_by}")
        elif isinstance(field.type, Struct) and field.type.c_name is None:
            lines += deprecated_fields(field.type.fields, f"{place}.")
    return lines


def move_deprecated(type_, old, new):
    lines = copy_value(type_, new, old, 0)
    if type_.dispose_fn:
        lines.append(f"{type_.dispose_fn}({passed(type_, old)});")
    lines += init_value(type_, old) or [f"memset(&{old}, 0, sizeof({old}));"]
    return [
        f"if ({is_set(type_, new, type_.init_val)} && {is_set(type_, old, type_.init_val)})",
        "    return -EINVAL;",
        *block(f"if ({is_default(type_, new)})", lines),
    ]
