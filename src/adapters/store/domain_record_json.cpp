// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/domain_record_json.hpp"

#include "adapters/store/image_record_json.hpp"
#include "adapters/store/record_envelope.hpp"
#include "adapters/store/record_fields.hpp"
#include "adapters/store/record_shapes.hpp"
#include "core/snapshot_name.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kDomainKind = "domain";

bool is_snapshot_name(std::string_view text) {
    return check_snapshot_name(text).has_value();
}

const TextShape kSnapshotName{is_snapshot_name, "a name that a snapshot can have"};

Json to_json(const DomainRecord &domain) {
    Json::Array layers;
    for (const ActiveLayer &layer : domain.active_layers)
        layers.emplace_back(Json::Object{{"vdev", layer.vdev}, {"path", layer.path}});
    Json::Array images;
    for (const DomainImage &image : domain.images)
        images.push_back(image_to_json(image));
    Json::Object object;
    object["uuid"] = domain.uuid;
    object["name"] = domain.name;
    if (!domain.current_id.empty())
        object["current"] = domain.current_id;
    if (!domain.current_name.empty())
        object["current_name"] = domain.current_name;
    object["active_layers"] = std::move(layers);
    if (!images.empty())
        object["images"] = std::move(images);
    return object;
}

DomainRecord read_domain(RecordFields &fields) {
    DomainRecord domain;
    domain.uuid = fields.text("uuid", kUuid);
    domain.name = fields.text("name", kAnyText);
    domain.current_id = fields.optional_text("current", kSnapshotId);
    domain.current_name = fields.optional_text("current_name", kSnapshotName);
    for (RecordFields &element : fields.array("active_layers")) {
        domain.active_layers.push_back(
            {element.text("vdev", kSomeText), element.text("path", kSomeText)});
        fields.adopt(element);
    }
    for (RecordFields &element : fields.optional_array("images")) {
        domain.images.push_back(read_image(element));
        fields.adopt(element);
    }
    return domain;
}

} // namespace

Result<std::string> encode_domain(const DomainRecord &domain) {
    XLSNAP_ASSIGN(std::string text, seal_record(kDomainKind, to_json(domain).to_text()));
    XLSNAP_ASSIGN(const DomainRecord read_back, decode_domain(text));
    if (read_back != domain)
        return fail(ErrorCode::Invalid, "the record could not be read back as it is");
    return text;
}

Result<DomainRecord> decode_domain(std::string_view text) {
    XLSNAP_ASSIGN(const std::string_view value, unseal_record(kDomainKind, text));
    XLSNAP_ASSIGN(const Json json, parse_json(value));
    RecordFields fields(json, {});
    DomainRecord domain = read_domain(fields);
    XLSNAP_TRY(fields.status());
    return domain;
}

} // namespace xlsnap
