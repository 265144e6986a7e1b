# SPDX-License-Identifier: LGPL-2.1-only
"""The C source of the functions of every type; gen_types.py writes it to a file."""

from c_enumeration import enumeration_functions
from c_hooks import support
from c_json import json_functions
from c_lifecycle import lifecycle_functions
from model import Aggregate, Enumeration

INCLUDES = """\
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "array_alloc.h"
#include "enum_strings.h"
#include "json_reader.h"
#include "json_writer.h"
#include "libxl_builtins.h"
"""


def source_text(types, header_name):
    functions = []
    for made in types:
        if isinstance(made, Aggregate):
            functions += lifecycle_functions(made) + json_functions(made)
        elif isinstance(made, Enumeration):
            functions += enumeration_functions(made) + json_functions(made)
    before, declarations = support(types, "\n".join(functions))
    text = f'#include "{header_name}"\n\n{INCLUDES}'
    if declarations:
        text += "\n" + "\n".join(declarations) + "\n"
    return text + "".join("\n" + function for function in before + functions)
