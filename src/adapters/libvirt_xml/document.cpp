// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/document.hpp"

#include <fmt/format.h>
#include <libxml/parser.h>

#include "adapters/libvirt_xml/xml_text.hpp"
#include "base/foreign_text.hpp"

namespace xlsnap {

namespace {

struct FreeParser {
    void operator()(xmlParserCtxt *parser) const { ::xmlFreeParserCtxt(parser); }
};

// The first of what is wrong; the rest follows from it.
void keep_first(std::string &reason, int line, std::string_view message) {
    while (message.ends_with('\n') || message.ends_with('.') || message.ends_with(' '))
        message.remove_suffix(1);
    if (reason.empty())
        reason =
            fmt::format("line {}: {}", line, quote_foreign(message.substr(0, message.find('\n'))));
}

std::string &reason_of(void *parser) {
    return *static_cast<std::string *>(static_cast<xmlParserCtxt *>(parser)->_private);
}

// A template because libxml2 2.12 made the error const. Warnings are about matters of taste.
template <typename XmlError> void on_error(void *parser, XmlError *error) {
    if (error->level < XML_ERR_ERROR)
        return;
    keep_first(reason_of(parser), error->line, error->message == nullptr ? "" : error->message);
}

// libxml2 calls it when it has read the name of a document type, before any entity.
void on_document_type(void *parser, const xmlChar * /*name*/, const xmlChar * /*external*/,
                      const xmlChar * /*system*/) {
    auto *context = static_cast<xmlParserCtxt *>(parser);
    keep_first(reason_of(parser), context->input->line,
               "a document type is not read; remove <!DOCTYPE>");
    ::xmlStopParser(context);
}

Status check_text(std::string_view text) {
    if (text.size() > kMaxXmlBytes)
        return fail(ErrorCode::Invalid, fmt::format("the XML has {} bytes; at most {} are read",
                                                    text.size(), kMaxXmlBytes));
    if (!is_xml_text(text))
        return fail(ErrorCode::Invalid,
                    "the XML is not UTF-8, or has characters that XML cannot hold");
    return {};
}

} // namespace

void XmlDocument::Free::operator()(xmlDoc *document) const {
    ::xmlFreeDoc(document);
}

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
    XLSNAP_TRY(check_text(text));
    const std::unique_ptr<xmlParserCtxt, FreeParser> parser(::xmlNewParserCtxt());
    if (!parser)
        return fail(ErrorCode::NoMemory, "no memory for XML");
    std::string reason;
    parser->_private = &reason;
    parser->sax->serror = on_error;
    parser->sax->internalSubset = on_document_type;
    // Without XML_PARSE_HUGE libxml2 bounds the depth and the length of names and texts.
    XmlDocument document(::xmlCtxtReadMemory(parser.get(), text.data(),
                                             static_cast<int>(text.size()), nullptr, nullptr,
                                             XML_PARSE_NONET | XML_PARSE_BIG_LINES));
    if (!reason.empty())
        return fail(ErrorCode::Invalid, std::move(reason));
    if (!document.document_ || ::xmlDocGetRootElement(document.document_.get()) == nullptr)
        return fail(ErrorCode::Invalid, "the XML has no element");
    const xmlChar *encoding = document.document_->encoding;
    if (encoding != nullptr && ::xmlStrcasecmp(encoding, as_xml("UTF-8")) != 0)
        return fail(ErrorCode::Invalid,
                    fmt::format("line 1: the XML says that its encoding is {}; write it in UTF-8",
                                as_chars(encoding)));
    return document;
}

XmlElement XmlDocument::root() const {
    return XmlElement(::xmlDocGetRootElement(document_.get()));
}

} // namespace xlsnap
