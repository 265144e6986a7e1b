# SPDX-License-Identifier: LGPL-2.1-only
"""The commands gen_types.py and gen_test.py: same input, same bytes; and how they fail."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent
IDL = TESTS.parents[2] / "idl"
FILES = (
    IDL / "libxl_snapshot_types.idl",
    *(TESTS / f"{name}.idl" for name in ("all_kinds", "whole_language")),
)


def run(script, *arguments, cwd, hash_seed="0"):
    return subprocess.run(
        [sys.executable, "-B", script, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


class Generators(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def generate(self, idl, place, hash_seed):
        """Everything generated from a copy of the IDL file at the place, run from there."""
        here = self.directory / place
        here.mkdir(parents=True)
        shutil.copy(idl, here)
        for script, outputs in (("gen_types.py", ["t.h", "t.c"]), ("gen_test.py", ["t.h", "r.c"])):
            done = run(IDL / script, idl.name, *outputs, cwd=here, hash_seed=hash_seed)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return {name: (here / name).read_bytes() for name in ("t.h", "t.c", "r.c")}

    def test_two_runs_in_different_places_write_the_same_bytes(self):
        for idl in FILES:
            with self.subTest(idl.name):
                first = self.generate(idl, f"a/{idl.stem}", hash_seed="1")
                second = self.generate(idl, f"some/where/else/{idl.stem}", hash_seed="4242")
                self.assertEqual(first, second)

    def test_an_absolute_path_does_not_reach_the_output(self):
        for idl in FILES:
            with self.subTest(idl.name):
                header, source = self.directory / "t.h", self.directory / "t.c"
                done = run(IDL / "gen_types.py", idl, header, source, cwd="/")
                self.assertEqual(done.returncode, 0, done.stderr)
                text = header.read_text("utf-8") + source.read_text("utf-8")
                self.assertNotIn(str(self.directory), text)
                self.assertNotIn(str(idl.parent), text)

    def test_comments_of_the_idl_file_become_comments_of_the_header(self):
        header = self.generate(TESTS / "all_kinds.idl", "c", "0")["t.h"].decode()
        self.assertIn("/* A comment of one line. */\ntypedef enum test_colour {", header)
        self.assertIn("    /* A comment of a value. */\n    TEST_COLOUR_DARK_RED = 3,", header)
        self.assertIn("/*\n * A comment\n * of two lines.\n */\ntypedef struct test_kinds {", header)

    def test_no_line_of_the_header_is_longer_than_a_hundred_columns(self):
        for number, idl in enumerate(FILES):
            header = self.generate(idl, f"l{number}", "0")["t.h"].decode()
            self.assertEqual([line for line in header.splitlines() if len(line) > 100], [])

    def test_the_types_have_the_fields_of_the_design_on_xen_devel(self):
        header = self.generate(FILES[0], "s", "0")["t.h"].decode()
        bare = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
        bare = " ".join(bare.split())
        self.assertIn(
            "typedef struct libxl_disk_snapshot { libxl_device_disk disk; char *name;"
            " bool external; char *external_format; char *external_path; } libxl_disk_snapshot;",
            bare,
        )
        self.assertIn(
            "typedef struct libxl_domain_snapshot_args { bool memory; char *memory_path;"
            " int num_disks; libxl_disk_snapshot *disks; } libxl_domain_snapshot_args;",
            bare,
        )

    def test_what_is_hidden_does_not_leave_its_library(self):
        header = self.generate(TESTS / "whole_language.idl", "h", "0")["t.h"].decode()
        hidden = '__attribute__((visibility("hidden")))\n'
        for prototype in (
            "void test_hidden_part_init(",
            "const char *test_hidden_kind_to_string(",
            "extern libxl_enum_string_table test_hidden_kind_string_table[]",
            "void test_alone_hidden_dispose(",
        ):
            self.assertIn("\n" + hidden + prototype, header)
        self.assertIn("\nvoid test_shown_again_init(", header)
        self.assertNotIn(hidden + "void test_shown_again_init(", header)

    def test_a_function_that_is_none_has_no_prototype(self):
        header = self.generate(TESTS / "whole_language.idl", "n", "0")["t.h"].decode()
        self.assertIn("} test_bare;\n", header)
        self.assertEqual(re.findall(r"test_bare_\w+", header), [])
        self.assertEqual(re.findall(r"test_secret_\w+_json", header), [])

    def test_comments_stand_inside_types_without_a_name_too(self):
        header = self.generate(TESTS / "whole_language.idl", "i", "0")["t.h"].decode()
        self.assertIn("    struct {\n        /* Half of the diameter. */\n", header)

    def test_a_bad_file_is_reported_and_nothing_is_written(self):
        (self.directory / "bad.idl").write_text('x = Struct("x", [("f", nope)])\n', "utf-8")
        for script in ("gen_types.py", "gen_test.py"):
            done = run(IDL / script, "bad.idl", "t.h", "t.c", cwd=self.directory)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"{script}: bad.idl:1: name 'nope' is not defined\n")
            self.assertEqual([p.name for p in self.directory.iterdir()], ["bad.idl"])

    def test_a_missing_file_is_reported(self):
        done = run(IDL / "gen_types.py", "none.idl", "t.h", "t.c", cwd=self.directory)
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.idl", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_wrong_arguments_are_a_usage_error(self):
        for script in ("gen_types.py", "gen_test.py"):
            done = run(IDL / script, "only.idl", cwd=self.directory)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage:", done.stderr)


if __name__ == "__main__":
    unittest.main()
