// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string_view>

#include <libxml/tree.h>

#include "adapters/libvirt_xml/element.hpp"
#include "base/result.hpp"

namespace xlsnap {

// A document in memory.
class XmlDocument {
  public:
    // UTF-8 of at most kMaxXmlBytes. A document type is refused, so there are no entities; nothing
    // is ever fetched. Invalid says where it is malformed.
    static Result<XmlDocument> parse(std::string_view text);

    [[nodiscard]] XmlElement root() const;

  private:
    struct Free {
        void operator()(xmlDoc *document) const;
    };

    explicit XmlDocument(xmlDoc *document) : document_(document) {}

    std::unique_ptr<xmlDoc, Free> document_;
};

} // namespace xlsnap
