// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include "adapters/store/record_fields.hpp"

namespace xlsnap {

std::vector<RecordFields> RecordFields::array(std::string_view key) {
    std::vector<RecordFields> elements;
    const Json *member = required(key);
    if (member == nullptr)
        return elements;
    if (member->as_array() == nullptr) {
        refuse(key, "is no array");
        return elements;
    }
    for (const Json &element : *member->as_array())
        elements.emplace_back(element, fmt::format("{}[{}]", name_of(key), elements.size()));
    return elements;
}

std::vector<RecordFields> RecordFields::optional_array(std::string_view key) {
    return has(key) ? array(key) : std::vector<RecordFields>();
}

std::vector<std::string> RecordFields::texts(std::string_view key, const TextShape &shape) {
    std::vector<std::string> texts;
    const Json *member = required(key);
    if (member == nullptr)
        return texts;
    if (member->as_array() == nullptr) {
        refuse(key, "is no array");
        return texts;
    }
    for (const Json &element : *member->as_array())
        texts.push_back(text_of(element, fmt::format("{}[{}]", key, texts.size()), shape));
    return texts;
}

} // namespace xlsnap
