// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/snapshot_record_json.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/store/domain_record_json.hpp"
#include "adapters/store/record_envelope.hpp"
#include "base/json.hpp"
#include "support/sample_records.hpp"

namespace xlsnap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const SnapshotRecord &record) {
    const auto text = encode_snapshot(record);
    EXPECT_TRUE(text) << text.error().message;
    return text.value_or("");
}

// The value of the record, as JSON to be changed.
Json::Object value_of(std::string_view kind, const std::string &text) {
    return *parse_json(*unseal_record(kind, text))->as_object();
}

// Why a record whose value has been changed is refused.
std::string refusal(const std::function<void(Json::Object &)> &change) {
    Json::Object value = value_of("snapshot", text_of(full_record()));
    change(value);
    const auto record = decode_snapshot(*seal_record("snapshot", Json(value).to_text()), "x");
    if (record)
        return "accepted";
    EXPECT_EQ(record.error().code, ErrorCode::Invalid);
    return record.error().message;
}

// The same for a change to one member of one of its disks.
std::string disk_refusal(std::size_t number, const std::string &key, const Json &json) {
    return refusal([&](Json::Object &value) {
        Json::Array disks = *value["disks"].as_array();
        Json::Object disk = *disks.at(number).as_object();
        disk[key] = json;
        disks[number] = disk;
        value["disks"] = disks;
    });
}

TEST(SnapshotRecordJson, GivesRecordsBack) {
    for (const SnapshotRecord &record : {full_record(), sample_record(1, "s1")}) {
        const auto back = decode_snapshot(text_of(record), record.name);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(*back, record);
    }
}

TEST(SnapshotRecordJson, TellsOfACompressedMemoryImageAlone) {
    SnapshotRecord record = full_record();
    EXPECT_THAT(text_of(record), Not(HasSubstr("compression")));
    record.memory->compression = MemoryCompression::Zstd;
    EXPECT_THAT(text_of(record), HasSubstr(R"("compression":"zstd")"));
    EXPECT_EQ(decode_snapshot(text_of(record), record.name).value(), record);
    EXPECT_THAT(refusal([](Json::Object &value) {
                    Json::Object memory = *value["memory"].as_object();
                    memory["compression"] = "gzip";
                    value["memory"] = memory;
                }),
                HasSubstr("memory.compression"));
}

TEST(SnapshotRecordJson, TheNameIsNoPartOfTheText) {
    EXPECT_EQ(text_of(sample_record(1, "s1")), text_of(sample_record(1, "s2")));
}

TEST(SnapshotRecordJson, EachChangedByteIsNoticed) {
    const std::string text = text_of(sample_record(1, "s1"));
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const int bits : {0x01, 0x02, 0x20, 0x80, 0xff}) {
            std::string changed = text;
            changed[i] = static_cast<char>(changed[i] ^ bits);
            ASSERT_FALSE(decode_snapshot(changed, "s1")) << "byte " << i << " of " << text;
        }
        ASSERT_FALSE(decode_snapshot(text.substr(0, i), "s1")) << i << " bytes of " << text;
    }
    EXPECT_FALSE(decode_snapshot(text + "\n", "s1"));
    EXPECT_FALSE(decode_snapshot(text + text, "s1"));
}

TEST(SnapshotRecordJson, ARecordOfAnotherKindIsRefused) {
    EXPECT_FALSE(decode_snapshot(*encode_domain(sample_domain()), "s1"));
    EXPECT_FALSE(decode_domain(text_of(full_record())));
}

TEST(SnapshotRecordJson, ANewerVersionIsRefusedForThat) {
    std::string text = text_of(full_record());
    text.replace(text.find("1"), 1, "12");
    const auto newer = decode_snapshot(text, "s1");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, ErrorCode::NotImplemented);
    EXPECT_EQ(newer.error().message, "the record has version 12 of the format, this xlsnap knows "
                                     "version 1; use a newer xlsnap");
    EXPECT_EQ(decode_snapshot(R"({"xlsnap":2})", "s1").error().code, ErrorCode::NotImplemented);
    for (const char *version : {"0", "01", "-1", "", "x", "99999999999"})
        EXPECT_EQ(decode_snapshot(std::string(R"({"xlsnap":)") + version, "s1").error().message,
                  "the record is damaged, or no record at all");
}

TEST(SnapshotRecordJson, TooLargeARecordIsNeitherWrittenNorRead) {
    SnapshotRecord record = full_record();
    record.config_json = std::string(kMaxRecordBytes, 'x');
    EXPECT_THAT(encode_snapshot(record).error().message, HasSubstr("at most 4194304 are kept"));
    EXPECT_THAT(decode_snapshot(std::string(kMaxRecordBytes + 1, ' '), "x").error().message,
                HasSubstr("more than 4194304 bytes"));
}

