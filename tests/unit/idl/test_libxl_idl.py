# SPDX-License-Identifier: LGPL-2.1-only
"""libxl_idl.py where no archive is asked: what it takes of those that there are, and its cache."""

import io
import os
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import libxl_idl


class LibxlIdl(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(os.environ, {"XDG_CACHE_HOME": str(self.directory)}))
        self.enterContext(mock.patch.object(libxl_idl, "installed", lambda: ("x", "4.17.5-1")))
        self.download = self.enterContext(
            mock.patch.object(libxl_idl, "download", return_value=b"namespace()"))

    def test_the_version_that_is_installed_comes_first(self):
        self.assertEqual(libxl_idl.candidates("4.17.5-1", ["4.17.7-1", "4.17.5-1"]),
                         ["4.17.5-1", "4.17.7-1"])

    def test_a_version_that_is_gone_is_replaced_by_one_of_its_series(self):
        self.assertEqual(libxl_idl.candidates("4.17.5-1", ["4.17.7-1", "4.1.7-1", "4.20.1-1"]),
                         ["4.17.7-1"])

    def test_sources_come_from_the_mirrors_that_the_machine_uses(self):
        lists = libxl_idl.source_lists(
            "x", "http://a/debian Debian\nhttp://b Debian Backports\nhttp://c Debian-Security\n")
        self.assertEqual([line.split("] ")[1] for line in lists.splitlines()],
                         ["http://a/debian x main", "http://c x-security main"])

    def test_sources_come_from_debian_where_the_machine_knows_no_mirror(self):
        lists = libxl_idl.source_lists("x", "cdrom:1 Debian\n")
        self.assertEqual([line.split("] ")[1] for line in lists.splitlines()],
                         ["http://deb.debian.org/debian x main",
                          "http://deb.debian.org/debian-security x-security main"])

    def test_the_file_is_found_in_a_tarball(self):
        path = self.directory / "xen.tar.xz"
        member = tarfile.TarInfo("xen-4.17/tools/libs/light/libxl_types.idl")
        member.size = 3
        with tarfile.open(path, "w:xz") as archive:
            archive.addfile(tarfile.TarInfo("xen-4.17/tools/libs/light/idl.py"))
            archive.addfile(member, io.BytesIO(b"idl"))
        self.assertEqual(libxl_idl.idl_in(path), b"idl")

    def test_it_is_fetched_once(self):
        for name in ("a", "b"):
            self.assertEqual(libxl_idl.main(["copy", str(self.directory / name)]), 0)
            self.assertEqual((self.directory / name).read_bytes(), b"namespace()")
        self.download.assert_called_once_with("x", "4.17.5-1")

    def test_a_copy_that_is_there_is_left_alone(self):
        target = self.directory / "copy"
        libxl_idl.main(["copy", str(target)])
        os.utime(target, (1, 1))
        libxl_idl.main(["copy", str(target)])
        self.assertEqual(target.stat().st_mtime, 1)

    def test_a_failure_says_what_to_do_and_leaves_nothing(self):
        self.download.side_effect = libxl_idl.Unavailable("no network")
        with mock.patch("sys.stderr", io.StringIO()) as said:
            self.assertEqual(libxl_idl.main(["copy", str(self.directory / "copy")]), 1)
        self.assertIn("no network", said.getvalue())
        self.assertRegex(said.getvalue(), "fetch x 4.17.5-1\n$")
        self.assertEqual(list(self.directory.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
