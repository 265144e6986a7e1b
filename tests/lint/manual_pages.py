# SPDX-License-Identifier: LGPL-2.1-only
"""The manual page of the C API says what the library has: its functions and tables, their
prototypes and the error codes that the header names."""

import re
import subprocess

PAGE = "docs/man/libxl_snapshot.3.pod"
HEADERS = ["include/libxl_snapshot.h", "include/libxl_snapshot_catalog.h"]
SYMBOLS = "tests/abi/symbols.txt"

# Names of designs that came before: their functions are nobody's.
PRIOR_PROPOSALS = re.compile(r"(?ms)^=head1 PRIOR PROPOSALS$.*?(?=^=head1 )")

FUNCTION = re.compile(r"\blibxl_(?:domain_|disk_)?snapshot\w*(?=\()")
TABLE = re.compile(r"\blibxl_\w+_string_table\b")
ITEM = re.compile(r"(?ms)^=item .*?(?=\n\n)")
RESULT = r"(?:int|const char \*|void|libxl_\w+ \*)"
PROTOTYPE = re.compile(rf"(?m)^(?:    )?({RESULT}\s*libxl_\w+\([^;]*\);)", re.DOTALL)


def pods(tree):
    return [name for name in tree.files("docs") if name.endswith(".pod")]


def untidy_pod(tree):
    for name in pods(tree):
        done = subprocess.run(["podchecker", "-warnings", "-warnings", name], cwd=tree.root,
                              capture_output=True, text=True)
        found = [line for line in (done.stdout + done.stderr).splitlines()
                 if line.startswith("***")]
        yield from found
        if done.returncode and not found:
            yield f"{name}: podchecker failed: {done.stderr}"


def exported(tree):
    names = (line.split("@")[0] for line in tree.lines(SYMBOLS))
    return {name for name in names if name.startswith("libxl_")}


def prototypes(text):
    """By the function's name, the prototypes with all white space made alike."""
    found = (re.sub(r"\s+", " ", match.group(1)) for match in PROTOTYPE.finditer(text))
    return {re.search(r"libxl_\w+(?=\()", prototype).group(): prototype for prototype in found}


def headers_text(tree):
    return "\n".join(tree.text(name) for name in HEADERS if name in tree.files())


def wrong_functions(tree):
    if PAGE not in tree.files():
        return
    page, header = tree.text(PAGE), headers_text(tree)
    names = exported(tree)
    functions = {name for name in names if not TABLE.fullmatch(name)}
    ours = PRIOR_PROPOSALS.sub(lambda match: ITEM.sub("", match.group()), page)
    items = " ".join(ITEM.findall(PRIOR_PROPOSALS.sub("", page)))
    for name in sorted(names - set(FUNCTION.findall(items)) - set(TABLE.findall(items))):
        yield f"{PAGE}: has no paragraph for {name}"
    for name in sorted(set(FUNCTION.findall(ours)) - functions):
        yield f"{PAGE}: the library exports no {name}()"
    declared, shown = prototypes(header), prototypes(page)
    for name in sorted(declared.keys() - functions):
        yield f"{HEADERS[0]}: the library exports no {name}()"
    for name, prototype in sorted(declared.items()):
        if shown.get(name) != prototype:
            yield f"{PAGE}: {name}() is declared otherwise in the headers: {prototype}"


def missing_errors(tree):
    if PAGE not in tree.files():
        return
    # "ERROR_QMP_*" stands for any code that begins so.
    for code in sorted(set(re.findall(r"\bERROR_\w+", headers_text(tree)))):
        end = "" if code.endswith("_") else r"\b"
        if not re.search(rf"\b{code}{end}", tree.text(PAGE)):
            yield f"{PAGE}: lacks {code}, which the headers name"


def problems(tree):
    yield from untidy_pod(tree)
    yield from wrong_functions(tree)
    yield from missing_errors(tree)
