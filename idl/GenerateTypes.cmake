# SPDX-License-Identifier: LGPL-2.1-only
# Build-time generation of C from IDL files.

find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

# xlsnap_generate(SCRIPT FILE.idl ARGUMENTS... OUTPUT file...)
#
# Runs idl/SCRIPT on FILE.idl and the arguments, which writes the output files.
function(xlsnap_generate script idl)
    cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "ARGUMENTS;OUTPUT")
    set(dir ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
    cmake_path(GET idl FILENAME idl_name)
    file(GLOB modules CONFIGURE_DEPENDS ${dir}/*.py)
    add_custom_command(
        OUTPUT ${ARG_OUTPUT}
        COMMAND Python3::Interpreter -B ${dir}/${script} ${idl} ${ARG_ARGUMENTS}
        DEPENDS ${idl} ${modules}
        COMMENT "Running ${script} on ${idl_name}"
        VERBATIM)
endfunction()

# xlsnap_add_idl_types(TARGET FILE.idl)
#
# An object library with the types of FILE.idl. Whoever links it finds the header FILE.h, generated
# in include/ of the current binary directory. The runtime that the generated code calls is part of
# the target xlsnap_types alone; what a type with builtins of libxl calls, of xlsnap_idl_builtins.
function(xlsnap_add_idl_types target idl)
    cmake_path(GET idl STEM name)
    set(header_dir ${CMAKE_CURRENT_BINARY_DIR}/include)
    set(header ${header_dir}/${name}.h)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
    file(MAKE_DIRECTORY ${header_dir})
    xlsnap_generate(gen_types.py ${idl} ARGUMENTS ${header} ${source} OUTPUT ${header} ${source})
    add_library(${target} OBJECT ${source} ${header})
    target_include_directories(
        ${target}
        PUBLIC ${header_dir}
        PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/runtime)
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
    target_link_libraries(
        ${target}
        PUBLIC PkgConfig::XENLIGHT
        PRIVATE PkgConfig::YAJL xlsnap_flags)
    set_target_properties(${target} PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF
                                               POSITION_INDEPENDENT_CODE ON)
endfunction()

# xlsnap_generate_round_trip_test(TEST_SOURCE FILE.idl)
#
# Generates the C file TEST_SOURCE, which checks every type of FILE.idl with random values.
function(xlsnap_generate_round_trip_test test_source idl)
    cmake_path(GET idl STEM name)
    xlsnap_generate(gen_test.py ${idl} ARGUMENTS ${name}.h ${test_source} OUTPUT ${test_source})
endfunction()
