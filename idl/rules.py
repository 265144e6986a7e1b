# SPDX-License-Identifier: LGPL-2.1-only
"""The rules of the language that a look at what is given decides; each failure is an IdlError."""

from model import (
    DIR_BOTH, DIR_IN, DIR_NONE, DIR_OUT, PASS_BY_REFERENCE, PASS_BY_VALUE, Array, IdlError,
    KeyedUnion, Struct,
)

JSON_KINDS = {
    "JSON_ANY", "JSON_NULL", "JSON_BOOL", "JSON_INTEGER", "JSON_DOUBLE", "JSON_NUMBER",
    "JSON_STRING", "JSON_MAP", "JSON_ARRAY",
}


def check_union(where, union):
    for field in union.fields:
        if isinstance(field.type, (Array, KeyedUnion)):
            raise IdlError(f"{where}.{field.name}: put it into a Struct, which has room for its key"
                           " or length")
        if owns(field.type) and not (
                union.dispose_fn and union.copy_fn and not union.autogenerate_copy_fn):
            raise IdlError(f"{where}.{field.name} owns memory: a Union needs a dispose_fn and a"
                           " copy_fn (autogenerate_copy_fn = False) that know its member")


def owns(type_):
    if isinstance(type_, Struct):
        return any(owns(field.type) for field in type_.fields if not field.const)
    if isinstance(type_, KeyedUnion):
        return any(variant.type and owns(variant.type) for variant in type_.variants)
    return type_.dispose_fn is not None


def check_deprecated(struct, fields):
    """A deprecated field and its successor, a field of the structure itself, are of one type."""
    for field in fields:
        if isinstance(field.type, KeyedUnion):
            for variant in field.type.variants:
                check_deprecated(struct, getattr(variant.type, "fields", ()))
        elif field.type.c_name is None:
            check_deprecated(struct, getattr(field.type, "fields", ()))
        elif field.deprecated_by is not None:
            where = f"{struct.c_name}: {field.name} is deprecated by {field.deprecated_by}, which"
            successors = [f for f in struct.fields if f.name == field.deprecated_by]
            require(successors, f"{where} is no field")
            require(successors[0].type is field.type, f"{where} is of another type")
            if field.type.check_default_fn is None:
                raise IdlError(f"{where} is of a type without a check_default_fn")


def check_values(where, given):
    if given.get("dir", DIR_BOTH) not in (DIR_NONE, DIR_IN, DIR_OUT, DIR_BOTH):
        raise IdlError(f"{where}: dir is DIR_NONE, DIR_IN, DIR_OUT or DIR_BOTH")
    if given.get("passby", PASS_BY_VALUE) not in (PASS_BY_VALUE, PASS_BY_REFERENCE):
        raise IdlError(f"{where}: passby is PASS_BY_VALUE or PASS_BY_REFERENCE")
    kinds = given.get("json_parse_type") or "JSON_ANY"
    for kind in kinds.split("|"):
        require(kind.strip() in JSON_KINDS, f"{where}: no such json_parse_type: {kind.strip()}")


def member_names(fields):
    """The names of the C members that fields make: lengths of arrays, keys of unions."""
    names = []
    for field in fields:
        if isinstance(field.type, Array):
            names.append(field.type.lenvar)
        if isinstance(field.type, KeyedUnion):
            names.append(field.type.keyvar.name)
        names.append(field.name)
    return names


def is_enum_value(value):
    if not isinstance(value, tuple) or list(map(type, value)) != [int, str]:
        return False
    return is_name("x" + value[1])  # such as "9PFS"


def is_name(name):
    return isinstance(name, str) and name.isascii() and name.isidentifier()


def is_c_type(name):
    """True for a C name, of more than one word too, which may end with a *."""
    return isinstance(name, str) and all(map(is_name, name.removesuffix("*").split() or [""]))


def require(condition, message):
    if not condition:
        raise IdlError(message)


def refuse_unknown(where, given, known):
    for key in given:
        require(key in known, f"{where}: no such keyword: {key}")


def refuse_duplicates(where, names):
    for name in names:
        if names.count(name) > 1:
            raise IdlError(f"{where}: {name} is defined twice")
