#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Tests of the lint rules themselves: each finds the violation that is planted in a small tree, and
nothing in a tree that keeps the rule. Prints a line "ok" or "not ok" for each test."""

import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

sys.dont_write_bytecode = True

import clang_tools
import commit_subjects
import include_edges
import lint
import manual_pages
import private_interfaces
import faults  # of tests/mutants, which lint makes known
import text_rules
from source_tree import SourceTree

SPDX = "// SPDX-License-Identifier: LGPL-2.1-only\n"
HASH_SPDX = "# SPDX-License-Identifier: LGPL-2.1-only\n"


class RuleTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name) / "tree"
        self.root.mkdir()
        # Neither the user's settings of git nor what clang-tidy found before plays a part.
        environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "XDG_CACHE_HOME": directory.name}
        patch = unittest.mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)

    def found(self, rule, files, **arguments):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(rule(SourceTree(self.root), **arguments))

    def assert_keeps(self, rule, files, **arguments):
        self.assertEqual(self.found(rule, files, **arguments), [])

    def assert_breaks(self, rule, files, where, **arguments):
        found = self.found(rule, files, **arguments)
        self.assertTrue(any(where in problem for problem in found), found)


class IncludeEdges(RuleTest):
    def keeps(self, name, *includes):
        self.assert_keeps(include_edges.problems, {name: "".join(f"#include {i}\n" for i in includes)})

    def breaks(self, name, include):
        self.assert_breaks(include_edges.problems, {name: f"{SPDX}#include {include}\n"}, f"{name}:2")

    def test_inner_folders_may_be_included_by_outer_ones(self):
        self.keeps("src/engine/x.cpp", '"engine/x.hpp"', '"ports/log.hpp"', '"base/json.hpp"')
        self.keeps("src/adapters/qemu/x.cpp", '"adapters/qemu/y.hpp"', '"core/domain.hpp"')
        self.keeps("src/api/x.cpp", '"adapters/qemu/y.hpp"', '"libxl_snapshot.h"', "<libxl.h>")
        self.keeps("src/cli/x.cpp", '"cli/y.hpp"', '"xlsnap.hpp"', "<vector>", "<libxl_utils.h>")

    def test_core_may_not_include_a_port(self):
        self.breaks("src/core/x.hpp", '"ports/log.hpp"')

    def test_engine_may_not_include_an_adapter(self):
        self.breaks("src/engine/x.cpp", '"adapters/qemu/y.hpp"')

    def test_one_adapter_may_not_include_another(self):
        self.breaks("src/adapters/qemu/x.cpp", '"adapters/store/y.hpp"')

    def test_the_command_may_include_only_the_public_headers(self):
        self.breaks("src/cli/x.cpp", '"base/json.hpp"')
        self.keeps("src/cli/x.cpp", "<libxl_utils.h>")

    def test_only_the_api_and_the_command_know_the_public_headers(self):
        self.breaks("src/engine/x.cpp", '"libxl_snapshot.h"')

    def test_a_way_around_the_include_root_is_no_way(self):
        self.breaks("src/core/x.cpp", '"../ports/log.hpp"')

    def test_angle_brackets_hide_no_edge(self):
        self.assert_keeps(include_edges.problems, {"src/ports/log.hpp": SPDX})
        self.keeps("src/engine/x.cpp", "<ports/log.hpp>")
        self.breaks("src/core/x.cpp", "<ports/log.hpp>")

    def test_libxl_and_xenstore_stay_in_their_adapter(self):
        self.keeps("src/adapters/libxl/x.cpp", "<libxl.h>", "<xenstore.h>")
        self.breaks("src/adapters/qemu/x.cpp", "<libxl_utils.h>")
        self.breaks("src/engine/x.cpp", "<xenstore.h>")

    def test_yajl_stays_in_the_json_file(self):
        self.keeps("src/base/json.cpp", "<yajl/yajl_parse.h>")
        self.breaks("src/adapters/qemu/x.cpp", "<yajl/yajl_parse.h>")

    def test_openssl_stays_in_the_digest_file(self):
        self.keeps("src/base/digest.cpp", "<openssl/evp.h>")
        self.breaks("src/adapters/store/x.cpp", "<openssl/evp.h>")


class TextRules(RuleTest):
    def test_a_source_without_a_licence_line_is_found(self):
        rule = text_rules.missing_licence
        self.assert_keeps(rule, {"a.cpp": SPDX, "run": "#!/bin/sh\n" + HASH_SPDX, "README.md": ""})
        self.assert_breaks(rule, {"b.cpp": "int b;\n"}, "b.cpp")
        self.assert_breaks(rule, {"script": "#!/bin/sh\ntrue\n"}, "script")
        self.assert_breaks(rule, {"sub/CMakeLists.txt": "add_library(x)\n"}, "sub/CMakeLists.txt")

    def test_untidy_whitespace_is_found(self):
        rule = text_rules.untidy_whitespace
        self.assert_keeps(rule, {"a.cpp": "int a;\n", "empty": "", "LICENSE": "\ttext \n\n"})
        self.assert_breaks(rule, {"tab.cpp": "a;\n\tb;\n"}, "tab.cpp:2")
        self.assert_breaks(rule, {"space.cpp": "a; \n"}, "space.cpp:1")
        self.assert_breaks(rule, {"no_newline.cpp": "a;"}, "no_newline.cpp")
        self.assert_breaks(rule, {"empty_line.cpp": "a;\n\n"}, "empty_line.cpp")

    def test_a_source_that_is_too_long_is_found(self):
        rule = text_rules.too_long
        self.assert_keeps(rule, {"src/a.cpp": "\n" * 600, "tests/a.cpp": "\n" * 700})
        self.assert_breaks(rule, {"src/b.cpp": "\n" * 601}, "src/b.cpp: 601 lines")

    def test_a_path_of_a_machine_is_found(self):
        rule = text_rules.machine_paths
        self.assert_keeps(rule, {"a": "/var/lib/xen ${root}/home/x http://host/home/x\n"})
        self.assert_breaks(rule, {"b": "\nsee " + "/home" + "/somebody/notes\n"}, "b:2")

    def test_python_that_does_not_compile_is_found(self):
        rule = text_rules.broken_python
        self.assert_keeps(rule, {"a.py": "print()\n", "b": "#!/usr/bin/env python3\nprint()\n"})
        self.assert_breaks(rule, {"c.py": "def f(:\n"}, "c.py:1")
        self.assert_breaks(rule, {"d": "#!/usr/bin/env python3\nprint(\n"}, "d:2")


class ManualPages(RuleTest):
    HEADER = "/* ERROR_INVAL, ERROR_QMP_*. */\nint libxl_domain_snapshot_create(int domid,\n    bool live);\n"
    PAGE = """=head1 NAME

