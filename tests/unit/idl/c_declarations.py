# SPDX-License-Identifier: LGPL-2.1-only
"""What a C header declares, read as far as the headers of an IDL file need it."""

import re


def declarations(header):
    """The typedefs and prototypes of a header, each as its tokens; parameters have no names."""
    text = re.sub(r"/\*.*?\*/", " ", header, flags=re.DOTALL)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).replace('extern "C" {', "")
    found, depth, tokens = [], 0, []
    for token in re.findall(r"\w+|[^\w\s]", text):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if token == ";" and depth == 0:
            found.append(tuple(without_parameter_names(tokens)))
            tokens = []
        else:
            tokens.append(token)
    return found


def without_parameter_names(tokens):
    named = tokens[0] != "typedef" and "(" in tokens
    return [token for token, following in zip(tokens, [*tokens[1:], ""])
            if not (named and following in (",", ")"))]


def declared_name(declaration):
    if declaration[0] == "typedef":
        return declaration[-1]
    return declaration[declaration.index("(") - 1] if "(" in declaration else declaration[-3]
