// SPDX-License-Identifier: LGPL-2.1-only
// The JSON of the types of the C API: its exact text, and what reading it does.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string>

#include "idl_fixture.hpp"
#include "libxl_snapshot_types.h"

namespace xlsnap::test {
namespace {

using Args = Value<libxl_domain_snapshot_args, libxl_domain_snapshot_args_init,
                   libxl_domain_snapshot_args_dispose>;
using DiskSnapshot =
    Value<libxl_disk_snapshot, libxl_disk_snapshot_init, libxl_disk_snapshot_dispose>;

constexpr const char *kTwoDisks = R"({
    "memory": true,
    "memory_path": "/var/lib/xen/\u0001\"é\\",
    "disks": [
        {
            "disk": {
                "pdev_path": "/images/a.qcow2",
                "vdev": "xvda",
                "format": "qcow2",
                "readwrite": 1,
                "discard_enable": "True",
                "base": 9223372036854775807
            },
            "name": "before-upgrade"
        },
        {
            "disk": {

            },
            "name": "",
            "external": true,
            "external_format": "qcow2",
            "external_path": "/images/b.overlay"
        }
    ]
}
)";

class SnapshotTypes : public IdlTest {
  protected:
    std::string json_of(Args &args) {
        return take(libxl_domain_snapshot_args_to_json(ctx(), args.get()));
    }
    // T_from_json begins with T_init: what the value held is disposed before.
    int read(Args &args, const char *text) {
        libxl_domain_snapshot_args_dispose(args.get());
        return libxl_domain_snapshot_args_from_json(ctx(), args.get(), text);
    }
};

TEST_F(SnapshotTypes, WriteKnownValuesAsKnownText) {
    Args args;
    args->memory = true;
    args->memory_path = strdup("/var/lib/xen/\x01\"é\\");
    args->num_disks = 2;
    args->disks = static_cast<libxl_disk_snapshot *>(calloc(2, sizeof(*args->disks)));
    libxl_disk_snapshot &first = args->disks[0];
    libxl_disk_snapshot_init(&first);
    first.disk.pdev_path = strdup("/images/a.qcow2");
    first.disk.vdev = strdup("xvda");
    first.disk.format = LIBXL_DISK_FORMAT_QCOW2;
    first.disk.readwrite = 1;
    libxl_defbool_set(&first.disk.discard_enable, true);
    first.disk.base = INT64_MAX;
    first.name = strdup("before-upgrade");
    libxl_disk_snapshot &second = args->disks[1];
    libxl_disk_snapshot_init(&second);
    second.name = strdup("");
    second.external = true;
    second.external_format = strdup("qcow2");
    second.external_path = strdup("/images/b.overlay");

    EXPECT_EQ(json_of(args), kTwoDisks);
}

TEST_F(SnapshotTypes, ReadTheirOwnText) {
    Args args;
    ASSERT_EQ(read(args, kTwoDisks), 0);
    EXPECT_TRUE(args->memory);
    EXPECT_STREQ(args->memory_path, "/var/lib/xen/\x01\"é\\");
    ASSERT_EQ(args->num_disks, 2);
    EXPECT_STREQ(args->disks[0].disk.vdev, "xvda");
    EXPECT_EQ(args->disks[0].disk.format, LIBXL_DISK_FORMAT_QCOW2);
    EXPECT_EQ(args->disks[0].disk.base, INT64_MAX);
    EXPECT_FALSE(args->disks[0].external);
    EXPECT_EQ(args->disks[0].external_path, nullptr);
    EXPECT_STREQ(args->disks[1].name, "");
    EXPECT_TRUE(args->disks[1].external);
    EXPECT_EQ(json_of(args), kTwoDisks);
}

TEST_F(SnapshotTypes, LeaveOutDefaults) {
    Args args;
    EXPECT_EQ(json_of(args), "{\n\n}\n");
}

TEST_F(SnapshotTypes, AlwaysWriteAStructureWithinAStructure) {
    DiskSnapshot snapshot;
    EXPECT_EQ(take(libxl_disk_snapshot_to_json(ctx(), snapshot.get())),
              "{\n    \"disk\": {\n\n    }\n}\n");
}

TEST_F(SnapshotTypes, TakeMissingAndNullMembersAsDefaults) {
    Args args;
    ASSERT_EQ(read(args, R"({"memory": null, "memory_path": null, "disks": [{"disk": null}]})"), 0);
    EXPECT_FALSE(args->memory);
    EXPECT_EQ(args->memory_path, nullptr);
    ASSERT_EQ(args->num_disks, 1);
    EXPECT_EQ(args->disks[0].disk.vdev, nullptr);
    EXPECT_EQ(args->disks[0].name, nullptr);
}

