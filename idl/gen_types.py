#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Generate the C types of an IDL file: gen_types.py FILE.idl HEADER SOURCE

What is written depends on the text of FILE.idl and on the last part of each path, on nothing else.
"""

import sys
from pathlib import Path

from c_header import header_text
from c_source import source_text
from c_text import preamble
from language import parse
from model import IdlError


def main(arguments):
    if len(arguments) != 3:
        print("usage: gen_types.py FILE.idl HEADER SOURCE", file=sys.stderr)
        return 2
    idl, header, source = (Path(argument) for argument in arguments)
    try:
        types = parse(idl)
    except (IdlError, OSError) as error:
        print(f"gen_types.py: {error}", file=sys.stderr)
        return 1
    first = preamble(idl.name)
    header.write_text(first + header_text(types, header.name), encoding="utf-8")
    source.write_text(first + source_text(types, header.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
