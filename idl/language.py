# SPDX-License-Identifier: LGPL-2.1-only
"""The language of IDL files: parse() makes the model from the text.

An IDL file is Python text in the language of libxl's own IDL (tools/libs/light/idl.txt in
xen.git). It is executed with the names of this language and no others.
"""

import traceback
from dataclasses import replace
from pathlib import Path

from doc_comments import doc_comments
from libxl_hooks import WRITERS
from model import (
    DIR_BOTH, DIR_IN, DIR_NONE, DIR_OUT, PASS_BY_REFERENCE, PASS_BY_VALUE, Array, Builtin,
    Enumeration, EnumValue, Field, IdlError, KeyedUnion, Number, Struct, Type, Union, Variant,
)
from rules import (
    check_deprecated, check_union, check_values, is_c_type, is_enum_value, is_name, member_names,
    refuse_duplicates, refuse_unknown, require,
)

# The keywords that every constructor takes and hands to the model as they are.
PROPERTIES = {
    "passby", "dir", "hidden", "private", "dispose_fn", "autogenerate_dispose_fn", "copy_fn",
    "autogenerate_copy_fn", "init_fn", "init_val", "autogenerate_init_fn", "check_default_fn",
    "copy_deprecated_fn", "json_gen_fn", "json_parse_fn", "json_parse_type", "autogenerate_json",
}
# Taken and without effect, as far as C goes; libxl takes any keyword.
WITHOUT_EFFECT = {"signed", "jsonc_json_gen_fn"}
FIELD_KEYWORDS = {"const", "init_val", "deprecated_by"}