TEST_F(SnapshotTypes, IgnoreUnknownMembers) {
    Args args;
    ASSERT_EQ(read(args, R"({"later": {"memory": [1.5e3, {}]}, "disks": [{"new": 1,
                             "disk": {"newer": [true, null, -2.5, {"a": "b"}], "vdev": "xvdb"}}],
                             "memory": true})"),
              0);
    EXPECT_TRUE(args->memory);
    ASSERT_EQ(args->num_disks, 1);
    EXPECT_STREQ(args->disks[0].disk.vdev, "xvdb");
}

TEST_F(SnapshotTypes, TakeTheFirstOfMembersWithOneName) {
    Args args;
    ASSERT_EQ(read(args, R"({"memory_path": "/first", "memory_path": "/second"})"), 0);
    EXPECT_STREQ(args->memory_path, "/first");
}

TEST_F(SnapshotTypes, TakeAnEmptyArrayAsNoDisks) {
    Args args;
    ASSERT_EQ(read(args, R"({"disks": []})"), 0);
    EXPECT_EQ(args->num_disks, 0);
    EXPECT_EQ(json_of(args), "{\n\n}\n");
}

TEST_F(SnapshotTypes, RefuseToWriteWhatIsNotUtf8) {
    Args args;
    args->memory_path = strdup("/caf\xe9");
    EXPECT_EQ(libxl_domain_snapshot_args_to_json(ctx(), args.get()), nullptr);

    DiskSnapshot snapshot;
    snapshot->disk.pdev_path = strdup("/caf\xe9");
    EXPECT_EQ(libxl_disk_snapshot_to_json(ctx(), snapshot.get()), nullptr);
}

TEST_F(SnapshotTypes, CopyAnEmptyValue) {
    Args args;
    Args copy;
    libxl_domain_snapshot_args_copy(ctx(), copy.get(), args.get());
    EXPECT_EQ(copy->memory_path, nullptr);
    EXPECT_EQ(copy->disks, nullptr);
    EXPECT_EQ(copy->num_disks, 0);
}

TEST_F(SnapshotTypes, DisposeNothing) {
    libxl_domain_snapshot_args_dispose(nullptr);
    libxl_disk_snapshot_dispose(nullptr);
}

// What libxl ignores (a member of the wrong kind) is an error here: an external snapshot that says
// "external": "true" must not become an internal one.
struct Refused {
    const char *why;
    const char *text;

    friend std::ostream &operator<<(std::ostream &os, const Refused &refused) {
        return os << refused.why;
    }
};

class RefusedText : public SnapshotTypes, public testing::WithParamInterface<Refused> {};

TEST_P(RefusedText, FailsAndLeavesAValueToDispose) {
    Args args;
    EXPECT_EQ(read(args, GetParam().text), ERROR_FAIL) << GetParam().text;
    libxl_domain_snapshot_args_dispose(args.get());
}

INSTANTIATE_TEST_SUITE_P(
    SnapshotTypes, RefusedText,
    testing::Values(
        Refused{"Empty", ""}, Refused{"Blank", " \n"}, Refused{"Cut", R"({"memory": tru)"},
        Refused{"Open", R"({"memory": true)"}, Refused{"NotJson", "memory=1"},
        Refused{"Comment", "/* no */ {}"}, Refused{"GoesOn", "{} {}"},
        Refused{"GoesOnWithJunk", "{} x"}, Refused{"RootArray", "[]"}, Refused{"RootNull", "null"},
        Refused{"RootString", "\"{}\""}, Refused{"RootNumber", "5"},
        Refused{"BoolAsString", R"({"memory": "true"})"},
        Refused{"BoolAsNumber", R"({"memory": 1})"},
        Refused{"StringAsNumber", R"({"memory_path": 5})"},
        Refused{"StringAsObject", R"({"memory_path": {"a": "b"}})"},
        Refused{"ArrayAsObject", R"({"disks": {"disk": {}}})"},
        Refused{"ArrayAsString", R"({"disks": "xvda"})"},
        Refused{"ElementAsArray", R"({"disks": [[]]})"},
        Refused{"ElementAsNull", R"({"disks": [{}, null]})"},
        Refused{"DiskAsNumber", R"({"disks": [{"disk": 5}]})"},
        Refused{"DiskAsString", R"({"disks": [{"disk": "xvda"}]})"},
        Refused{"DiskOfUnknownFormat", R"({"disks": [{"disk": {"format": "zip"}}]})"},
        Refused{"LateInALongValue",
                R"({"memory": true, "memory_path": "/a", "disks": [{"name": "a"}, {"name": 1}]})"},
        Refused{"NulInAString", R"({"memory_path": "/a\u0000b"})"},
        Refused{"NulInAKey", R"({"memory\u0000x": true})"},
        Refused{"NulInADisk", R"({"disks": [{"disk": {"vdev": "xvda\u0000"}}]})"},
        Refused{"NotUtf8", "{\"memory_path\": \"/caf\xe9\"}"}),
    [](const auto &test_info) { return test_info.param.why; });

} // namespace
} // namespace xlsnap::test
