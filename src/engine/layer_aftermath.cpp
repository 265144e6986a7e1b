// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/layer_aftermath.hpp"

#include "core/domain_layers.hpp"
#include "engine/layer_facts.hpp"

namespace xlsnap {

Status LayerAftermath::settle(const std::string &key, const std::optional<Domain> &now) {
    if (!now)
        return {};
    XLSNAP_ASSIGN(DomainCatalog known, catalog_.read(key));
    if (known.domain.images.empty())
        return {};
    XLSNAP_ASSIGN(const ImageLayers layers,
                  gather_layers(ports_, known.snapshots, known.domain, active_images(*now)));
    return protection_.settle(known.domain, layers);
}

} // namespace xlsnap