class _Language:
    """The names of the language, bound to the one IDL file being read."""

    def __init__(self, docs):
        self.types = []
        self._prefix = ""
        self._hidden = False
        self._docs = docs

    def names(self):
        return {
            **self._standard_types(),
            "namespace": self.namespace,
            "hidden": self.hidden,
            "Builtin": self.builtin,
            "Number": self.number,
            "UInt": self.uint,
            "Enumeration": self.enumeration,
            "Struct": self.struct,
            "Union": self.union,
            "KeyedUnion": self.keyed_union,
            "Array": self.array,
            "PASS_BY_VALUE": PASS_BY_VALUE,
            "PASS_BY_REFERENCE": PASS_BY_REFERENCE,
            "DIR_NONE": DIR_NONE,
            "DIR_IN": DIR_IN,
            "DIR_OUT": DIR_OUT,
            "DIR_BOTH": DIR_BOTH,
        }

    def _standard_types(self):
        """The types that every IDL file may name."""
        names = {
            "void": self.builtin("void *", namespace=None, private=True),
            "bool": self.builtin("bool", namespace=None, copy_fn=None, json_parse_type="JSON_BOOL",
                                 json_gen_fn="yajl_gen_bool",
                                 json_parse_fn="libxl__bool_parse_json"),
            "size_t": self.number("size_t", json_parse_fn="read_size_t"),
            "integer": self.number("int", signed=True),
            "string": self.builtin("char *", namespace=None, copy_fn="libxl_string_copy",
                                   dispose_fn="free", json_parse_type="JSON_STRING | JSON_NULL",
                                   json_gen_fn="libxl__string_gen_json",
                                   json_parse_fn="libxl__string_parse_json",
                                   check_default_fn="libxl__string_is_default"),
        }
        names.update({f"uint{width}": self.uint(width) for width in (8, 16, 32, 64)})
        return names

    def namespace(self, prefix):
        if not isinstance(prefix, str):
            raise IdlError("namespace: a string is required")
        self._prefix = prefix

    def hidden(self, hidden):
        self._hidden = hidden

    def builtin(self, typename, **kwargs):
        properties = self._properties("Builtin", typename, kwargs, dispose_fn=None)
        default_writer = properties["json_gen_fn"] == f"{properties['c_name']}_gen_json"
        foreign = default_writer and properties["json_gen_fn"] not in WRITERS
        signed = properties["json_parse_fn"] == "libxl__int_parse_json"
        return Builtin(**properties, foreign=foreign, signed=signed)

    def number(self, ctype, signed=False, **kwargs):
        return Number(**self._number(ctype, kwargs, json_parse_fn="libxl__int_parse_json"),
                      signed=signed)

    def uint(self, width, **kwargs):
        if width not in (8, 16, 32, 64):
            raise IdlError(f"UInt({width}): the width is 8, 16, 32 or 64")
        return Number(**self._number(f"uint{width}_t", kwargs,
                                     json_parse_fn=f"libxl__uint{width}_parse_json"))

    def _number(self, ctype, kwargs, **defaults):
        kwargs.setdefault("namespace", None)
        properties = self._properties("Number", ctype, kwargs, dispose_fn=None, copy_fn=None,
                                      json_gen_fn="yajl_gen_integer",
                                      json_parse_type="JSON_INTEGER", **defaults)
        # libxl reads whatever else its file makes a Number of through an int.
        if properties["json_parse_fn"] == "libxl__int_parse_json" and ctype != "int":
            properties["json_parse_fn"] = "read_" + ctype.replace(" ", "_")
        return properties

    def enumeration(self, typename, values, value_namespace=None, **kwargs):
        require(typename, "an Enumeration needs a name")
        properties = self._properties("Enumeration", typename, kwargs, dispose_fn=None,
                                      copy_fn=None, json_parse_type="JSON_STRING")
        if properties.get("passby") == PASS_BY_REFERENCE:
            raise IdlError(f"{typename}: an Enumeration is passed by value")
        if value_namespace is None:
            value_namespace = properties["c_name"].removesuffix(typename)
        return self._define(Enumeration(
            **properties,
            doc=self._doc(typename),
            values=self._values(typename, value_namespace, values),
        ))

    def _values(self, typename, prefix, values):
        require(values, f"{typename}: an Enumeration needs a value")
        for value in values:
            if not is_enum_value(value):
                raise IdlError(f"{typename}: a value is (number, \"NAME\"), not {value!r}")
        refuse_duplicates(typename, [number for number, _ in values])
        refuse_duplicates(typename, [name.upper() for _, name in values])
        return tuple(
            EnumValue(f"{prefix}{typename}_{name}".upper(), number, name.lower(), name.upper(),
                      self._doc(typename, name))
            for number, name in values
        )

    def struct(self, typename, fields, **kwargs):
        properties = self._aggregate("Struct", typename, kwargs, json_parse_type="JSON_MAP")
        # Only a member of a KeyedUnion may be empty, see _variant.
        made = Struct(**properties, doc=self._doc(typename),
                      fields=_fields(typename, fields) if typename or fields else ())
        return self._define(self._with_docs(made, typename))

    def union(self, typename, fields, **kwargs):
        # Nobody but the author knows the member, so nobody but he can dispose it or make JSON.
        properties = self._aggregate("Union", typename, kwargs, dispose_fn=None, json_gen_fn=None,
                                     json_parse_fn=None, autogenerate_json=False,
                                     autogenerate_dispose_fn=False)
        made = Union(**properties, doc=self._doc(typename),
                     fields=_fields(typename, fields))
        check_union(typename or "Union", made)
        return self._define(self._with_docs(made, typename))

    def _aggregate(self, kind, typename, kwargs, **defaults):
        kwargs.setdefault("passby", PASS_BY_REFERENCE)
        kwargs.setdefault("autogenerate_init_fn", True)
        properties = self._properties(kind, typename, kwargs, **defaults)
        if properties["passby"] != PASS_BY_REFERENCE:
            raise IdlError(f"{typename}: a {kind} is passed by reference")
        if typename is not None and "init_fn" not in properties:
            properties["init_fn"] = f"{properties['c_name']}_init"
        return properties

    def keyed_union(self, typename, keyvar_type, keyvar_name, fields, **kwargs):
        key_kwargs = {key.removeprefix("keyvar_"): kwargs.pop(key)
                      for key in list(kwargs) if key.startswith("keyvar_")}
        where = typename or f"KeyedUnion of {keyvar_name}"
        if not isinstance(keyvar_type, Enumeration):
            raise IdlError(f"{where}: its key must be of an Enumeration")
        refuse_unknown(where, key_kwargs, {"init_val"})
        require(is_name(keyvar_name), f"{where}: its key needs a name")
        variants = tuple(_variant(where, keyvar_type, field) for field in fields)
        require(variants, f"{where}: a KeyedUnion needs a member")
        refuse_duplicates(where, [variant.name for variant in variants])
        properties = self._properties("KeyedUnion", typename, kwargs, dispose_fn=None,
                                      copy_fn=None, json_gen_fn=None, json_parse_fn=None)
        made = KeyedUnion(
            **properties,
            doc=self._doc(typename),
            keyvar=Field(name=keyvar_name, type=keyvar_type, **key_kwargs),
            variants=variants,
        )
        return self._define(self._with_docs(made, typename))

    def array(self, elem_type, lenvar_name, **kwargs):
        where = f"Array counted by {lenvar_name}"
        require(is_name(lenvar_name), "Array: its length needs a name")
        require(isinstance(elem_type, Type), f"{where}: {elem_type!r} is no type")
        if isinstance(elem_type, Array):
            raise IdlError(f"{where}: an array of arrays is not supported")
        if elem_type.c_name is None or isinstance(elem_type, KeyedUnion):
            raise IdlError(f"{where}: its elements need a type with a name")
        for key in [key for key in kwargs if key.startswith("lenvar_")]:
            del kwargs[key]  # libxl has no use for them either
        dispose_fn = kwargs.pop("dispose_fn", "free")
        refuse_unknown(where, kwargs, {"json_parse_type"})
        return Array(c_name=elem_type.declare("*"), dispose_fn=dispose_fn, elem_type=elem_type,
                     private=elem_type.private, lenvar=lenvar_name)

    def _properties(self, kind, typename, kwargs, **defaults):
        """The properties of a type: those that are given, else those of its kind, else libxl's."""
        given = {**defaults, **kwargs}
        prefix = given.pop("namespace", self._prefix)
        where = typename or kind
        refuse_unknown(where, given, PROPERTIES | WITHOUT_EFFECT)
        for key in WITHOUT_EFFECT & given.keys():
            del given[key]
        c_name = typename if prefix is None or typename is None else prefix + typename
        if c_name is not None and not is_c_type(c_name):
            raise IdlError(f"{kind}: {c_name!r} is no name of a C type")
        given.setdefault("hidden", self._hidden)
        if c_name is not None:
            given.setdefault("dispose_fn", f"{c_name}_dispose")
            given.setdefault("copy_fn", f"{c_name}_copy")
        if c_name is not None and not given.get("private"):
            internal = typename if prefix is None else f"{prefix}_{typename}"
            given.setdefault("json_gen_fn", f"{c_name}_gen_json")
            given.setdefault("json_parse_fn", f"{internal}_parse_json")
            given.setdefault("json_parse_type", "JSON_ANY")
        check_values(where, given)
        return {"c_name": c_name, "json_gen_fn": None, "json_parse_fn": None, **given}

    def _define(self, made):
        if made.c_name is not None:
            refuse_duplicates("this file", [t.c_name for t in self.types] + [made.c_name])
            if isinstance(made, Struct):
                check_deprecated(made, made.fields)
            self.types.append(made)
        return made

    def _with_docs(self, aggregate, typename, path=()):
        """The aggregate with the comments of its members, those without a type name included."""
        members = "variants" if isinstance(aggregate, KeyedUnion) else "fields"
        if typename is None:
            return aggregate
        done = []
        for member in getattr(aggregate, members):
            inner = member.type
            here = (*path, member.name)
            if getattr(inner, "c_name", "") is None:
                inner = self._with_docs(inner, typename, here)
            done.append(replace(member, type=inner, doc=self._doc(typename, *here)))
        return replace(aggregate, **{members: tuple(done)})

    def _doc(self, typename, *path):
        return self._docs.get((typename, path), ())


