# SPDX-License-Identifier: LGPL-2.1-only
"""What Xen and QEMU never promised is known to the adapters only, and written down where whoever
moves to another version of them finds it: docs/xen-private-interfaces.md."""

import re

PAGE = "docs/xen-private-interfaces.md"

LIBXL = "src/adapters/libxl/"
QEMU = "src/adapters/qemu/"
STORE = "src/adapters/store/"
POSIX = "src/adapters/posix/"
CLI = "src/cli/"

# A text that gives the use of a private interface away, and the folders of src/ that may have it.
TELL_TALES = {
    "/local/domain": (LIBXL,),
    "device-model-pid": (LIBXL,),
    "control/shutdown": (LIBXL,),
    "event-channel": (LIBXL,),
    "/libxl/{}": (LIBXL,),
    "libvirt-xml": (LIBXL,),
    "dom0_mem=": (LIBXL,),
    "/var/lock/xl": (LIBXL,),
    "/etc/xen": (LIBXL,),
    "VM status": (LIBXL,),
    "info status": (LIBXL,),
    "/var/log/xen": (LIBXL, CLI),
    "to die [pid": (POSIX,),
    "qmp-lib": (LIBXL, QEMU),
    "/var/run/xen": (QEMU,),
    "XLSNAP_XEN_RUN_DIR": (QEMU,),
    "xen-save-devices-state": (QEMU,),
    "does not support internal snapshots": (QEMU,),
    "Xen saved domain": (STORE,),
    "LibxlFmt": (STORE,),
    "XENF": (STORE,),
    "xen-backend": (POSIX,),
    "physical_device": (POSIX,),
    "backing_file": (POSIX,),
    "/var/lib/xen": (LIBXL,),
    "userdata-": (LIBXL,),
    "domain-userdata-lock": (LIBXL,),
    "libxl-json": (LIBXL,),
    "/params": (LIBXL,),
}

OUR_FILE = re.compile(r"`(src/[\w./]+)`")


def misplaced(tree):
    for name in tree.files("src"):
        for number, line in enumerate(tree.lines(name), 1):
            for text, places in TELL_TALES.items():
                if text in line and not name.startswith(places):
                    yield f"{name}:{number}: '{text}' belongs to {', '.join(places)} (see {PAGE})"


def unwritten(tree):
    if PAGE not in tree.files():
        return
    page, sources = tree.text(PAGE), set(tree.files("src"))
    for text in TELL_TALES:
        if text.replace("{}", "<domid>") not in page:
            yield f"{PAGE}: lacks '{text}'"
    for name in sorted(set(OUR_FILE.findall(page)) - sources):
        yield f"{PAGE}: there is no {name}"


def problems(tree):
    yield from misplaced(tree)
    yield from unwritten(tree)
