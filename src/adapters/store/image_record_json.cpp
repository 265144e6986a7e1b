// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/image_record_json.hpp"

#include <utility>

#include "adapters/store/disk_record_json.hpp"

namespace xlsnap {

Json image_to_json(const DomainImage &image) {
    Json::Array dead_tags;
    for (const std::string &tag : image.dead_tags)
        dead_tags.emplace_back(tag);
    Json::Object object;
    object["path"] = image.path;
    object["format"] = format_word(image.format);
    add_mark(image.mark, object);
    object["made"] = image.made;
    object["kept"] = image.kept;
    object["dead_tags"] = std::move(dead_tags);
    if (image.pinned)
        object["pinned"] = true;
    return object;
}

DomainImage read_image(RecordFields &fields) {
    DomainImage image;
    image.path = fields.text("path", kAbsolutePath);
    image.format = read_format(fields, "format");
    image.mark = read_mark(fields);
    image.made = fields.flag("made");
    image.kept = fields.flag("kept");
    image.dead_tags = fields.texts("dead_tags", kTag);
    image.pinned = fields.has("pinned") && fields.flag("pinned");
    return image;
}

} // namespace xlsnap
