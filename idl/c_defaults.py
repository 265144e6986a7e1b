# SPDX-License-Identifier: LGPL-2.1-only
"""Defaults in C: what _init gives to a value, and the test that a value still has it."""

from c_text import constant, passed
from libxl_hooks import DEFAULT_CHECKS
from model import KeyedUnion, Struct


def init_fields(fields, base):
    lines = []
    for field in fields:
        place = base + field.name
        if field.const:
            continue
        if field.init_val is not None:
            lines.append(f"{place} = {constant(field.type, field.init_val)};")
        elif isinstance(field.type, KeyedUnion):
            key = field.type.keyvar
            if key.default is not None:
                lines.append(f"{base}{key.name} = {constant(key.type, key.default)};")
        else:
            lines += init_value(field.type, place)
    return lines


def init_value(type_, place):
    """Give the zeroed place the default of its type."""
    if type_.init_val is not None:
        return [f"{place} = {constant(type_, type_.init_val)};"]
    if type_.init_fn is not None:
        return [f"{type_.init_fn}({passed(type_, place)});"]
    return init_fields(type_.fields, f"{place}.") if isinstance(type_, Struct) else []


def is_default(type_, place):
    """The C condition that the place holds the default of its type."""
    return _condition(type_, place, type_.init_val, "==", "!", "")


def is_set(type_, place, default):
    """The C condition that the place holds something else than the default, None for zero."""
    return _condition(type_, place, default, "!=", "", "!")


def _condition(type_, place, default, compared, zero, checked):
    if default is not None and not type_.by_reference:
        return f"{place} {compared} {constant(type_, default)}"
    check = DEFAULT_CHECKS.get(type_.check_default_fn, type_.check_default_fn)
    return f"{checked}{check}(&{place})" if check else f"{zero}{place}"
