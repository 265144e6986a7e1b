// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>

#include "adapters/qemu/new_image.hpp"
#include "core/image_chain.hpp"

namespace xlsnap {

// A qcow2 image whose changes go elsewhere: qemu-img reads and changes the chain's first image
// behind the options of view_options(), while its file stays as it is. What is written to that file
// goes into `changes`, an overlay on the file's raw bytes, whatever the image itself stands on.

// Makes `changes` the overlay, with room for all tables of a disk of so many bytes.
[[nodiscard]] Status fill_changes(const NewImage &changes, const ChainLayer &image,
                                  std::uint64_t virtual_bytes);

// As image_options() has it. Relative names of backing files mean nothing behind it, so what the
// image stands on is said.
[[nodiscard]] Result<std::string> view_options(const NewImage &changes, const ImageChain &chain);

} // namespace xlsnap