p - page

=head1 SYNOPSIS

    int libxl_domain_snapshot_create(int domid, bool live);

=over 4

=item B<libxl_domain_snapshot_create()>

ERROR_INVAL, ERROR_QMP_GENERIC_ERROR. The type libxl_domain_snapshot_args has no functions here.

=back

=head1 PRIOR PROPOSALS

=over 4

=item B<libxl_snapshot_get()>

See libxl_domain_snapshot_create().

=back

=head1 SEE ALSO

none
"""

    def files(self, page=PAGE, header=HEADER, symbols="libxl_domain_snapshot_create@@X_1\n"):
        return {manual_pages.PAGE: page, manual_pages.HEADERS[0]: header, manual_pages.SYMBOLS: symbols}

    def breaks(self, where, **files):
        self.assert_breaks(manual_pages.problems, self.files(**files), where)

    def test_a_page_that_says_what_there_is_is_fine(self):
        self.assert_keeps(manual_pages.problems, self.files())

    def test_pod_that_is_no_pod_is_found(self):
        self.breaks("***", page=self.PAGE.replace("=back\n", "", 1))

    def test_an_exported_function_without_a_paragraph_is_found(self):
        symbols = "libxl_domain_snapshot_create@@X_1\nlibxl_disk_snapshot_init@@X_1\n"
        self.breaks("no paragraph for libxl_disk_snapshot_init", symbols=symbols)

    def test_an_exported_table_without_a_paragraph_is_found(self):
        symbols = "libxl_domain_snapshot_create@@X_1\nlibxl_kind_string_table@@X_1\n"
        self.breaks("no paragraph for libxl_kind_string_table", symbols=symbols)
        item = "=item B<libxl_domain_snapshot_create()>"
        page = self.PAGE.replace(item, f"{item},\nB<libxl_kind_string_table>")
        self.assert_keeps(manual_pages.problems, self.files(page=page, symbols=symbols))

    def test_a_function_that_returns_a_type_needs_its_prototype(self):
        self.breaks("libxl_list() is declared otherwise",
                    header=self.HEADER + "libxl_kind *libxl_list(int nb);\n",
                    symbols="libxl_domain_snapshot_create@@X_1\nlibxl_list@@X_1\n")
        self.breaks("libxl_list() is declared otherwise",
                    header=self.HEADER + "libxl_kind *\nlibxl_list(int nb);\n",
                    symbols="libxl_domain_snapshot_create@@X_1\nlibxl_list@@X_1\n")

    def test_a_function_that_is_not_exported_is_found_in_the_page(self):
        page = self.PAGE.replace("See lib", "See libxl_domain_snapshot_get() and lib")
        self.breaks("exports no libxl_domain_snapshot_get()", page=page)

    def test_a_function_that_is_not_exported_is_found_in_the_header(self):
        self.breaks(f"{manual_pages.HEADERS[0]}: the library exports no libxl_more()",
                    header=self.HEADER + "void libxl_more(void);\n")

    def test_a_prototype_unlike_the_header_s_is_found(self):
        self.breaks("declared otherwise", page=self.PAGE.replace("bool live", "int live"))

    def test_an_error_code_that_the_page_lacks_is_found(self):
        self.breaks("lacks ERROR_INVAL", page=self.PAGE.replace("ERROR_INVAL", ""))
        self.breaks("lacks ERROR_QMP_", page=self.PAGE.replace("ERROR_QMP_", ""))
        self.breaks("lacks ERROR_FAIL", page=self.PAGE.replace("ERROR_INVAL", "ERROR_FAILURE"),
                    header=self.HEADER.replace("ERROR_INVAL", "ERROR_FAIL"))


class PrivateInterfaces(RuleTest):
    PAGE = {private_interfaces.PAGE: "".join(
        text.replace("{}", "<domid>") + "\n" for text in private_interfaces.TELL_TALES)}

    def breaks(self, files, where):
        self.assert_breaks(private_interfaces.problems, {**self.PAGE, **files}, where)

    def test_an_adapter_may_have_what_is_its_own(self):
        self.assert_keeps(private_interfaces.problems, {
            **self.PAGE,
            "src/adapters/libxl/x.cpp": 'read("/local/domain/1/image/device-model-pid");\n',
            "src/adapters/qemu/x.cpp": 'connect("qmp-libxenstat-1");\n',
            "src/adapters/store/x.cpp": 'magic = "Xen saved domain";\n'})

    def test_a_private_thing_outside_its_adapter_is_found(self):
        self.breaks({"src/core/x.hpp": "\n// xen-save-devices-state\n"}, "src/core/x.hpp:2")
        self.breaks({"src/adapters/qemu/y.cpp": "/local/domain\n"}, "src/adapters/qemu/y.cpp:1")

    def test_a_private_thing_that_the_document_lacks_is_found(self):
        text = self.PAGE[private_interfaces.PAGE].replace("libvirt-xml", "")
        self.breaks({private_interfaces.PAGE: text}, "lacks 'libvirt-xml'")

    def test_a_file_that_is_gone_is_found_in_the_document(self):
        text = self.PAGE[private_interfaces.PAGE] + "`src/adapters/libxl/gone.cpp`\n"
        self.breaks({private_interfaces.PAGE: text}, "there is no src/adapters/libxl/gone.cpp")


class CommitSubjects(RuleTest):
    def commit(self, subject):
        SourceTree(self.root).git("-c", "user.name=Test", "-c", "user.email=test@example.org",
                                  "commit", "--quiet", "--allow-empty", "-m", subject)

    def setUp(self):
        super().setUp()
        subprocess.run(["git", "init", "--quiet", self.root], check=True)

    def test_a_checkout_without_commits_is_fine(self):
        self.assert_keeps(commit_subjects.problems, {})

    def test_a_subject_with_a_known_component_is_fine(self):
        self.commit("engine: undo the steps in reverse order")
        self.assert_keeps(commit_subjects.problems, {})

    def test_a_subject_without_a_component_is_found(self):
        self.commit("Fix things")
        self.commit("engine: a later one that is fine")
        self.assert_breaks(commit_subjects.problems, {}, "Fix things")

    def test_an_unknown_component_is_found(self):
        self.commit("misc: fixes")
        self.assert_breaks(commit_subjects.problems, {}, "misc is not in components.txt")


class Faults(RuleTest):
    FAULT = "fault f\nfile src/a.c\ntests t\n int a;\n-int b;\n+int c;\n"
    PLACE = "tests/mutants/a.faults"

    def keeps(self, source, fault=FAULT):
        self.assert_keeps(faults.problems, {"src/a.c": source, self.PLACE: fault})

    def breaks(self, source, where, fault=FAULT):
        self.assert_breaks(faults.problems, {"src/a.c": source, self.PLACE: fault}, where)

    def test_a_fault_whose_lines_are_gone_is_found(self):
        self.keeps("int a;\nint b;\n")
        self.breaks("int a;\nint x;\n", "f: src/a.c: these lines stand 0 times")

    def test_a_fault_with_two_places_is_found(self):
        self.breaks("int a;\nint b;\nint a;\nint b;\n", "2 times")

    def test_a_part_of_a_line_is_no_place_for_a_fault(self):
        self.breaks("unsigned int a;\nint b;\n", "0 times")
        self.breaks("int a;\nint b; int d;\n", "0 times")

    def test_a_fault_that_changes_nothing_is_found(self):
        self.breaks("int a;\n", "changes nothing", "fault f\nfile src/a.c\ntests t\n int a;\n")

    def test_a_fault_of_a_file_that_is_gone_is_found(self):
        self.breaks("", "no such file", self.FAULT.replace("a.c", "b.c"))

    def test_a_fault_that_cannot_be_read_is_found(self):
        self.breaks("", "nobody understands", "fault f\nfiles src/a.c\n")
        self.breaks("", "needs a file", "fault f\ntests t\n")
        self.breaks("", "outside", "file src/a.c\n")
        self.breaks("", "two faults", f"{self.FAULT}\n{self.FAULT}")

    def test_a_fault_changes_its_lines_and_no_others(self):
        fault, = faults.parse(self.FAULT + "@@\n-int d;\n")
        self.assertEqual(fault.apply("int a;\nint b;\n\nint d;\nint e;\n"),
                         "int a;\nint c;\n\nint e;\n")


class OtherTools(RuleTest):
    def test_what_clang_format_would_change_is_found(self):
        style = {".clang-format": "BasedOnStyle: LLVM\n"}
        self.assert_keeps(clang_tools.unformatted, {**style, "a.cpp": "int a;\n"})
        self.assert_breaks(clang_tools.unformatted, {**style, "b.cpp": "int a;\nint   b;\n"}, "b.cpp:2")

    def test_what_shellcheck_dislikes_is_found(self):
        self.assert_keeps(lint.careless_shell, {"a": "#!/bin/sh\necho hello\n"})
        self.assert_breaks(lint.careless_shell, {"b": '#!/bin/sh\nrm $1\n'}, "b:2")

    def tidied(self, names):
        entry = '{"directory": "%s", "file": "%s", "command": "ccache g++ -c %s -o %s.o"}'
        places = [(self.root, self.root / name, self.root / name, name) for name in names]
        return {
            ".clang-tidy": "Checks: '-*,bugprone-sizeof-expression'\nWarningsAsErrors: '*'\n"
                           "HeaderFilterRegex: '/src/.*[.]cpp'\n",
            "compile_commands.json": "[%s]" % ",".join(entry % place for place in places),
            **{name: "static int f(int *p) { return *p; }\n" for name in names[:1]},
            **{name: "static int g(int *p) { return *p; }\n" for name in names[1:]},
        }

    def test_what_clang_tidy_dislikes_is_found_again_when_it_was_clean_before(self):
        files = self.tidied(["src/a.cpp"])
        self.assert_keeps(clang_tools.untidy, files, build=self.root)
        files["src/a.cpp"] = "int f(int *p) { return sizeof(sizeof(*p)); }\n"
        self.assert_breaks(clang_tools.untidy, files, "src/a.cpp:1", build=self.root)

    def test_what_clang_tidy_dislikes_is_found_in_every_source_of_a_folder(self):
        files = self.tidied(["src/a.cpp", "src/b.cpp"])
        self.assert_keeps(clang_tools.untidy, files, build=self.root)
        files["src/b.cpp"] = "\nint g(int *p) { return sizeof(sizeof(*p)); }\n"
        self.assert_breaks(clang_tools.untidy, files, "src/b.cpp:2", build=self.root)

    def test_what_clang_tidy_cannot_read_is_found(self):
        files = self.tidied(["src/a.cpp"])
        files["src/a.cpp"] = "int f(\n"
        self.assert_breaks(clang_tools.untidy, files, "src/a.cpp:1", build=self.root)


class TapResult(unittest.TextTestResult):
    """Prints one line for each test as lint.py does for each rule."""

    def name(self, test):
        return "lint test: " + test.id().split(".")[-1].removeprefix("test_").replace("_", " ")

    def addSuccess(self, test):
        super().addSuccess(test)
        print("ok", self.name(test))

    def print_failure(self, test, error):
        print("not ok", self.name(test))
        for line in self._exc_info_to_string(error, test).splitlines():
            print("   ", line)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.print_failure(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.print_failure(test, error)


if __name__ == "__main__":
    runner = unittest.TextTestRunner(stream=sys.stderr, verbosity=0, resultclass=TapResult)
    unittest.main(testRunner=runner)
