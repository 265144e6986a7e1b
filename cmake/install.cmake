# SPDX-License-Identifier: LGPL-2.1-only
# What `cmake --install` puts where, and how others find it: by pkg-config or by
# find_package(xlsnap), which gives the target xlsnap::xlsnap.

include(CMakePackageConfigHelpers)

set(XLSNAP_PUBLIC_HEADERS
    ${PROJECT_SOURCE_DIR}/include/libxl_snapshot.h
    ${PROJECT_SOURCE_DIR}/include/libxl_snapshot_catalog.h
    ${PROJECT_SOURCE_DIR}/include/xlsnap.hpp
    ${XLSNAP_TYPES_HEADER})

install(TARGETS libxlsnap EXPORT xlsnap-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS xlsnap RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${XLSNAP_PUBLIC_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES docs/xlsnap.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES completions/xlsnap.bash RENAME xlsnap
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# Both files find the rest of the installation by their own place, so that a tree may be moved.
set(XLSNAP_PC_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(XLSNAP_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/xlsnap)

cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY
           ${CMAKE_INSTALL_PREFIX}/${XLSNAP_PC_DIR} OUTPUT_VARIABLE XLSNAP_PC_TO_PREFIX)
configure_file(cmake/xlsnap.pc.in xlsnap.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/xlsnap.pc DESTINATION ${XLSNAP_PC_DIR})

configure_package_config_file(cmake/xlsnap-config.cmake.in xlsnap-config.cmake
                              INSTALL_DESTINATION ${XLSNAP_PACKAGE_DIR}
                              NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xlsnap-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xlsnap-config.cmake
              ${PROJECT_BINARY_DIR}/xlsnap-config-version.cmake
        DESTINATION ${XLSNAP_PACKAGE_DIR})
install(EXPORT xlsnap-targets NAMESPACE xlsnap:: DESTINATION ${XLSNAP_PACKAGE_DIR})
