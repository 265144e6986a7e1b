// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <stdexcept>

#include "cli/command_line.hpp"
#include "cli/session.hpp"

namespace xlsnap::cli {

// What the command line asks for does not fit the domain that it names; nothing was touched.
class UsageError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Does what the command line says and gives the exit status. Throws UsageError, or another
// std::exception for what fails; only a failure that leaves something to print is a status.
[[nodiscard]] int run(const CommandLine &line);

// verbs_create.cpp
void run(const CreateCommand &command, const Session &session);

// verbs_revert.cpp
void run(const RevertCommand &command, const Session &session);
void run(const StartCommand &command, const Session &session);

// verbs_delete.cpp
void run(const DeleteCommand &command, const Session &session);

// verbs_prune.cpp
void run(const PruneCommand &command, const Session &session);

// verbs_records.cpp
void run(const RenameCommand &command, const Session &session);
void run(const DescribeCommand &command, const Session &session);
void run(const ProtectCommand &command, const Session &session);
void run(const CurrentCommand &command, const Session &session);
void run(const RebuildCommand &command, const Session &session);

// verbs_list.cpp
void run(const ListCommand &command, const Session &session);
void run(const TreeCommand &command, const Session &session);

// verbs_info.cpp
void run(const InfoCommand &command, const Session &session);

// verbs_config.cpp
void run(const ConfigCommand &command, const Session &session);

// verbs_xml.cpp
void run(const DumpXmlCommand &command, const Session &session);
int run(const ImportXmlCommand &command, const Session &session);

// verbs_verify.cpp
int run(const VerifyCommand &command, const Session &session);

// monitor.cpp
void run(const MonitorCommand &command, Session &session);

} // namespace xlsnap::cli
