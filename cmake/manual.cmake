# SPDX-License-Identifier: LGPL-2.1-only
# The manual pages, made from docs/man/NAME.SECTION.pod. Release and date are said here, because
# pod2man would take its own release and the time of the file: the same sources give the same pages.

find_program(POD2MAN pod2man REQUIRED)

set(XLSNAP_MANUAL_DATE 2026-11-23) # of the last change in what the pages say

# xlsnap_add_manual_page(NAME SECTION TARGET): whoever builds TARGET, to install it, builds its page.
function(xlsnap_add_manual_page name section target)
    string(TOUPPER ${name} title)
    set(pod ${PROJECT_SOURCE_DIR}/docs/man/${name}.${section}.pod)
    set(page ${PROJECT_BINARY_DIR}/man/${name}.${section})
    add_custom_command(
        OUTPUT ${page}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
        COMMAND ${POD2MAN} --utf8 --errors=die --name=${title} --section=${section}
                --center=xlsnap "--release=xlsnap ${PROJECT_VERSION}"
                --date=${XLSNAP_MANUAL_DATE} ${pod} ${page}
        DEPENDS ${pod}
        VERBATIM)
    add_custom_target(manual_${name} DEPENDS ${page})
    add_dependencies(${target} manual_${name})
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endfunction()

xlsnap_add_manual_page(libxl_snapshot 3 libxlsnap)
xlsnap_add_manual_page(xlsnap 1 xlsnap)
xlsnap_add_manual_page(xlsnap.conf 5 xlsnap)
xlsnap_add_manual_page(xlsnap-catalog 5 xlsnap)