def _fields(typename, fields):
    where = typename or "a structure without a name"
    require(fields, f"{where}: a structure needs a field")
    made = tuple(_field(where, field) for field in fields)
    refuse_duplicates(where, member_names(made))
    return made


def _field(where, given):
    if not isinstance(given, tuple) or len(given) not in (2, 3) or not is_name(given[0]):
        raise IdlError(f"{where}: a field is (\"name\", type) or (\"name\", type, {{...}}),"
                       f" not {given!r}")
    name, field_type = given[:2]
    keywords = given[2] if len(given) == 3 else {}
    where = f"{where}.{name}"
    require(isinstance(field_type, Type), f"{where}: {field_type!r} is no type")
    require(getattr(field_type, "fields", True), f"{where}: a structure needs a field")
    refuse_unknown(where, keywords, FIELD_KEYWORDS)
    if isinstance(field_type, KeyedUnion) and keywords.get("const"):
        raise IdlError(f"{where}: a KeyedUnion cannot be const")
    if keywords.get("init_val") is not None and (
            isinstance(field_type, (Array, KeyedUnion)) or field_type.c_name is None):
        raise IdlError(f"{where}: its type takes no init_val")
    return Field(name=name, type=field_type, **keywords)


def _variant(where, keyvar_type, given):
    if not isinstance(given, tuple) or len(given) != 2 or not is_name(given[0]):
        raise IdlError(f"{where}: a member is (\"name\", type) or (\"name\", None), not {given!r}")
    name, type_ = given
    values = [value for value in keyvar_type.values if value.valuename == name.upper()]
    require(values, f"{where}: {keyvar_type.c_name} has no value {name}")
    require(type_ is None or isinstance(type_, Type), f"{where}.{name}: {type_!r} is no type")
    if isinstance(type_, (Array, KeyedUnion)):
        raise IdlError(f"{where}.{name}: put it into a Struct, which has room for its key or"
                       " length")
    is_empty = isinstance(type_, Struct) and not type_.fields
    return Variant(name=name, type=None if is_empty else type_, value=values[0])


def parse(path):
    """The types that the IDL file defines, in their order; IdlError if it breaks a rule."""
    path = Path(path)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
        code = compile(text, path.name, "exec")
        language = _Language(doc_comments(text))
        exec(code, {"__builtins__": {}, **language.names()})
    except SyntaxError as error:
        raise IdlError(f"{path.name}:{error.lineno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise IdlError(f"{path.name}:{line}: not UTF-8") from error
    except Exception as error:
        raise IdlError(f"{path.name}:{_line_in(path.name, error)}: {_said(error)}") from error
    return language.types


def _said(error):
    """The text of an error, of one line; Python's own name no function of the language."""
    return " ".join(str(error).removeprefix("_Language.").split())


def _line_in(filename, error):
    """The line of the IDL file that was being executed when the error was raised."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
    return lines[-1] if lines else 1
