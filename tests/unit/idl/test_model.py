# SPDX-License-Identifier: LGPL-2.1-only
"""The type model: what an IDL file means, and what it may not say."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "idl"))

from language import parse  # noqa: E402
from model import Array, Enumeration, IdlError, Struct  # noqa: E402


def parse_text(text):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "t.idl"
        path.write_text(text, encoding="utf-8")
        return parse(path)


KIND = 'kind = Enumeration("kind", [(1, "a"), (2, "b")])\n'


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

    def test_the_values_of_an_enumeration_may_have_a_namespace_of_their_own_or_none(self):
        own, bare = parse_text(
            'namespace("libxl_")\n'
            'own = Enumeration("kind", [(1, "SMALL")], value_namespace="my_")\n'
            'bare = Enumeration("error", [(-1, "FAIL")], value_namespace="")\n'
        )
        self.assertEqual((own.c_name, own.values[0].c_name), ("libxl_kind", "MY_KIND_SMALL"))
        self.assertEqual((bare.c_name, bare.values[0].c_name), ("libxl_error", "ERROR_FAIL"))

    def test_a_comment_belongs_to_what_is_directly_below_it(self):
        (made,) = parse_text(
            "# Not this one.\n\n# Of the\n# type.\n"
            'x = Struct("x", [\n    # Of f.\n    ("f", bool), # not this\n    ("g", bool),\n])\n'
        )
        self.assertIsInstance(made, Struct)
        self.assertEqual(made.doc, ("Of the", "type."))
        self.assertEqual([f.doc for f in made.fields], [("Of f.",), ()])


    def test_a_length_may_have_any_name(self):
        (made,) = parse_text('x = Struct("x", [("names", Array(string, "count"))])\n')
        self.assertEqual(made.fields[0].type.lenvar, "count")

    def test_the_functions_of_a_type_are_named_after_it_unless_they_are_given(self):
        given, absent = parse_text(
            'namespace("n_")\na = Struct("a", [("f", bool)])\n'
            'b = Struct("b", [("f", bool)], namespace="m_", copy_fn="c", dispose_fn=None)\n'
        )
        self.assertEqual((given.dispose_fn, given.copy_fn, given.init_fn, given.json_parse_fn),
                         ("n_a_dispose", "n_a_copy", "n_a_init", "n__a_parse_json"))
        self.assertEqual((absent.c_name, absent.dispose_fn, absent.copy_fn), ("m_b", None, "c"))

    def test_a_builtin_is_not_among_the_types(self):
        self.assertEqual(parse_text('x = Builtin("x")\ny = UInt(8)\nz = Number("long")\n'), [])

    def test_every_direction_is_kept(self):
        for number, name in enumerate(("DIR_NONE", "DIR_IN", "DIR_OUT", "DIR_BOTH")):
            (made,) = parse_text(f'x = Struct("x", [("f", bool)], dir={name})\n')
            self.assertEqual((made.dir, made.init_fn), (number, "x_init"))

    def test_hidden_holds_for_the_types_after_it(self):
        types = parse_text(
            'a = Enumeration("a", [(1, "A")])\nhidden(True)\nb = Enumeration("b", [(1, "A")])\n'
        )
        self.assertEqual([made.hidden for made in types], [False, True])

    def test_a_comment_inside_a_type_without_a_name_belongs_to_its_member(self):
        (_, made) = parse_text(KIND + 'x = Struct("x", [\n    ("u", KeyedUnion(None, kind, "k", [\n'
                               '        # Of a.\n        ("a", Struct(None, [\n'
                               '            # Of f.\n            ("f", bool)]))]))])\n')
        (variant,) = made.fields[0].type.variants
        self.assertEqual((variant.doc, variant.type.fields[0].doc), (("Of a.",), ("Of f.",)))


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

    def test_an_array_whose_elements_have_no_name_is_refused(self):
        text = 'x = Struct("x", [("f", Array(Struct(None, [("a", bool)]), "num_f"))])\n'
        self.refused(text, 1, "a type with a name")

    def test_what_is_no_type_is_refused(self):
        self.refused('x = Struct("x", [("f", "bool")])\n', 1, "x.f: 'bool' is no type")
        self.refused('x = Struct("x", [("f", Array(5, "num_f"))])\n', 1, "5 is no type")
        self.refused(KIND + 'x = Struct("x", [("u", KeyedUnion(None, kind, "k", [("a", 5)]))])\n',
                     2, "a: 5 is no type")

    def test_what_is_no_field_is_refused(self):
        self.refused('x = Struct("x", ["f"])\n', 1, "x: a field is")
        self.refused('x = Struct("x", [("f f", bool)])\n', 1, "x: a field is")
        self.refused('x = Struct("x", [(None, bool)])\n', 1, "x: a field is")
        self.refused('x = Struct("x", [("f", bool, {}, 1)])\n', 1, "x: a field is")

    def test_an_enumeration_value_of_another_shape_is_refused(self):
        for values in ('["A"]', '[(1, 2)]', '[("1", "A")]', '[(1, "A B")]', "[]"):
            self.refused(f'x = Enumeration("x", {values})\n', 1, "x: ")

    def test_a_union_whose_key_is_no_enumeration_is_refused(self):
        self.refused('x = Struct("x", [("u", KeyedUnion(None, bool, "k", [("a", None)]))])\n', 1,
                     "of an Enumeration")

    def test_a_member_that_its_enumeration_does_not_name_is_refused(self):
        text = KIND + 'x = Struct("x", [("u", KeyedUnion(None, kind, "k", [("z", None)]))])\n'
        self.refused(text, 2, "kind has no value z")

    def test_an_array_in_a_union_is_refused(self):
        array = '[("a", Array(bool, "num_a"))]'
        text = f'x = Struct("x", [("u", KeyedUnion(None, kind, "k", {array}))])\n'
        self.refused(KIND + text, 2, "room for its key or length")
        self.refused(f'x = Union("x", {array})\n', 1, "room for its key or length")

    def test_a_key_with_the_name_of_a_field_is_refused(self):
        text = 'x = Struct("x", [("k", bool), ("u", KeyedUnion(None, kind, "k", [("a", None)]))])\n'
        self.refused(KIND + text, 2, "x: k is defined twice")

    def test_a_union_that_would_leak_is_refused(self):
        self.refused('x = Union("x", [("s", string)])\n', 1, "x.s owns memory")

    def test_passing_a_type_otherwise_than_its_kind_is_refused(self):
        self.refused('x = Struct("x", [("f", bool)], passby=PASS_BY_VALUE)\n', 1, "by reference")
        self.refused('x = Enumeration("x", [(1, "A")], passby=PASS_BY_REFERENCE)\n', 1, "by value")
        self.refused('x = Builtin("x", passby=7)\n', 1, "passby is")
        self.refused('x = Struct("x", [("f", bool)], dir=7)\n', 1, "dir is")

    def test_an_unknown_kind_of_json_is_refused(self):
        self.refused('x = Builtin("x", json_parse_type="JSON_TEXT")\n', 1, "JSON_TEXT")

    def test_a_successor_that_cannot_succeed_is_refused(self):
        def refused(successor, kind, words):
            field = f'("old", {kind}, {{"deprecated_by": "new"}})'
            self.refused(f'x = Struct("x", [{field}, {successor}])\n', 1, words)

        refused('("other", string)', "string", "new, which is no field")
        refused('("new", bool)', "string", "of another type")
        refused('("new", bool)', "bool", "without a check_default_fn")

    def test_an_integer_of_no_width_is_refused(self):
        self.refused("x = UInt(24)\n", 1, "8, 16, 32 or 64")

    def test_a_file_that_is_not_utf8_is_shown_with_its_line(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "t.idl"
            path.write_bytes(b"x = bool\n# \xe9\n")
            with self.assertRaisesRegex(IdlError, "^t.idl:2: not UTF-8"):
                parse(path)

    def test_a_call_without_its_arguments_is_one_line(self):
        self.refused('x = Struct("x")\n', 1, "struct.. missing 1 .* argument: 'fields'$")

    def test_an_empty_struct_is_refused(self):
        self.refused('x = Struct("x", [])\n', 1, "needs a field")
        self.refused('x = Struct("x", [("f", Struct(None, []))])\n', 1, "x.f: .* needs a field")

    def test_an_unknown_keyword_is_refused(self):
        self.refused('x = Struct("x", [("f", bool)], size=1)\n', 1, "x: no such keyword: size")
        self.refused('x = Struct("x", [("f", bool, {"big": 1})])\n', 1, "x.f: no .*: big")

    def test_a_comment_that_would_end_the_c_comment_is_refused(self):
        self.refused("x = bool\n# */\n", 2, "cannot hold")


if __name__ == "__main__":
    unittest.main()
