// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libxml/tree.h>

#include "base/result.hpp"

namespace xlsnap {

// An element of a document, valid as long as that.
class XmlElement {
  public:
    explicit XmlElement(const xmlNode *node) : node_(node) {}

    [[nodiscard]] int line() const;
    [[nodiscard]] std::string name() const;

    // The elements in this one that are in no namespace, or in this one.
    [[nodiscard]] std::vector<XmlElement> children(std::string_view space = {}) const;
    // The only one of this name; nothing when there is none. Invalid when there are several.
    [[nodiscard]] Result<std::optional<XmlElement>> child(std::string_view name,
                                                          std::string_view space = {}) const;

    // All text in the element.
    [[nodiscard]] std::string text() const;
    // The text of the child of this name, empty when there is none: a single line of at most
    // kMaxXmlValue bytes.
    [[nodiscard]] Result<std::string> child_value(std::string_view name) const;
    // An attribute in no namespace, empty when there is none; of the same kind.
    [[nodiscard]] Result<std::string> attribute(const char *name) const;

    // Invalid: `line 3: <name>: reason`.
    [[nodiscard]] tl::unexpected<Error> invalid(std::string_view reason) const;

  private:
    [[nodiscard]] Result<std::string> checked(std::string value, std::string_view what) const;

    const xmlNode *node_;
};

} // namespace xlsnap
