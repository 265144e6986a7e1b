// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "adapters/libxl/libxl_types.hpp"
#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The configuration as libxl writes it in JSON, in the form that can be built again: without the
// domid, as `xl save` does it (tools/xl/xl_saverestore.c in xen.git).
[[nodiscard]] Result<std::string> config_to_json(libxl_ctx *ctx, libxl_domain_config &config);

// The inverse. Invalid when the text is no configuration of a guest. Whatever domid it names,
// the hypervisor chooses: a domid that was in use a minute ago is refused by libxl.
[[nodiscard]] Result<LibxlDomainConfig> config_from_json(libxl_ctx *ctx, const std::string &json);

// Name, uuid, type, disks and hindrances of the configuration; the rest of the result is left as it
// is born.
[[nodiscard]] Result<Domain> domain_of_config(const libxl_domain_config &config);

// Lower case, with dashes.
[[nodiscard]] std::string uuid_text(const libxl_uuid &uuid);

[[nodiscard]] DiskFormat disk_format(libxl_disk_format format);
[[nodiscard]] DiskBackend disk_backend(libxl_disk_backend backend);

} // namespace xlsnap
