// SPDX-License-Identifier: LGPL-2.1-only
//
// create, revert and delete by the functions that keep no records.
#pragma once

#include "cli/session.hpp"

namespace xlsnap::cli {

void create_without_catalog(const CreateCommand &command, const Session &session);
void revert_without_catalog(const RevertCommand &command, const Session &session);
void delete_without_catalog(const DeleteCommand &command, const Session &session);

} // namespace xlsnap::cli
