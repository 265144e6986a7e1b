// SPDX-License-Identifier: LGPL-2.1-only
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/domain_record_json.hpp"
#include "adapters/store/snapshot_record_json.hpp"
#include "support/sample_records.hpp"

namespace xlsnap::test {
namespace {

std::string catalog_document() {
    std::ifstream file(std::string(XLSNAP_DOCS) + "/catalog-format.md");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(CatalogDocument, ShowsTheRecordsThatAreWritten) {
    SnapshotRecord record = sample_record(2, "s1");
    record.disks[0].path = "/srv/g1.qcow2";
    DomainRecord domain;
    domain.uuid = kSampleUuid;
    domain.name = "g1";
    domain.current_id = record.id;
    domain.current_name = record.name;
    domain.active_layers = {{"xvda", "/srv/g1.qcow2"}};
    for (const std::string &text : {*encode_domain(domain), *encode_snapshot(record)})
        EXPECT_THAT(catalog_document(), ::testing::HasSubstr("```json\n" + text + "```\n"));
}

} // namespace
} // namespace xlsnap::test
