// SPDX-License-Identifier: LGPL-2.1-only
#include "expectations.hpp"

#include "adapters/libvirt_xml/xml_text.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

using namespace std::string_literals;

void expect_malformed(const std::string &text, const std::string &message) {
    expect_refused(text, XmlUse::Create, message);
}

std::string nested(int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i)
        text += "<a>";
    for (int i = 0; i < depth; ++i)
        text += "</a>";
    return "<domainsnapshot>" + text + "</domainsnapshot>";
}

TEST(XmlDocument, TellsTheLineOfTheFirstFault) {
    expect_malformed("<domainsnapshot>\n<name>x</name\n></description>", "line 3: ");
    expect_malformed("<domainsnapshot>\n\n<a b=c/></domainsnapshot>", "line 3: ");
    expect_malformed("<domainsnapshot>\n&undefined;</domainsnapshot>", "line 2: ");
    expect_malformed("<domainsnapshot xmlns:x='urn:\x7f'/>",
                     "line 1: xmlns:x: 'urn: ' is not a valid URI");
    expect_malformed("", "");
    expect_malformed("not XML", "line 1: ");
    expect_malformed("<domainsnapshot/><domainsnapshot/>", "line 1: ");
}

TEST(XmlDocument, HasTheRightRoot) {
    expect_malformed("<?xml version='1.0'?>\n<domain/>",
                     "line 2: <domain>: this is no <domainsnapshot>");
    expect_malformed("<a:domainsnapshot/>", "line 1: ");
}

TEST(XmlDocument, RefusesAnyDocumentType) {
    const std::string refusal = "line 1: a document type is not read; remove <!DOCTYPE>";
    expect_malformed("<!DOCTYPE domainsnapshot><domainsnapshot/>", refusal);
    expect_malformed("<!DOCTYPE domainsnapshot SYSTEM 'http://127.0.0.1:1/x'><domainsnapshot/>",
                     refusal);
    expect_malformed(
        "<!DOCTYPE d [<!ENTITY a 'x'>]><domainsnapshot><name>&a;</name></domainsnapshot>", refusal);
}

TEST(XmlDocument, ReadsNoOtherFile) {
    const TemporaryDirectory directory;
    put(directory / "secret", "secret");
    for (const char *declaration : {"<!ENTITY a SYSTEM '{}'>", "<!ENTITY % a SYSTEM '{}'> %a;"}) {
        std::string entity = declaration;
        entity.replace(entity.find("{}"), 2, "file://" + directory / "secret");
        const auto xml = read_snapshot_xml(
            "<!DOCTYPE d [" + entity + "]><domainsnapshot><name>&a;</name></domainsnapshot>",
            XmlUse::Create);
        ASSERT_FALSE(xml);
        EXPECT_THAT(xml.error().message, ::testing::Not(::testing::HasSubstr("secret")));
    }
    const SnapshotXml xml = must_read("<domainsnapshot xmlns:xi='http://www.w3.org/2001/XInclude'>"
                                      "<name>n</name><xi:include href='" +
                                          directory / "secret" + "'/></domainsnapshot>",
                                      XmlUse::Create);
    EXPECT_EQ(xml.name, "n");
}

TEST(XmlDocument, RefusesABombOfEntities) {
    std::string bomb = "<!DOCTYPE d [<!ENTITY a0 'xxxxxxxxxxxxxxxx'>";
    for (int i = 1; i < 30; ++i)
        bomb += "<!ENTITY a" + std::to_string(i) + " '&a" + std::to_string(i - 1) + ";&a" +
                std::to_string(i - 1) + ";'>";
    expect_malformed(bomb + "]><domainsnapshot><name>&a29;</name></domainsnapshot>",
                     "a document type is not read");
}

TEST(XmlDocument, KeepsADocumentTypeThatIsText) {
    const SnapshotXml xml =
        must_read("<domainsnapshot><!-- <!DOCTYPE a> --><description><![CDATA[<!DOCTYPE b>]]>"
                  "</description></domainsnapshot>",
                  XmlUse::Create);
    EXPECT_EQ(xml.description, "<!DOCTYPE b>");
}

TEST(XmlDocument, BoundsSizeAndDepth) {
    expect_malformed("<domainsnapshot>" + std::string(kMaxXmlBytes, ' ') + "</domainsnapshot>",
                     "the XML has 4194337 bytes; at most 4194304 are read");
    expect_malformed(nested(10000), "Excessive depth in document");
    must_read(nested(100), XmlUse::Create);
    expect_malformed("<domainsnapshot>\n<name>" + std::string(4097, 'x') +
                         "</name></domainsnapshot>",
                     "line 2: <name>: the text has 4097 bytes; at most 4096 are read");
}

TEST(XmlDocument, IsReadInSpiteOfAWarning) {
    must_read("<domainsnapshot><a xmlns='relative'/></domainsnapshot>", XmlUse::Create);
}

TEST(XmlDocument, IsUtf8) {
    must_read("<?xml version='1.0' encoding='utf-8'?><domainsnapshot/>", XmlUse::Create);
    EXPECT_EQ(
        must_read("\xef\xbb\xbf<domainsnapshot><name>é</name></domainsnapshot>", XmlUse::Create)
            .name,
        "é");
    expect_malformed("<?xml version='1.0' encoding='ISO-8859-1'?><domainsnapshot/>",
                     "its encoding is ISO-8859-1; write it in UTF-8");
    const std::string refusal = "the XML is not UTF-8, or has characters that XML cannot hold";
    for (const std::string &bytes :
         {"\xe9"s, "\xc1\xbf"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s, "\xef\xbf\xbf"s,
          "\xf5\x80\x80\x80"s, "\xc3"s, "\x01"s, "a\0b"s})
        expect_malformed("<domainsnapshot><name>" + bytes + "</name></domainsnapshot>", refusal);
    expect_malformed("<\0d\0o\0/\0>\0"s, refusal);
}

TEST(XmlDocument, RefusesControlCharactersInNamesAndPaths) {
    expect_malformed("<domainsnapshot>\n<name>a&#10;b</name></domainsnapshot>",
                     "line 2: <name>: the text has a control character");
    expect_malformed("<domainsnapshot><memory file='/a&#10;b'/></domainsnapshot>",
                     "line 1: <memory>: file has a control character");
    expect_malformed("<domainsnapshot><memory snapshot='&#x9b;2J'/></domainsnapshot>",
                     "line 1: <memory>: snapshot has a control character");
}

TEST(XmlDocument, RefusesAnElementThatStandsTwice) {
    expect_malformed("<domainsnapshot><name>a</name>\n<name>b</name></domainsnapshot>",
                     "line 2: <name>: it stands twice; keep one");
}

} // namespace

} // namespace xlsnap::test
