# SPDX-License-Identifier: LGPL-2.1-only
"""The files of a checkout, as the lint rules see them."""

import subprocess
from pathlib import Path

# Inputs of fuzz targets: no sources, whatever they look like.
CORPUS = "tests/fuzz/corpus/"

CXX_SUFFIXES = {".c", ".h", ".cpp", ".hpp"}


class SourceTree:
    """Everything under `root` that belongs to the project: what git tracks or would track, or,
    where there is no git, every file outside build/."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.is_git = (self.root / ".git").exists()
        self._texts = {}
        self._files = sorted(name for name in self._names()
                             if not name.startswith(CORPUS) and (self.root / name).is_file())

    def _names(self):
        if self.is_git:
            listing = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
            return set(listing.split("\0")) - {""}
        paths = (path.relative_to(self.root) for path in self.root.rglob("*"))
        return {str(p) for p in paths if p.parts[0] != "build" and "__pycache__" not in p.parts}

    def git(self, *args):
        # A checkout may belong to another user than the one who runs the tests (a container).
        command = ["git", "-c", f"safe.directory={self.root}", "-C", str(self.root), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def files(self, *folders):
        """The names of all files, or of those below the folders, relative to the root."""
        prefixes = tuple(f"{folder}/" for folder in folders)
        return [name for name in self._files if not folders or name.startswith(prefixes)]

    def text(self, name):
        """The content of a file; None when it is not text."""
        if name not in self._texts:
            try:
                self._texts[name] = (self.root / name).read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                self._texts[name] = None
        return self._texts[name]

    def lines(self, name):
        return (self.text(name) or "").split("\n")

    def cxx_files(self, *folders):
        return [name for name in self.files(*folders) if Path(name).suffix in CXX_SUFFIXES]

    def interpreter(self, name):
        """What the #! line names: "bash", "sh", "python3"; "" when there is none."""
        first = self.lines(name)[0]
        return first.split("/")[-1].split()[-1] if first.startswith("#!") else ""

    def shell_scripts(self):
        return [name for name in self.files()
                if self.interpreter(name) in ("sh", "bash") or name.endswith(".sh")]

    def python_files(self):
        return [name for name in self.files()
                if self.interpreter(name).startswith("python") or name.endswith(".py")]
