# SPDX-License-Identifier: LGPL-2.1-only
"""The C source of the names of an enumeration."""

from c_text import block, function


def enumeration_functions(made):
    return [to_string(made), string_table(made), from_string(made)]


def to_string(made):
    name = made.c_name
    lines = []
    for value in made.values:
        lines += [f"case {value.c_name}:", f'    return "{value.text}";']
    lines += ["default:", "    return NULL;"]
    return function(f"const char *{name}_to_string({name} e)", block("switch (e)", lines))


def string_table(made):
    rows = "".join(f'    {{"{value.text}", {value.c_name}}},\n' for value in made.values)
    head = f"libxl_enum_string_table {made.c_name}_string_table[]"
    return f"{head} = {{\n{rows}    {{NULL, -1}},\n}};\n"


def from_string(made):
    name = made.c_name
    return function(f"int {name}_from_string(const char *s, {name} *e)", [
        "int number;",
        f"int rc = xlsnap_enum_from_string({name}_string_table, s, &number);", "",
        "if (!rc)", f"    *e = ({name})number;",
        "return rc;",
    ])
