// SPDX-License-Identifier: LGPL-2.1-only
// What the builtin types of libxl are not read from: libxl's own readers take some of it.

#include "libxl_builtins.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

extern "C" {
#include <libxl_utils.h>
}

#include "idl_fixture.hpp"

namespace xlsnap::test {
namespace {

class LibxlBuiltins : public IdlTest {
  protected:
    // What the reader returns for a text; the value is the caller's.
    template <typename T>
    int read(int (*reader)(libxl_ctx *, const xlsnap_json_value *, T *), const char *text,
             T *value) {
        xlsnap_json_document document;
        EXPECT_EQ(xlsnap_json_parse(text, &document), 0) << text;
        const int rc = reader(ctx(), document.values, value);
        xlsnap_json_document_free(&document);
        return rc;
    }

    template <typename T>
    void expect_refused(int (*reader)(libxl_ctx *, const xlsnap_json_value *, T *),
                        std::initializer_list<const char *> texts) {
        for (const char *text : texts) {
            T value;
            T untouched;
            std::memset(&value, 0, sizeof(value));
            std::memset(&untouched, 0, sizeof(untouched));
            EXPECT_EQ(read(reader, text, &value), ERROR_FAIL) << text;
            EXPECT_EQ(std::memcmp(&value, &untouched, sizeof(value)), 0) << text;
        }
    }
};

TEST_F(LibxlBuiltins, RefuseADefboolThatIsNotOneOfItsThreeWords) {
    expect_refused(xlsnap_json_read_defbool, {"true", "\"true\"", "\"Truely\"", "\"\"", "1"});
}

TEST_F(LibxlBuiltins, RefuseAUuidOfAnotherForm) {
    expect_refused(xlsnap_json_read_uuid, {"1", "\"\"", "\"12345678-1234-1234-1234-12345678901\"",
                                           "\"12345678123412341234123456789012\""});
}

TEST_F(LibxlBuiltins, RefuseAMacOfAnotherForm) {
    expect_refused(xlsnap_json_read_mac,
                   {"[]", "\"\"", "\"00:16:3e:00:00\"", "\"00:16:3e:00:00:0\"",
                    "\"00:16:3e:00:00:0g\"", "\"00-16-3e-00-00-01\"", "\"00:16:3e:00:00:01:02\""});
}

TEST_F(LibxlBuiltins, ReadABitmapWhateverTheOrderOfItsBits) {
    libxl_bitmap bitmap;
    libxl_bitmap_init(&bitmap);
    ASSERT_EQ(read(xlsnap_json_read_bitmap, "[9, 0, 9]", &bitmap), 0);
    EXPECT_EQ(libxl_bitmap_count_set(&bitmap), 2);
    EXPECT_TRUE(libxl_bitmap_test(&bitmap, 9));
    libxl_bitmap_dispose(&bitmap);
}

TEST_F(LibxlBuiltins, RefuseABitmapOfHugeOrNegativeBits) {
    expect_refused(xlsnap_json_read_bitmap,
                   {"[65536]", "[2147483647]", "[1, -1]", "[\"1\"]", "{}", "[[]]"});
}

TEST_F(LibxlBuiltins, RefuseListsOfOtherThingsThanStrings) {
    expect_refused(xlsnap_json_read_string_list, {"{}", "[null]", "[\"a\", 1]", "[\"a\", []]"});
    expect_refused(xlsnap_json_read_key_value_list, {"[]", R"({"a": "b", "c": 1})", "\"a\""});
}

TEST_F(LibxlBuiltins, RefuseBytesAndWordsOfAnotherCountOrSize) {
    expect_refused(xlsnap_json_read_hwcap,
                   {"[1, 2, 3]", "[1, 2, 3, 4, 5]", "[1, 2, 3, 4294967296]", "[1, 2, 3, -1]"});
    expect_refused(xlsnap_json_read_ms_vm_genid, {"[]", "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,256]",
                                                  "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]"});
}

TEST_F(LibxlBuiltins, RefuseACpuidPolicyThatLibxlRefuses) {
    expect_refused(xlsnap_json_read_cpuid_policy_list,
                   {"\"host\"", "5", R"({"cpuid": [1], "msr": []})",
                    R"({"cpuid": [], "msr": [{"index": 1}]})"});
}

TEST_F(LibxlBuiltins, WriteAnEmptyCpuidPolicyAsLibxlDoes) {
    libxl_cpuid_policy_list empty = nullptr;
    xlsnap_json_writer w;
    EXPECT_TRUE(xlsnap_cpuid_policy_list_is_empty(&empty));
    xlsnap_json_writer_open(&w);
    xlsnap_json_write_cpuid_policy_list(ctx(), &w, &empty);
    EXPECT_EQ(take(xlsnap_json_writer_close(&w)), R"({
    "cpuid": [

    ],
    "msr": [

    ]
}
)");
}

} // namespace
} // namespace xlsnap::test
