// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/element.hpp"

#include <memory>

#include <fmt/format.h>

#include "adapters/libvirt_xml/xml_text.hpp"
#include "base/utf8.hpp"

namespace xlsnap {

namespace {

struct FreeText {
    void operator()(xmlChar *text) const { ::xmlFree(text); }
};

std::string taken(xmlChar *text) {
    const std::unique_ptr<xmlChar, FreeText> owner(text);
    return text == nullptr ? std::string() : std::string(as_chars(text));
}

bool is_in(const xmlNode *node, std::string_view space) {
    return node->ns == nullptr ? space.empty() : space == as_chars(node->ns->href);
}

bool has_control_character(std::string_view text) {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (point.bytes == 0 || is_control(point.value))
            return true;
        text.remove_prefix(point.bytes);
    }
    return false;
}

} // namespace

int XmlElement::line() const {
    return static_cast<int>(::xmlGetLineNo(node_));
}

std::string XmlElement::name() const {
    return as_chars(node_->name);
}

std::vector<XmlElement> XmlElement::children(std::string_view space) const {
    std::vector<XmlElement> found;
    for (const xmlNode *node = node_->children; node != nullptr; node = node->next)
        if (node->type == XML_ELEMENT_NODE && is_in(node, space))
            found.emplace_back(node);
    return found;
}

Result<std::optional<XmlElement>> XmlElement::child(std::string_view name,
                                                    std::string_view space) const {
    std::optional<XmlElement> found;
    for (const XmlElement &element : children(space)) {
        if (element.name() != name)
            continue;
        if (found)
            return element.invalid("it stands twice; keep one");
        found = element;
    }
    return found;
}

std::string XmlElement::text() const {
    return taken(::xmlNodeGetContent(node_));
}

Result<std::string> XmlElement::child_value(std::string_view name) const {
    XLSNAP_ASSIGN(const auto element, child(name));
    return element ? element->checked(element->text(), "the text") : std::string();
}

Result<std::string> XmlElement::attribute(const char *name) const {
    return checked(taken(::xmlGetNoNsProp(node_, as_xml(name))), name);
}

tl::unexpected<Error> XmlElement::invalid(std::string_view reason) const {
    return fail(ErrorCode::Invalid, fmt::format("line {}: <{}>: {}", line(), name(), reason));
}

Result<std::string> XmlElement::checked(std::string value, std::string_view what) const {
    if (value.size() > kMaxXmlValue)
        return invalid(
            fmt::format("{} has {} bytes; at most {} are read", what, value.size(), kMaxXmlValue));
    if (has_control_character(value))
        return invalid(fmt::format("{} has a control character", what));
    return value;
}

} // namespace xlsnap
