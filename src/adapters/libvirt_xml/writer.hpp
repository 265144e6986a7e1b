// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <libxml/xmlwriter.h>

#include "base/result.hpp"

namespace xlsnap {

// A document in the making. Text that XML cannot hold, and whatever else goes wrong, is told at the
// end.
class XmlWriter {
  public:
    using Attribute = std::pair<const char *, std::string_view>;
    using Attributes = std::initializer_list<Attribute>;

    XmlWriter();
    XmlWriter(const XmlWriter &) = delete;
    XmlWriter &operator=(const XmlWriter &) = delete;
    XmlWriter(XmlWriter &&) = delete;
    XmlWriter &operator=(XmlWriter &&) = delete;
    ~XmlWriter() = default;

    // An element, with what `content` writes in it. An attribute with an empty value is left out.
    void element(const char *name, Attributes attributes = {},
                 const std::function<void()> &content = {});
    // An element with a text; left out when that is empty.
    void text_element(const char *name, std::string_view text, Attributes attributes = {});

    // What was said cannot be put in XML: the document fails with this reason, if it is the first.
    void refuse(std::string reason);

    // The document; to be called once.
    [[nodiscard]] Result<std::string> finish();

  private:
    struct Free {
        void operator()(xmlBuffer *buffer) const;
        void operator()(xmlTextWriter *writer) const;
    };

    void start(const char *name, Attributes attributes);
    [[nodiscard]] std::string checked(const char *name, std::string_view text);
    void expect(int status);

    std::unique_ptr<xmlBuffer, Free> buffer_;
    std::unique_ptr<xmlTextWriter, Free> writer_;
    Status status_;
};

} // namespace xlsnap
