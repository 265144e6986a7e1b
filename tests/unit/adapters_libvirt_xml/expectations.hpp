// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "adapters/libvirt_xml/snapshot_reader.hpp"

namespace xlsnap::test {

inline std::string snapshot_xml(const std::string &content) {
    return "<domainsnapshot>\n" + content + "\n</domainsnapshot>";
}

inline SnapshotXml must_read(std::string_view text, XmlUse use) {
    auto xml = read_snapshot_xml(text, use);
    if (!xml) {
        ADD_FAILURE() << xml.error().message;
        return {};
    }
    return *xml;
}

inline void expect_refused(std::string_view text, XmlUse use, const std::string &message) {
    const auto xml = read_snapshot_xml(text, use);
    ASSERT_FALSE(xml) << text;
    EXPECT_EQ(xml.error().code, ErrorCode::Invalid);
    EXPECT_THAT(xml.error().message, ::testing::HasSubstr(message));
}

} // namespace xlsnap::test
