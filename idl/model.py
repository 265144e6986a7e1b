# SPDX-License-Identifier: LGPL-2.1-only
"""The type model: what an IDL file defines. language.py makes it, the generators read it.

The properties are those of libxl's IDL and mean the same; README.md lists them.
"""

from dataclasses import dataclass


class IdlError(Exception):
    """The IDL file breaks a rule of the language; the text says where and which."""


PASS_BY_VALUE = 1
PASS_BY_REFERENCE = 2

DIR_NONE, DIR_IN, DIR_OUT, DIR_BOTH = range(4)


@dataclass(frozen=True, eq=False, kw_only=True)
class Type:
    """A C type, and the functions that handle one value of it.

    Its C name is None for the type of one field that has no name of its own. A function that is
    None does not exist: then a Struct is handled field by field where it is used, and for another
    type there is nothing to do. The functions take a value as `passby` says, but for copy_fn and
    check_default_fn, which take its address.
    """

    c_name: str | None
    passby: int = PASS_BY_VALUE
    dir: int = DIR_BOTH
    hidden: bool = False
    private: bool = False
    dispose_fn: str | None = None
    autogenerate_dispose_fn: bool = True
    copy_fn: str | None = None
    autogenerate_copy_fn: bool = True
    init_fn: str | None = None
    init_val: str | None = None
    autogenerate_init_fn: bool = False
    check_default_fn: str | None = None
    copy_deprecated_fn: str | None = None
    json_gen_fn: str | None = None
    json_parse_fn: str | None = None
    json_parse_type: str | None = None
    autogenerate_json: bool = True
    doc: tuple[str, ...] = ()

    @property
    def by_reference(self):
        return self.passby == PASS_BY_REFERENCE

    @property
    def is_integer(self):
        return self.json_parse_type == "JSON_INTEGER"

    def declare(self, name):
        """The C declaration of `name` with this type, without the semicolon."""
        return f"{self.c_name}{'' if self.c_name.endswith('*') else ' '}{name}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Builtin(Type):
    """A type of the C language or of libxl, which the generated code uses and does not define."""

    # True when JSON goes through the <type>_to_json and <type>_from_json strings of libxl.
    foreign: bool = False
    # Of an integer type.
    signed: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Number(Builtin):
    """An integer type of the C language."""


@dataclass(frozen=True, eq=False)
class EnumValue:
    c_name: str
    number: int
    text: str
    valuename: str
    doc: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Enumeration(Type):
    values: tuple[EnumValue, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Array(Type):
    """A counted array: the field itself is a pointer, `lenvar` is the int before it."""

    elem_type: Type
    lenvar: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    name: str
    type: Type
    const: bool = False
    init_val: str | None = None
    deprecated_by: str | None = None
    doc: tuple[str, ...] = ()

    @property
    def default(self):
        """The C expression of the value that _init gives and JSON leaves out; None for zero."""
        return self.type.init_val if self.init_val is None else self.init_val


@dataclass(frozen=True, eq=False, kw_only=True)
class Aggregate(Type):
    fields: tuple[Field, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Struct(Aggregate):
    kind = "struct"


@dataclass(frozen=True, eq=False, kw_only=True)
class Union(Aggregate):
    """A union of which nothing says what member it holds: it is handled as plain bytes."""

    kind = "union"


@dataclass(frozen=True, eq=False, kw_only=True)
class Variant:
    """A member of a KeyedUnion; its type is None when its key says all."""

    name: str
    type: Type | None
    value: EnumValue
    doc: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class KeyedUnion(Type):
    """A union whose member is told by `keyvar`, a field before it in the same structure."""

    kind = "union"
    keyvar: Field
    variants: tuple[Variant, ...]
