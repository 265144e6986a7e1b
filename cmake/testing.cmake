# SPDX-License-Identifier: LGPL-2.1-only

# xlsnap_add_test(NAME SUITE SOURCES file... LIBRARIES target...): one GoogleTest program whose
# tests belong to the suite (the ctest label).
function(xlsnap_add_test name suite)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} xlsnap_flags GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name} TEST_PREFIX "${suite}/" DISCOVERY_TIMEOUT 60
                         PROPERTIES LABELS ${suite} TIMEOUT 120)
endfunction()
