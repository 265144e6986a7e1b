# SPDX-License-Identifier: LGPL-2.1-only

# xlsnap_add_test(NAME SUITE [READ_SOURCES] SOURCES file... LIBRARIES target...): one GoogleTest
# program whose tests belong to the suite (the ctest label). The build runs it to learn its tests;
# with READ_SOURCES it looks for TEST_F() and TEST() in the sources instead.
function(xlsnap_add_test name suite)
    cmake_parse_arguments(ARG "READ_SOURCES" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} xlsnap_flags GTest::gmock GTest::gtest_main)
    if(ARG_READ_SOURCES)
        gtest_add_tests(TARGET ${name} TEST_PREFIX "${suite}/" TEST_LIST tests)
        set_tests_properties(${tests} PROPERTIES LABELS ${suite} TIMEOUT 120)
    else()
        gtest_discover_tests(${name} TEST_PREFIX "${suite}/" DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
                             PROPERTIES LABELS ${suite} TIMEOUT 120)
    endif()
endfunction()
