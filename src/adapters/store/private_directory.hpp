// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>

#include "base/durable_directory.hpp"
#include "base/result.hpp"

namespace xlsnap {

// Directories that are this user's alone. Invalid when anything but a directory has the name, such
// as a symbolic link, or when it is another user's or others may write to it: they could put
// records there.

// Nothing when there is none.
Result<std::optional<DurableDirectory>> open_private(const DurableDirectory &parent,
                                                     const std::string &name);

// Makes it first when there is none, for this user alone whatever the umask; it outlives a crash.
// NotFound when somebody removes it just then, or the parent.
Result<DurableDirectory> make_private(const DurableDirectory &parent, const std::string &name);

} // namespace xlsnap
