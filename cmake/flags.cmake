# SPDX-License-Identifier: LGPL-2.1-only
# Flags of our own targets. They hang on one INTERFACE target that is linked privately, so that
# they never reach whoever uses the library.

option(XLSNAP_WERROR "Treat warnings as errors" OFF)
option(XLSNAP_COVERAGE "Instrument for line coverage" OFF)
option(XLSNAP_FUZZ "Build the fuzzers too; needs clang" OFF)
set(XLSNAP_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_library(xlsnap_flags INTERFACE)
target_compile_options(xlsnap_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(XLSNAP_WERROR)
    target_compile_options(xlsnap_flags INTERFACE -Werror)
endif()
# The check of virtual calls (vptr) probes memory by pipe(2) and write(2), and takes an object for a bad
# one when a test makes these fail.
if(XLSNAP_SANITIZE)
    target_compile_options(xlsnap_flags INTERFACE
        -fsanitize=${XLSNAP_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_link_options(xlsnap_flags INTERFACE -fsanitize=${XLSNAP_SANITIZE})
endif()
if(XLSNAP_FUZZ)
    target_compile_options(xlsnap_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(xlsnap_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(XLSNAP_COVERAGE)
    target_compile_options(xlsnap_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(xlsnap_flags INTERFACE --coverage)
endif()
