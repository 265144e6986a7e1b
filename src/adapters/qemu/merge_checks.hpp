// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "adapters/qemu/new_image.hpp"
#include "core/image_chain.hpp"

namespace xlsnap {

// What ports/image_chains.hpp forbids to be merged, told from the layers alone, and what is done
// to their files around it.

// How many layers of the chain stand on the image `below`, whatever name leads to it. Invalid when
// it is not among those that the first one stands on.
[[nodiscard]] Result<std::size_t> layers_above(const ImageChain &chain, const std::string &below);

// Invalid when a layer that is given up holds a tag, or the base would have to shrink, or grow
// where it cannot.
[[nodiscard]] Status check_commit(std::span<const ChainLayer> moved, const ChainLayer &base);

// Invalid when it holds one.
[[nodiscard]] Status expect_no_tag(const ChainLayer &layer);

// Invalid when the image stands on nothing, or the new chain below it leads to itself.
[[nodiscard]] Status check_new_backing(const ChainLayer &layer, const ImageChain &below);

// Invalid unless a regular file with the mark's device and inode has the name.
[[nodiscard]] Status expect_same_file(const OpenedPlace &place, const ImageMark &mark);

// Returns when what was written to the image, by whomever, has reached the disk.
[[nodiscard]] Status sync_image(const std::string &path);

} // namespace xlsnap
