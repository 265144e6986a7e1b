// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The image as qemu-img takes it behind --image-opts. Driver and file name are separate options, so
// neither is the format probed nor can any path be read as a protocol ("nbd:…", "json:…"), as an
// option of qemu-img, or as further options. NotFound when there is no such file; Invalid when it
// is neither a file nor a block device, or the format is none that an image can have.
// `prefix` makes them those of a child of an image: "backing." for one.
[[nodiscard]] Result<std::string> image_options(const std::string &path, DiskFormat format,
                                                std::string_view prefix = {});

// QEMU's name of the format's driver; empty when an image cannot be in that format.
[[nodiscard]] std::string_view format_driver(DiskFormat format);

// The value of an option among others: a comma ends it unless it is doubled (util/keyval.c in
// qemu.git).
[[nodiscard]] std::string escape_commas(const std::string &value);

} // namespace xlsnap
