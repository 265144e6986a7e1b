# SPDX-License-Identifier: LGPL-2.1-only
"""The type model: what the names in an IDL file mean.

An IDL file is Python text in the language of libxl's own IDL (tools/libs/light/idl.txt in
xen.git). parse() executes it with the names of this language and no others, and returns the
types it defines, in the order of definition. The generators read the model and never the text.
"""

import traceback
from dataclasses import dataclass
from pathlib import Path

from doc_comments import doc_comments


class IdlError(Exception):
    """The IDL file breaks a rule of the language; the text says where and which."""


PASS_BY_VALUE = "value"
PASS_BY_REFERENCE = "reference"


@dataclass(frozen=True, eq=False)
class Type:
    """A C type, and the functions that handle one value of it.

    A type passed by reference is a structure with functions of its own, which take its address
    and, but for init and dispose, the libxl_ctx. A type passed by value is copied by assignment
    unless it has a copy_fn. A function that is None has nothing to do.
    """

    c_name: str
    passby: str = PASS_BY_VALUE
    init_fn: str | None = None
    dispose_fn: str | None = None
    copy_fn: str | None = None
    json_gen_fn: str | None = None
    json_parse_fn: str | None = None
    doc: tuple[str, ...] = ()

    @property
    def by_reference(self):
        return self.passby == PASS_BY_REFERENCE

    def declare(self, name):
        """The C declaration of `name` with this type, without the semicolon."""
        return f"{self.c_name}{'' if self.c_name.endswith('*') else ' '}{name}"


@dataclass(frozen=True, eq=False)
class Builtin(Type):
    """A type of the C language or of libxl, which the generated code uses and does not define."""

    # True when JSON goes through the <type>_to_json and <type>_from_json strings of libxl.
    foreign: bool = False


@dataclass(frozen=True, eq=False)
class Number(Builtin):
    """An integer type of the C language."""


@dataclass(frozen=True, eq=False)
class EnumValue:
    c_name: str
    number: int
    text: str
    doc: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Enumeration(Type):
    values: tuple[EnumValue, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Array(Type):
    """A counted array: the field itself is a pointer, `lenvar` is the int before it."""

    elem_type: Type
    lenvar: str


@dataclass(frozen=True, eq=False)
class Field:
    name: str
    type: Type
    doc: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Struct(Type):
    fields: tuple[Field, ...]


def _standard_types():
    """The types that every IDL file may name."""

    def scalar(kind, c_name, suffix, write_suffix=None, **kwargs):
        return kind(
            c_name,
            json_gen_fn=f"xlsnap_json_write_{write_suffix or suffix}",
            json_parse_fn=f"xlsnap_json_read_{suffix}",
            **kwargs,
        )

    names = {
        "bool": scalar(Builtin, "bool", "bool"),
        "integer": scalar(Number, "int", "int"),
        "string": scalar(
            Builtin, "char *", "string", copy_fn="libxl_string_copy", dispose_fn="free"
        ),
    }
    for bits in (8, 16, 32, 64):
        names[f"uint{bits}"] = scalar(Number, f"uint{bits}_t", f"uint{bits}", "uint")
    return names


class _Language:
    """The names of the language, bound to the one IDL file being read."""

    def __init__(self, docs):
        self.types = []
        self._prefix = ""
        self._docs = docs

    def names(self):
        return {
            **_standard_types(),
            "namespace": self.namespace,
            "Builtin": self.builtin,
            "Enumeration": self.enumeration,
            "Struct": self.struct,
            "Array": self.array,
            "PASS_BY_VALUE": PASS_BY_VALUE,
            "PASS_BY_REFERENCE": PASS_BY_REFERENCE,
        }

    def namespace(self, prefix):
        self._prefix = prefix

    def builtin(self, typename, *, passby, json_parse_type, init_fn, dispose_fn, copy_fn):
        if passby != PASS_BY_REFERENCE or json_parse_type != "JSON_MAP":
            raise IdlError(
                f"Builtin {typename}: only types that libxl passes by reference and writes as a"
                " JSON object are supported"
            )
        c_name = self._c_name(typename)
        return Builtin(
            c_name,
            passby=passby,
            init_fn=init_fn,
            dispose_fn=dispose_fn,
            copy_fn=copy_fn,
            json_gen_fn=f"write_{c_name}",
            json_parse_fn=f"read_{c_name}",
            foreign=True,
        )

    def enumeration(self, typename, values):
        c_name = self._c_name(typename)
        _refuse_duplicates(typename, [number for number, _ in values])
        _refuse_duplicates(typename, [name for _, name in values])
        made = Enumeration(
            c_name,
            json_gen_fn=f"write_{c_name}",
            json_parse_fn=f"read_{c_name}",
            doc=self._doc(typename),
            values=tuple(
                EnumValue(f"{c_name}_{name}".upper(), number, name.lower(),
                          self._doc(typename, name))
                for number, name in values
            ),
        )
        return self._define(made)

    def struct(self, typename, fields):
        c_name = self._c_name(typename)
        if not fields:
            raise IdlError(f"{typename}: a Struct needs a field")
        _refuse_duplicates(typename, _member_names(fields))
        made = Struct(
            c_name,
            passby=PASS_BY_REFERENCE,
            init_fn=f"{c_name}_init",
            dispose_fn=f"{c_name}_dispose",
            copy_fn=f"{c_name}_copy",
            json_gen_fn=f"write_{c_name}",
            json_parse_fn=f"read_{c_name}",
            doc=self._doc(typename),
            fields=tuple(
                self._field(typename, name, field_type) for name, field_type in fields
            ),
        )
        return self._define(made)

    def array(self, elem_type, lenvar):
        if isinstance(elem_type, Array):
            raise IdlError(f"Array counted by {lenvar}: an array of arrays is not supported")
        return Array(elem_type.declare("*"), elem_type=elem_type, lenvar=lenvar)

    def _field(self, typename, name, field_type):
        if isinstance(field_type, Array) and field_type.lenvar != f"num_{name}":
            raise IdlError(f"{typename}.{name}: its length must be named num_{name}")
        return Field(name, field_type, self._doc(typename, name))

    def _define(self, made):
        _refuse_duplicates("this file", [t.c_name for t in self.types] + [made.c_name])
        self.types.append(made)
        return made

    def _c_name(self, typename):
        return self._prefix + typename

    def _doc(self, typename, member=None):
        return self._docs.get((typename, member), ())


def _member_names(fields):
    """The names of the C members that fields make, lengths of arrays included."""
    names = []
    for name, field_type in fields:
        if isinstance(field_type, Array):
            names.append(field_type.lenvar)
        names.append(name)
    return names


def _refuse_duplicates(where, names):
    for name in names:
        if names.count(name) > 1:
            raise IdlError(f"{where}: {name} is defined twice")


def parse(path):
    """The types that the IDL file defines, in their order; IdlError if it breaks a rule."""
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    try:
        code = compile(text, path.name, "exec")
        language = _Language(doc_comments(text))
        exec(code, {"__builtins__": {}, **language.names()})
    except SyntaxError as error:
        raise IdlError(f"{path.name}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        raise IdlError(f"{path.name}:{_line_in(path.name, error)}: {error}") from error
    return language.types


def _line_in(filename, error):
    """The line of the IDL file that was being executed when the error was raised."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    return lines[-1] if lines else 1
