#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""The IDL file of the libxl that is installed, from Debian's source package: no other package has it.

libxl_idl.py copy FILE               make FILE that file; it is left alone when it is already
libxl_idl.py installed               print CODENAME VERSION, Debian's and that of libxl's source
libxl_idl.py fetch CODENAME VERSION  put that into the cache: for a Debian that has no apt

What apt fetched, some 15 MB, is needed once: the file is kept in ~/.cache/xlsnap/libxl, or
$XDG_CACHE_HOME. apt's own lists and settings stay as they are, and nobody needs to be root.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ARCHIVES = {
    "Debian": "http://deb.debian.org/debian",
    "Debian-Security": "http://deb.debian.org/debian-security",
}
IDL_IN_SOURCE = "/tools/libs/light/libxl_types.idl"


class Unavailable(Exception):
    """The file cannot be had; the text says why."""


def run(*command, cwd=None):
    try:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable(f"there is no {command[0]}") from error
    if done.returncode:
        raise Unavailable(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def installed():
    """The codename of this Debian and the version of the source of its libxl."""
    version = run("dpkg-query", "-W", "-f", "${source:Version}", "libxen-dev")
    release = Path("/etc/os-release").read_text("utf-8")
    for line in release.splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"'), version
    raise Unavailable("/etc/os-release names no Debian")


def source_lists(codename, targets):
    """What goes into sources.list; `targets` are "URI LABEL" lines of this machine's own archives."""
    own = [line.split(maxsplit=1) for line in targets.splitlines()]
    archives = {label: uri for uri, label in own
                if label in ARCHIVES and uri.startswith(("http:", "https:", "file:"))} or ARCHIVES
    suites = {"Debian": codename, "Debian-Security": f"{codename}-security"}
    return "".join(f"deb-src [signed-by={KEYRING}] {uri} {suites[label]} main\n"
                   for label, uri in archives.items())


def candidates(wanted, available):
    """The versions to take, best first. The archive forgets the version that is installed when there
    is an update, but within a stable series of Xen (4.17) libxl's types stay as they are."""
    series = ".".join(wanted.split(".")[:2]) + "."
    others = sorted({v for v in available if v.startswith(series) and v != wanted}, reverse=True)
    return [v for v in (wanted,) if v in available] + others


class Apt:
    """apt in a folder of its own."""

    def __init__(self, folder, codename):
        targets = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)",
                      "Created-By: Packages", "Origin: Debian", "Component: main")
        (folder / "sources.list").write_text(source_lists(codename, targets), "utf-8")
        for place in ("lists/partial", "cache/archives/partial"):
            (folder / place).mkdir(parents=True)
        self._folder = folder
        self._options = [word for option in (
            f"Dir::Etc::SourceList={folder}/sources.list", "Dir::Etc::SourceParts=/dev/null",
            f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache",
            "APT::Sandbox::User=root", "APT::Update::Error-Mode=any", "Acquire::Retries=3",
        ) for word in ("-o", option)]
        run("apt-get", *self._options, "update")

    def versions(self):
        shown = run("apt-cache", *self._options, "showsrc", "--only-source", "xen")
        return [line.split()[1] for line in shown.splitlines() if line.startswith("Version: ")]

    def tarball(self, version):
        run("apt-get", *self._options, "source", "--download-only", "--tar-only", f"xen={version}",
            cwd=self._folder)
        return next(self._folder.glob("xen_*.orig.tar.*"))


def idl_in(tarball):
    with tarfile.open(tarball) as archive:
        for member in archive:
            if member.name.endswith(IDL_IN_SOURCE):
                return archive.extractfile(member).read()
    raise Unavailable(f"{tarball.name} has no *{IDL_IN_SOURCE}")


def download(codename, version):
    with tempfile.TemporaryDirectory() as folder:
        apt = Apt(Path(folder), codename)
        failure = Unavailable(f"Debian {codename} has no source of xen {version}")
        for candidate in candidates(version, apt.versions()):
            try:
                return idl_in(apt.tarball(candidate))
            except Unavailable as error:
                failure = error
        raise failure


def replace(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, path)


def cached(codename, version):
    """The path of the file in the cache, where it appears complete or not at all."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(home) / "xlsnap" / "libxl" / f"{codename}-{version}.idl"
    if not path.exists():
        replace(path, download(codename, version))
    return path


def copy(target):
    codename, version = installed()
    try:
        data = cached(codename, version).read_bytes()
    except Unavailable as error:
        raise Unavailable(f"{error}\nWhere there is apt: {sys.argv[0]} fetch {codename} {version}"
                          ) from error
    if not target.exists() or target.read_bytes() != data:
        replace(target, data)


def main(arguments):
    try:
        match arguments:
            case ["installed"]:
                print(*installed())
            case ["fetch", codename, version]:
                cached(codename, version)
            case ["copy", target]:
                copy(Path(target))
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except Unavailable as error:
        print(f"libxl_idl.py: libxl's IDL file cannot be had: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
