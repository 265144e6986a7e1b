# SPDX-License-Identifier: LGPL-2.1-only
"""Who may include whom (docs/architecture.md). The CMake targets say the same, but the folders
share one include root, so the compiler alone would let a wrong edge pass."""

import re

# A folder of src/ and the folders it may include besides itself.
MAY_INCLUDE = {
    "base": set(),
    "core": {"base"},
    "ports": {"core", "base"},
    "engine": {"ports", "core", "base"},
    "adapters": {"ports", "core", "base"},
    "api": {"engine", "adapters", "ports", "core", "base"},
    "cli": set(),
}

# The public headers; of src/ only these two folders know them.
PUBLIC_HEADERS = {"libxl_snapshot.h", "libxl_snapshot_catalog.h", "libxl_snapshot_types.h",
                  "xlsnap.hpp"}
KNOWS_PUBLIC_HEADERS = {"api", "cli"}

# Headers of other projects and the only places that may include them. The command is a user of the
# C API, and whoever uses that needs libxl too: for the context and to look a domain up.
CONFINED = {
    r"(libxl|xentoollog)\w*\.h": (
        "src/adapters/libxl/", "src/api/", "src/cli/", "include/", "idl/"),
    r"(xenstore|xenctrl|xenguest)\w*\.h": ("src/adapters/libxl/",),
    r"yajl/.*": ("src/base/json.cpp", "src/cli/json_output.cpp", "idl/"),
    r"openssl/.*": ("src/base/digest.cpp",),
    r"libxml/.*": ("src/adapters/libvirt_xml/",),
}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^">]+)[">]')


def folder_of(path):
    """src/core/x.hpp is of "core"; each adapter is a folder of its own: "adapters/qemu"."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "adapters" else parts[0]


def is_allowed(includer, header):
    own, other = folder_of(includer), folder_of(header)
    if header in PUBLIC_HEADERS:
        return own in KNOWS_PUBLIC_HEADERS
    return other == own or other.split("/")[0] in MAY_INCLUDE.get(own.split("/")[0], set())


def problems(tree):
    sources = set(tree.files("src"))
    for name in tree.cxx_files("src", "include", "idl"):
        for number, line in enumerate(tree.lines(name), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, header = match.groups()
            is_ours = bracket == '"' or f"src/{header}" in sources
            if is_ours and name.startswith("src/"):
                if not is_allowed(name.removeprefix("src/"), header):
                    yield f"{name}:{number}: may not include {header}"
            for pattern, places in CONFINED.items():
                if bracket == "<" and re.fullmatch(pattern, header):
                    if not name.startswith(places):
                        yield f"{name}:{number}: <{header}> belongs to {', '.join(places)} only"
