# SPDX-License-Identifier: LGPL-2.1-only
"""The type model: what an IDL file means, and what it may not say."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "idl"))

from model import Array, Enumeration, IdlError, Struct, parse  # noqa: E402


def parse_text(text):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "t.idl"
        path.write_text(text, encoding="utf-8")
        return parse(path)


class Meaning(unittest.TestCase):
    def test_a_struct_takes_the_namespace_at_its_definition(self):
        types = parse_text(
            'namespace("a_")\nx = Struct("x", [("f", bool)])\n'
            'namespace("b_")\ny = Struct("y", [("x", x)])\n'
        )
        self.assertEqual([t.c_name for t in types], ["a_x", "b_y"])
        self.assertEqual(types[0].dispose_fn, "a_x_dispose")
        self.assertIs(types[1].fields[0].type, types[0])

    def test_an_array_declares_a_pointer_to_its_elements(self):
        (made,) = parse_text('x = Struct("x", [("names", Array(string, "num_names"))])\n')
        array = made.fields[0].type
        self.assertIsInstance(array, Array)
        self.assertEqual(array.declare("names"), "char **names")
        self.assertEqual(array.lenvar, "num_names")

    def test_an_enumeration_names_its_values_as_libxl_does(self):
        (made,) = parse_text('namespace("libxl_")\nx = Enumeration("my_kind", [(1, "SMALL")])\n')
        self.assertIsInstance(made, Enumeration)
        self.assertEqual(made.values[0].c_name, "LIBXL_MY_KIND_SMALL")
        self.assertEqual(made.values[0].text, "small")

    def test_a_comment_belongs_to_what_is_directly_below_it(self):
        (made,) = parse_text(
            "# Not this one.\n\n# Of the\n# type.\n"
            'x = Struct("x", [\n    # Of f.\n    ("f", bool), # not this\n    ("g", bool),\n])\n'
        )
        self.assertIsInstance(made, Struct)
        self.assertEqual(made.doc, ("Of the", "type."))
        self.assertEqual([f.doc for f in made.fields], [("Of f.",), ()])


class Refusal(unittest.TestCase):
    def refused(self, text, line, words):
        with self.assertRaises(IdlError) as caught:
            parse_text(text)
        self.assertRegex(str(caught.exception), f"^t.idl:{line}: .*{words}")

    def test_a_misspelt_type_is_shown_with_its_line(self):
        self.refused('\nx = Struct("x", [("f", boolean)])\n', 2, "boolean")

    def test_text_that_is_not_the_language_is_shown_with_its_line(self):
        self.refused('x = bool\ny = Struct("x"\n', 2, "never closed")

    def test_an_idl_file_cannot_import(self):
        self.refused("import os\n", 1, "__import__")

    def test_an_array_whose_length_is_named_otherwise_is_refused(self):
        self.refused('x = Struct("x", [("f", Array(bool, "count"))])\n', 1, "num_f")

    def test_an_array_of_arrays_is_refused(self):
        text = 'x = Struct("x", [("f", Array(Array(bool, "num_f"), "num_f"))])\n'
        self.refused(text, 1, "array of arrays")

    def test_a_name_used_twice_is_refused(self):
        self.refused('x = Struct("x", [("f", bool), ("f", bool)])\n', 1, "f is defined twice")
        self.refused(
            'x = Struct("x", [("f", Array(bool, "num_f")), ("num_f", integer)])\n', 1, "twice"
        )
        self.refused('x = Enumeration("x", [(1, "A"), (1, "B")])\n', 1, "1 is defined twice")
        text = 'x = Struct("x", [("f", bool)])\n'
        self.refused(text + text, 2, "x is defined twice")

    def test_an_empty_struct_is_refused(self):
        self.refused('x = Struct("x", [])\n', 1, "needs a field")

    def test_a_keyword_that_is_not_supported_is_refused(self):
        self.refused('x = Struct("x", [("f", bool)], dir=1)\n', 1, "dir")

    def test_a_builtin_that_is_not_a_structure_is_refused(self):
        text = (
            'x = Builtin("x", passby=PASS_BY_VALUE, json_parse_type="JSON_STRING",'
            ' init_fn="i", dispose_fn="d", copy_fn="c")\n'
        )
        self.refused(text, 1, "passes by reference")

    def test_a_comment_that_would_end_the_c_comment_is_refused(self):
        self.refused("x = bool\n# */\n", 2, "cannot hold")


if __name__ == "__main__":
    unittest.main()
