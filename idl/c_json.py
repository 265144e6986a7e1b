# SPDX-License-Identifier: LGPL-2.1-only
"""The C source of _to_json and _from_json.

The text stays small because it only names fields: reading, writing and bounding JSON is the work
of the hand-written code in runtime/.
"""

from c_defaults import init_value
from c_json_names import reader, reader_signature, takes_ctx, writer, writer_signature
from c_json_read import expect, kinds_of, read
from c_json_write import write
from c_text import fail_early, function
from model import Enumeration


def json_functions(made):
    functions = []
    if made.json_gen_fn:
        functions += [write(made), to_json(made)] if made.autogenerate_json else [to_json(made)]
    if made.json_parse_fn:
        functions += [read(made), from_json(made)] if made.autogenerate_json else [from_json(made)]
    return functions


def to_json(made):
    name = made.c_name
    parameter = f"{name} *p" if made.by_reference else f"{name} p"
    ctx = "ctx, " if takes_ctx(made) else ""
    return function(f"char *{name}_to_json(libxl_ctx *ctx, {parameter})", [
        "xlsnap_json_writer w;", "",
        "xlsnap_json_writer_open(&w);",
        f"{writer(made)}({ctx}&w, p);",
        "return xlsnap_json_writer_close(&w);",
    ], "ctx")


def from_json(made):
    name = made.c_name
    ctx = "ctx, " if takes_ctx(made) else ""
    lines = ["xlsnap_json_document document;", "int rc;", ""]
    if not isinstance(made, Enumeration):
        lines += [f"{made.init_fn}(p);"] if made.init_fn else [
            "memset(p, 0, sizeof(*p));", *init_value(made, "(*p)")]
    return function(f"int {name}_from_json(libxl_ctx *ctx, {name} *p, const char *s)", [
        *lines,
        *fail_early("xlsnap_json_parse(s, &document)"),
        f"rc = {reader(made)}({ctx}document.values, p);",
        "xlsnap_json_document_free(&document);",
        "return rc;",
    ], "ctx")


def foreign_writer(foreign):
    return function(f"static {writer_signature(foreign)}", [
        f"char *text = {foreign.c_name}_to_json(ctx, p);", "",
        "xlsnap_json_write_text(w, text);",
        "free(text);",
    ])


def foreign_reader(foreign):
    return function(f"static {reader_signature(foreign)}", [
        "char *text;", "int rc;", "",
        *expect("v", *kinds_of(foreign)),
        "text = xlsnap_json_text(v);",
        "if (!text)", "    return ERROR_NOMEM;",
        f"rc = {foreign.c_name}_from_json(ctx, p, text);",
        "free(text);",
        "return rc;",
    ])


def number_reader(number):
    """Reads an integer of a C type that the runtime does not know: its size says the bounds."""
    sign, wide = ("signed", "int64_t") if number.signed else ("unsigned", "uint64_t")
    return function(f"static {reader_signature(number)}", [
        f"{wide} number;",
        f"int rc = xlsnap_json_read_{sign}(v, sizeof(*p), &number);", "",
        "if (!rc)", f"    *p = ({number.c_name})number;",
        "return rc;",
    ])
