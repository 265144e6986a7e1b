// SPDX-License-Identifier: LGPL-2.1-only
#include "core/image_chain.hpp"

namespace xlsnap {

namespace {

bool is_same_file(const ImageMark &one, const ImageMark &other) {
    return one.device == other.device && one.inode == other.inode;
}

} // namespace

bool is_file_of(const BackedImage &image, const ChainLayer &layer) {
    return layer.path == image.path || is_same_file(layer.mark, image.mark);
}

bool stands_on(const BackedImage &image, const ChainLayer &layer) {
    if (!image.backing.starts_with('/'))
        return image.backing.find(layer.path) != std::string::npos;
    return is_same_file(image.backing_mark, layer.mark) || image.backing == layer.path;
}

} // namespace xlsnap
