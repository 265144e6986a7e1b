# SPDX-License-Identifier: LGPL-2.1-only
"""The C functions that write and read the JSON of a type, and which types have any."""

from libxl_hooks import READERS, WRITERS
from model import Array, Builtin, KeyedUnion, Struct


def has_json(type_):
    """True when a field of the type is a member of the JSON of its structure."""
    if isinstance(type_, Array):
        return has_json(type_.elem_type)
    if isinstance(type_, (KeyedUnion, Struct)):
        return not type_.private
    return not type_.private and type_.json_gen_fn is not None


def is_inline(type_):
    """True when the type has no writer and no reader of its own."""
    return isinstance(type_, Struct) and type_.json_gen_fn is None


def takes_ctx(type_):
    return type_.by_reference or (isinstance(type_, Builtin) and type_.foreign)


def writer(type_):
    """The function that writes a value of the type."""
    name = type_.json_gen_fn
    if isinstance(type_, Builtin):
        if name == "yajl_gen_integer":
            return f"xlsnap_json_write_{'int' if type_.signed else 'uint'}"
        return f"write_{type_.c_name}" if type_.foreign else WRITERS.get(name, name)
    return f"write_{type_.c_name}" if type_.autogenerate_json else name


def reader(type_):
    name = type_.json_parse_fn
    if isinstance(type_, Builtin):
        return f"read_{type_.c_name}" if type_.foreign else READERS.get(name, name)
    return f"read_{type_.c_name}" if type_.autogenerate_json else name


def writer_signature(type_):
    ctx = "libxl_ctx *ctx, " if takes_ctx(type_) else ""
    parameter = f"{type_.c_name} *p" if type_.by_reference else type_.declare("p")
    return f"void {writer(type_)}({ctx}xlsnap_json_writer *w, {parameter})"


def reader_signature(type_):
    ctx = "libxl_ctx *ctx, " if takes_ctx(type_) else ""
    return f"int {reader(type_)}({ctx}const xlsnap_json_value *v, {type_.declare('*p')})"


def parameters(type_, *names):
    return ("ctx", *names) if takes_ctx(type_) else names