TEST(SnapshotRecordJson, WhatCouldNotBeReadBackIsNotWritten) {
    SnapshotRecord latin1 = full_record();
    latin1.description = "\xfc";
    EXPECT_FALSE(encode_snapshot(latin1));
    SnapshotRecord huge = full_record();
    huge.memory->bytes = UINT64_MAX;
    EXPECT_THAT(encode_snapshot(huge).error().message, HasSubstr("memory.bytes"));
    SnapshotRecord no_id = full_record();
    no_id.id.clear();
    EXPECT_THAT(encode_snapshot(no_id).error().message, HasSubstr("id is not an id of 16"));
    SnapshotRecord stray_tag = full_record();
    stray_tag.disks[2].tag = "t";
    EXPECT_THAT(encode_snapshot(stray_tag).error().message, HasSubstr("read back"));
}

TEST(SnapshotRecordJson, UnknownMembersAreIgnored) {
    EXPECT_EQ(refusal([](auto &value) { value["later"] = Json::Array{Json(true)}; }), "accepted");
    EXPECT_EQ(disk_refusal(0, "later", Json("x")), "accepted");
}

TEST(SnapshotRecordJson, MissingMembersAreNamed) {
    for (const char *key : {"id", "creation_time", "state", "live", "crash_consistent", "protected",
                            "domain_uuid", "domain_name", "disks", "program_version"})
        EXPECT_EQ(refusal([&](auto &value) { value.erase(key); }),
                  std::string(key) + " is missing");
    for (const char *key : {"parent", "description", "config", "memory"})
        EXPECT_EQ(refusal([&](auto &value) { value.erase(key); }), "accepted");
}

TEST(SnapshotRecordJson, EachMemberIsChecked) {
    const auto with = [](const char *key, const Json &json) {
        return refusal([&](Json::Object &value) { value[key] = json; });
    };
    EXPECT_EQ(with("id", "0123456789ABCDEF"), "id is not an id of 16 hexadecimal digits");
    EXPECT_EQ(with("id", Json(std::int64_t{1})), "id is not an id of 16 hexadecimal digits");
    EXPECT_EQ(with("parent", ""), "parent is not an id of 16 hexadecimal digits");
    EXPECT_EQ(with("parent", record_id(2)), "parent is the snapshot itself");
    EXPECT_EQ(with("description", Json(std::string("a\0b", 3))),
              "description is not a text without a NUL");
    EXPECT_EQ(with("creation_time", Json(std::int64_t{-1})),
              "creation_time is not a whole number from 0 to 253402300799");
    EXPECT_EQ(with("creation_time", Json(std::int64_t{253402300800})),
              "creation_time is not a whole number from 0 to 253402300799");
    EXPECT_EQ(with("creation_time", Json(1.5)),
              "creation_time is not a whole number from 0 to 253402300799");
    EXPECT_EQ(with("state", "asleep"), "state is none of unknown, running, blocked, paused, "
                                       "shutdown, dying, inactive");
    EXPECT_EQ(with("live", Json(std::int64_t{1})), "live is neither true nor false");
    EXPECT_EQ(with("domain_uuid", "12345678-9ABC-4def-8123-456789abcdef"),
              "domain_uuid is not a uuid in small letters");
    EXPECT_EQ(with("domain_uuid", "12345678-9abc-4def-8123-456789abcde"),
              "domain_uuid is not a uuid in small letters");
    EXPECT_EQ(with("config", Json()), "config is not a text without a NUL");
    EXPECT_EQ(with("memory", "x"), "the record's memory is no object");
    EXPECT_EQ(with("memory", Json::Object{}), "memory.path is missing");
    EXPECT_EQ(with("disks", Json::Object{}), "disks is no array");
    EXPECT_EQ(with("disks", Json::Array{Json("x")}), "the record's disks[0] is no object");
}

TEST(SnapshotRecordJson, EachMemberOfADiskIsChecked) {
    EXPECT_EQ(disk_refusal(0, "vdev", ""),
              "disks[0].vdev is not a text without a NUL that is not empty");
    EXPECT_EQ(disk_refusal(0, "vdev", "xvdb"), "disks names \"xvdb\" twice");
    EXPECT_EQ(disk_refusal(0, "kind", "both"), "disks[0].kind is none of none, internal, external");
    EXPECT_EQ(disk_refusal(0, "path", "image"), "disks[0].path is not an absolute path");
    EXPECT_EQ(disk_refusal(0, "path", "/" + std::string(4096, 'x')),
              "disks[0].path is not an absolute path");
    EXPECT_EQ(disk_refusal(2, "path", "image"), "accepted");
    EXPECT_THAT(disk_refusal(1, "format", "vmdk"), HasSubstr("disks[1].format is none of"));
    EXPECT_EQ(disk_refusal(0, "tag", "a/b"), "disks[0].tag is not a name that a tag can have");
    EXPECT_EQ(disk_refusal(1, "tag", "t"), "disks[1].tag belongs to another kind of disk snapshot");
    EXPECT_EQ(disk_refusal(1, "overlay", "x"), "disks[1].overlay is not an absolute path");
    EXPECT_EQ(disk_refusal(0, "overlay", "/x"),
              "disks[0].overlay belongs to another kind of disk snapshot");
    EXPECT_EQ(disk_refusal(0, "inode", "-1"), "disks[0].inode is not a number in a text");
    EXPECT_EQ(disk_refusal(0, "device", "18446744073709551616"),
              "disks[0].device is not a number in a text");
    EXPECT_THAT(disk_refusal(0, "changed_ns", Json(std::int64_t{-1})),
                HasSubstr("disks[0].changed_ns is not a whole number"));
}

