# SPDX-License-Identifier: LGPL-2.1-only
"""What a generated source needs for the types that it does not define.

Those of libxl go through their JSON text, integers of other widths get a reader, and the functions
that an author names are declared: he defines them elsewhere.
"""

import re

from c_json import foreign_reader, foreign_writer, number_reader
from c_json_names import reader, reader_signature, writer, writer_signature
from c_text import fold
from libxl_hooks import DEFAULT_CHECKS, READERS, WRITERS
from model import Array, Builtin, KeyedUnion, Number


def used_types(types):
    """The types of all fields, in the order in which they are met, each once."""
    found = []

    def meet(type_):
        if type_ is None or type_ in found:
            return
        if isinstance(type_, Array):
            return meet(type_.elem_type)
        for member in getattr(type_, "fields", getattr(type_, "variants", ())):
            meet(member.type)
        found.append(type_)

    for type_ in types:
        meet(type_)
    return found


def support(types, body):
    """The functions and declarations that the body calls for."""
    called = set(re.findall(r"\b\w+(?=\()", body))
    functions, declarations = [], []
    for type_ in used_types(types):
        if isinstance(type_, Builtin) and type_.foreign:
            functions += [foreign_writer(type_)] if writer(type_) in called else []
            functions += [foreign_reader(type_)] if reader(type_) in called else []
        elif isinstance(type_, Number) and reader(type_).startswith("read_"):
            functions += [number_reader(type_)] if reader(type_) in called else []
        else:
            declarations += [
                f"{fold(signature)};" for name, signature in own_json(type_) if name in called
            ]
        declarations += [
            f"{fold(signature)};" for name, signature in own_hooks(type_) if name in called
        ]
    return list(dict.fromkeys(functions)), list(dict.fromkeys(declarations))


def own_json(type_):
    """The writer and the reader that the author of the type has written by hand."""
    if isinstance(type_, KeyedUnion) or (
            type_.autogenerate_json and not isinstance(type_, Builtin)):
        return
    own_writer = type_.json_gen_fn not in (None, "yajl_gen_integer", *WRITERS)
    own_reader = type_.json_parse_fn not in (None, *READERS)
    if own_writer:
        yield writer(type_), writer_signature(type_)
    if own_reader:
        yield reader(type_), reader_signature(type_)


def own_hooks(type_):
    """The other functions by hand; the header declares those of the types that it defines."""
    pointer = f"{type_.c_name} *" if type_.c_name else ""
    if isinstance(type_, Builtin):
        value = pointer if type_.by_reference else f"{type_.c_name} "
        for name in (type_.init_fn, type_.dispose_fn):
            if is_own(name):
                yield name, f"void {name}({value}p)"
        if is_own(type_.copy_fn):
            name = type_.copy_fn
            yield name, f"void {name}(libxl_ctx *ctx, {pointer}dst, const {pointer}src)"
    name = type_.check_default_fn
    if is_own(name) and name not in DEFAULT_CHECKS:
        yield name, f"bool {name}({pointer}p)"


def is_own(name):
    """False for what <libxl.h> or the C library declares."""
    return name is not None and name != "free" and not name.startswith("libxl_")
