# SPDX-License-Identifier: LGPL-2.1-only
"""The header made of a description of libxl's types says what libxl's own header says of them.

Usage: test_likeness.py LIBXL_HEADER [FILE.idl]
"""

import re
import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS.parents[2] / "idl"))

from c_header import header_text  # noqa: E402
from gen_likeness import libxl  # noqa: E402
from language import parse  # noqa: E402

LIBXL_HEADER = Path(sys.argv.pop(1))
DESCRIPTION = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else TESTS / "libxl_lookalikes.idl"

LIFE_CYCLE = r"_(init|init_\w+|dispose|copy|to_json|from_json|to_string|from_string|string_table)"


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


class Likeness(unittest.TestCase):
    def setUp(self):
        self.maxDiff = None
        types = parse(DESCRIPTION)
        self.ours = declarations(libxl(header_text(types, "like.h")))
        self.theirs = declarations(LIBXL_HEADER.read_text("utf-8"))
        self.names = [libxl(made.c_name) for made in types]

    def test_every_type_is_described_by_libxl_with_the_same_members(self):
        theirs = {d[-1]: d for d in self.theirs if d[0] == "typedef"}
        for declaration in self.ours:
            if declaration[0] == "typedef":
                with self.subTest(declaration[-1]):
                    self.assertEqual(declaration, theirs.get(declaration[-1]))

    def test_every_prototype_is_libxls(self):
        theirs = {declared_name(d): d for d in self.theirs}
        for declaration in self.ours:
            name = declared_name(declaration)
            with self.subTest(name):
                self.assertEqual(declaration, theirs.get(name))

    def test_no_function_of_libxl_for_these_types_is_missing(self):
        ours = {declared_name(d) for d in self.ours}
        pattern = re.compile(f"({'|'.join(self.names)}){LIFE_CYCLE}")
        wanted = {declared_name(d) for d in self.theirs if d[0] != "typedef"}
        self.assertGreater(len(self.names), 0)
        self.assertEqual({name for name in wanted if pattern.fullmatch(name)} - ours, set())


if __name__ == "__main__":
    unittest.main()
