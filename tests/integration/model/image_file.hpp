// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/domain.hpp"

namespace xlsnap::test {

// Images are named after their formats here: this one is a qcow2 image.
[[nodiscard]] bool has_tables(const std::string &path);

// The backing file that the header of a qcow2 image names; empty: none.
[[nodiscard]] std::string backing_of(const std::string &path);

// The image and all below it.
[[nodiscard]] std::vector<std::string> chain_of(const std::string &path);

// The tags in a qcow2 image, by qemu-img.
[[nodiscard]] std::vector<std::string> tags_of(const std::string &path);

[[nodiscard]] bool is_immutable(const std::string &path);

} // namespace xlsnap::test
