// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

#include "core/layer_tidy.hpp"

namespace xlsnap {

// What a step does, in words: "merge /a into /b, 12345 bytes, and remove /a".
[[nodiscard]] std::string describe(const LayerStep &step);

// The images that a step is about.
[[nodiscard]] std::vector<std::string> images_of(const LayerStep &step);

// The images whose files it changes.
[[nodiscard]] std::vector<std::string> images_changed(const LayerStep &step,
                                                      const ImageLayers &layers);

// What stays though no snapshot needs it, a sentence for each, with the reason.
[[nodiscard]] std::vector<std::string> describe_rest(const Tidying &tidying);

} // namespace xlsnap
