// SPDX-License-Identifier: LGPL-2.1-only
#include <cstdio>
#include <cstdlib>

#include "cli/config_file.hpp"
#include "cli/outcome.hpp"
#include "cli/selected_snapshot.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

// A domain of which nothing is known is the one that the XML names.
SnapshotDomain domain_of_import(const ImportXmlCommand &command, const Session &session) {
    return command.domain.empty() ? SnapshotDomain() : session.find(command.domain);
}

int check(const ImportXmlCommand &command, const Session &session) {
    try {
        const SnapshotDomain domain = domain_of_import(command, session);
        import_snapshot(session.xen(), *domain, read_text_file(command.file),
                        LIBXL_SNAPSHOT_DRY_RUN);
    } catch (const std::exception &) {
        if (!command.quiet)
            throw;
        return EXIT_FAILURE;
    }
    if (!command.quiet)
        tell(command.file, "acceptable");
    return EXIT_SUCCESS;
}

} // namespace

void run(const DumpXmlCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    const std::string name = name_or_current(session, *domain, command.name);
    print_lines(dump_xml(session.xen(), *domain, name));
}

int run(const ImportXmlCommand &command, const Session &session) {
    if (command.check)
        return check(command, session);
    Session::begin_change();
    const SnapshotDomain domain = domain_of_import(command, session);
    import_snapshot(session.xen(), *domain, read_text_file(command.file),
                    flag_if(command.dry_run, LIBXL_SNAPSHOT_DRY_RUN));
    tell_or_plan(command.dry_run, *domain, "the snapshot of " + command.file + " is known now");
    return EXIT_SUCCESS;
}

} // namespace xlsnap::cli
