// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/json_output.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "cli/parts/snapshot_list.hpp"

namespace xlsnap::cli {
namespace {

using test::malloced;
using test::OwnedSnapshot;
using test::SnapshotList;

// What the function writes to a stream.
template <typename Write> std::string written(Write write) {
    char *text = nullptr;
    std::size_t size = 0;
    std::FILE *stream = ::open_memstream(&text, &size);
    write(stream);
    static_cast<void>(std::fclose(stream));
    std::string said(text, size);
    std::free(text);
    return said;
}

Json parsed(const std::string &text) {
    auto json = parse_json(text);
    EXPECT_TRUE(json) << text;
    return json ? *json : Json();
}

std::vector<std::string> keys_of(const Json &object) {
    std::vector<std::string> keys;
    for (const auto &[key, value] : *object.as_object())
        keys.push_back(key);
    return keys;
}

void fill_in_text(OwnedSnapshot &snapshot) {
    snapshot->name = malloced("before");
    snapshot->description = malloced("a \"quoted\"\nline");
    snapshot->save = malloced("/s/1.save");
    snapshot->save_digest = malloced("00ff");
    snapshot->parent = malloced("install");
    snapshot->domain_uuid = malloced("u");
    snapshot->domain_name = malloced("g1");
    snapshot->config = malloced("{}");
    snapshot->program_version = malloced("0.1.0");
}

void fill_in_disk(OwnedSnapshot &snapshot) {
    auto &disk = snapshot.add_disk("xvda", LIBXL_DISK_SNAPSHOT_KIND_INTERNAL);
    disk.path = malloced("/d.qcow2");
    disk.format = malloced("qcow2");
    disk.tag = malloced("xlsnap-1");
    disk.virtual_size = std::numeric_limits<std::uint64_t>::max();
}

TEST(JsonOutput, OfASnapshotHasEachFieldByItsName) {
    OwnedSnapshot snapshot;
    fill_in_text(snapshot);
    fill_in_disk(snapshot);
    snapshot->creation_time = 1397207577;
    snapshot->state = LIBXL_DOMAIN_SNAPSHOT_STATE_PAUSED;
    snapshot->save_size = 4096;
    snapshot->save_compression = LIBXL_SNAPSHOT_COMPRESSION_ZSTD;
    snapshot->crash_consistent = true;
    snapshot->current = true;
    snapshot->is_protected = true;
    EXPECT_EQ(
        written([&](std::FILE *out) { write_json(out, *snapshot); }),
        R"({"name":"before","creation_time":"2014-04-11T09:12:57Z",)"
        R"("description":"a \"quoted\"\nline","state":"paused","save":"/s/1.save",)"
        R"("save_size":4096,"save_digest":"00ff","save_compression":"zstd","disks":[{"vdev":"xvda","kind":"internal",)"
        R"("path":"/d.qcow2","format":"qcow2","tag":"xlsnap-1","overlay":null,)"
        R"("overlay_format":null,"virtual_size":18446744073709551615}],"parent":"install",)"
        R"("live":false,"disk_only":false,"crash_consistent":true,"current":true,)"
        R"("is_protected":true,"domain_uuid":"u","domain_name":"g1","config":"{}",)"
        R"("program_version":"0.1.0","broken":null})"
        "\n");
}

// Whoever adds a field to the type adds it here too. The generated writer leaves defaults out.
TEST(JsonOutput, HasWhatTheGeneratedTypeHas) {
    OwnedSnapshot snapshot;
    fill_in_text(snapshot);
    auto &disk = snapshot.add_disk("xvda", LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL);
    for (char **text : {&disk.path, &disk.format, &disk.tag, &disk.overlay, &disk.overlay_format,
                        &snapshot->broken})
        *text = malloced("x");
    snapshot->creation_time = snapshot->save_size = disk.virtual_size = 1;
    snapshot->save_compression = LIBXL_SNAPSHOT_COMPRESSION_ZSTD;
    snapshot->state = LIBXL_DOMAIN_SNAPSHOT_STATE_RUNNING;
    snapshot->live = snapshot->disk_only = snapshot->crash_consistent = true;
    snapshot->current = snapshot->is_protected = true;
    const std::unique_ptr<char, void (*)(void *)> generated(
        libxl_domain_snapshot_to_json(nullptr, &*snapshot), std::free);
    const Json theirs = parsed(generated.get());
    const Json ours = parsed(written([&](std::FILE *out) { write_json(out, *snapshot); }));
    EXPECT_EQ(keys_of(ours), keys_of(theirs));
    EXPECT_EQ(keys_of(ours.find("disks")->as_array()->at(0)),
              keys_of(theirs.find("disks")->as_array()->at(0)));
}

TEST(JsonOutput, OfAListIsOneArrayWithALineForEach) {
    SnapshotList list;
    list.add("a", 1);
    list.add("b", 2, "a");
    const std::string text = written([&](std::FILE *out) { write_json(out, list.all()); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
    const Json json = parsed(text);
    ASSERT_NE(json.as_array(), nullptr);
    ASSERT_EQ(json.as_array()->size(), 2U);
    EXPECT_EQ(*json.as_array()->at(1).find_string("parent"), "a");
    EXPECT_EQ(
        written([](std::FILE *out) { write_json(out, std::span<const libxl_domain_snapshot>()); }),
        "[]\n");
}

TEST(JsonOutput, OfSeveralDomainsIsOneArray) {
    SnapshotList one;
    one.add("a", 1);
    SnapshotList other;
    other.add("b", 2);
    const Json json = parsed(written([&](std::FILE *out) {
        SnapshotArray array(out);
        array.add(one.all().front());
        array.add(other.all().front());
        array.finish();
    }));
    ASSERT_NE(json.as_array(), nullptr);
    EXPECT_EQ(json.as_array()->size(), 2U);
}

TEST(JsonOutput, IsUtf8WhateverIsInASnapshot) {
    OwnedSnapshot snapshot;
    snapshot->name = malloced("d\xc4\x9b \xff\xfe 日本 \xed\xa0\x80 \xc3");
    const Json json = parsed(written([&](std::FILE *out) { write_json(out, *snapshot); }));
    ASSERT_NE(json.find_string("name"), nullptr);
    EXPECT_EQ(*json.find_string("name"), "d\u011b \ufffd\ufffd 日本 \ufffd\ufffd\ufffd \ufffd");
}

TEST(JsonOutput, FailsWhenItCannotBeWritten) {
    SnapshotList list;
    for (int i = 0; i < 1000; ++i)
        list.add("a", 1);
    std::FILE *full = std::fopen("/dev/full", "we");
    EXPECT_THAT(
        [&] { write_json(full, list.all()); },
        testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("No space left on device")));
    static_cast<void>(std::fclose(full));
}

} // namespace
} // namespace xlsnap::cli
