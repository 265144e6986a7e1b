// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/writer.hpp"

#include <fmt/format.h>

#include "adapters/libvirt_xml/xml_text.hpp"

namespace xlsnap {

void XmlWriter::Free::operator()(xmlBuffer *buffer) const {
    ::xmlBufferFree(buffer);
}

void XmlWriter::Free::operator()(xmlTextWriter *writer) const {
    ::xmlFreeTextWriter(writer);
}

XmlWriter::XmlWriter()
    : buffer_(::xmlBufferCreate()),
      writer_(buffer_ ? ::xmlNewTextWriterMemory(buffer_.get(), 0) : nullptr) {
    if (!writer_) {
        status_ = fail(ErrorCode::NoMemory, "no memory for XML");
        return;
    }
    expect(::xmlTextWriterSetIndent(writer_.get(), 1));
    expect(::xmlTextWriterSetIndentString(writer_.get(), as_xml("  ")));
}

void XmlWriter::element(const char *name, Attributes attributes,
                        const std::function<void()> &content) {
    if (!status_)
        return;
    start(name, attributes);
    if (content)
        content();
    if (status_)
        expect(::xmlTextWriterEndElement(writer_.get()));
}

void XmlWriter::text_element(const char *name, std::string_view text, Attributes attributes) {
    if (text.empty())
        return;
    element(name, attributes, [&] {
        const std::string content = checked(name, text);
        expect(::xmlTextWriterWriteString(writer_.get(), as_xml(content.c_str())));
    });
}

void XmlWriter::refuse(std::string reason) {
    if (status_)
        status_ = fail(ErrorCode::Invalid, std::move(reason));
}

Result<std::string> XmlWriter::finish() {
    if (status_)
        expect(::xmlTextWriterEndDocument(writer_.get()));
    XLSNAP_TRY(status_);
    writer_.reset(); // it flushes into the buffer
    std::string text(as_chars(::xmlBufferContent(buffer_.get())));
    if (text.size() > kMaxXmlBytes)
        return fail(ErrorCode::Invalid, fmt::format("the XML has {} bytes; at most {} are read",
                                                    text.size(), kMaxXmlBytes));
    return text;
}

void XmlWriter::start(const char *name, Attributes attributes) {
    expect(::xmlTextWriterStartElement(writer_.get(), as_xml(name)));
    for (const auto &[key, value] : attributes) {
        if (value.empty())
            continue;
        const std::string text = checked(key, value);
        expect(::xmlTextWriterWriteAttribute(writer_.get(), as_xml(key), as_xml(text.c_str())));
    }
}

std::string XmlWriter::checked(const char *name, std::string_view text) {
    if (!is_xml_text(text))
        refuse(fmt::format("{}: the text has characters that XML cannot hold", name));
    return std::string(text);
}

void XmlWriter::expect(int status) {
    if (status < 0 && status_)
        status_ = fail(ErrorCode::NoMemory, "no memory for XML");
}

} // namespace xlsnap
