# SPDX-License-Identifier: LGPL-2.1-only
"""The header made of libxl's own IDL file declares what libxl's own header declares, token by token.

Usage: test_declarations.py FILE.idl LIBXL_HEADER
"""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "idl"))

import gen_types  # noqa: E402
from c_declarations import declarations, declared_name  # noqa: E402

LIBXL_HEADER = Path(sys.argv.pop())
IDL = Path(sys.argv.pop())


class Declarations(unittest.TestCase):
    def setUp(self):
        self.maxDiff = None
        directory = self.enterContext(tempfile.TemporaryDirectory())
        header, source = (Path(directory, f"libxl_types.{kind}") for kind in "hc")
        self.assertEqual(gen_types.main([IDL, header, source]), 0)
        self.ours = declarations(header.read_text("utf-8"))
        self.theirs = declarations(LIBXL_HEADER.read_text("utf-8"))

    def test_the_same_types_functions_and_tables_are_declared_in_the_same_order(self):
        self.assertEqual([declared_name(d) for d in self.ours],
                         [declared_name(d) for d in self.theirs])

    def test_each_has_the_same_members_values_and_parameters(self):
        theirs = {declared_name(d): d for d in self.theirs}
        self.assertGreater(len(theirs), 500)
        for declaration in self.ours:
            name = declared_name(declaration)
            with self.subTest(name):
                self.assertEqual(declaration, theirs.get(name))


if __name__ == "__main__":
    unittest.main()