TEST(SnapshotRecordJson, AValueThatIsNoJsonIsRefused) {
    EXPECT_THAT(decode_snapshot(*seal_record("snapshot", "{"), "x").error().message,
                HasSubstr("JSON"));
    EXPECT_THAT(
        decode_snapshot(*seal_record("snapshot", R"({"id":"a","id":"b"})"), "x").error().message,
        HasSubstr("duplicate key"));
    EXPECT_EQ(decode_snapshot(*seal_record("snapshot", "[]"), "x").error().message,
              "the record is no object");
}

TEST(DomainRecordJson, GivesRecordsBack) {
    DomainRecord bare;
    bare.uuid = kSampleUuid;
    for (const DomainRecord &domain : {sample_domain(), bare}) {
        const auto back = decode_domain(*encode_domain(domain));
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(*back, domain);
    }
    bare.uuid = "../../etc";
    EXPECT_FALSE(encode_domain(bare));
}

TEST(DomainRecordJson, EachMemberIsChecked) {
    const auto with = [](const char *key, const Json &json) {
        Json::Object value = value_of("domain", *encode_domain(sample_domain()));
        value[key] = json;
        const auto domain = decode_domain(*seal_record("domain", Json(value).to_text()));
        return domain ? "accepted" : domain.error().message;
    };
    EXPECT_EQ(with("later", true), "accepted");
    EXPECT_EQ(with("uuid", "x"), "uuid is not a uuid in small letters");
    EXPECT_EQ(with("name", true), "name is not a text without a NUL");
    EXPECT_EQ(with("current", "x"), "current is not an id of 16 hexadecimal digits");
    EXPECT_EQ(with("current_name", "../x"), "current_name is not a name that a snapshot can have");
    EXPECT_EQ(with("active_layers", true), "active_layers is no array");
    EXPECT_EQ(with("active_layers", Json::Array{Json::Object{}}),
              "active_layers[0].vdev is missing");
    EXPECT_EQ(with("images", true), "images is no array");
}

TEST(DomainRecordJson, NeedsNoImages) {
    Json::Object value = value_of("domain", *encode_domain(sample_domain()));
    value.erase("images");
    const auto domain = decode_domain(*seal_record("domain", Json(value).to_text()));
    ASSERT_TRUE(domain) << domain.error().message;
    EXPECT_TRUE(domain->images.empty());
    EXPECT_EQ(encode_domain(*domain)->find("\"images\""), std::string::npos);
}

TEST(DomainRecordJson, EachMemberOfAnImageIsChecked) {
    const Json::Object sample = value_of("domain", *encode_domain(sample_domain()));
    const auto with = [&](const char *key, const Json &json) {
        Json::Object value = sample;
        Json::Object image = *(*value.at("images").as_array())[1].as_object();
        image[key] = json;
        value["images"] = Json::Array{image};
        const auto domain = decode_domain(*seal_record("domain", Json(value).to_text()));
        return domain ? "accepted" : domain.error().message;
    };
    EXPECT_EQ(with("later", true), "accepted");
    EXPECT_EQ(with("path", "images/a"), "images[0].path is not an absolute path");
    EXPECT_THAT(with("format", "x"), HasSubstr("images[0].format"));
    EXPECT_THAT(with("device", 7.0), HasSubstr("images[0].device"));
    EXPECT_THAT(with("made", 1.0), HasSubstr("images[0].made"));
    EXPECT_THAT(with("kept", "yes"), HasSubstr("images[0].kept"));
    EXPECT_THAT(with("dead_tags", "a"), HasSubstr("images[0].dead_tags"));
    EXPECT_THAT(with("dead_tags", Json::Array{""}), HasSubstr("images[0].dead_tags"));
    EXPECT_THAT(with("pinned", "no"), HasSubstr("images[0].pinned"));
    EXPECT_EQ(with("pinned", false), "accepted");
}

} // namespace
} // namespace xlsnap::test
