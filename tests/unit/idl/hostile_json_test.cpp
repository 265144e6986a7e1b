// SPDX-License-Identifier: LGPL-2.1-only
// Texts made to hurt: none may crash, recurse or take memory without bound.

#include <random>
#include <string>

#include "idl_fixture.hpp"
#include "json_reader.h"
#include "libxl_snapshot_types.h"

namespace xlsnap::test {
namespace {

class HostileJson : public IdlTest {
  protected:
    int read(const std::string &text) {
        libxl_domain_snapshot_args args;
        const int rc = libxl_domain_snapshot_args_from_json(ctx(), &args, text.c_str());
        libxl_domain_snapshot_args_dispose(&args);
        return rc;
    }
};

std::string repeat(const std::string &piece, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; i++)
        text += piece;
    return text;
}

// An object with a member "x", which the type does not know, so that the whole is `depth` deep.
std::string nested(size_t depth) {
    return R"({"x": )" + repeat("[", depth - 1) + repeat("]", depth - 1) + "}";
}

TEST_F(HostileJson, IsReadDownToTheDepthLimitAndNoDeeper) {
    EXPECT_EQ(read(nested(XLSNAP_JSON_MAX_DEPTH)), 0);
    EXPECT_EQ(read(nested(XLSNAP_JSON_MAX_DEPTH + 1)), ERROR_FAIL);
}

TEST_F(HostileJson, IsRefusedWhenItNestsTenThousandDeep) {
    EXPECT_EQ(read(nested(10'000)), ERROR_FAIL);
    EXPECT_EQ(read(repeat("[", 10'000)), ERROR_FAIL);
    EXPECT_EQ(read(repeat("{\"disks\":[", 10'000)), ERROR_FAIL);
    EXPECT_EQ(read(R"({"disks": [{"disk": )" + nested(10'000) + "}]}"), ERROR_FAIL);
}

TEST_F(HostileJson, IsPassedOnToLibxlDownToTheDepthLimit) {
    // The object, the array, its element and the disk are four levels of their own.
    EXPECT_EQ(read(R"({"disks": [{"disk": )" + nested(XLSNAP_JSON_MAX_DEPTH - 3) + "}]}"), 0);
    EXPECT_EQ(read(R"({"disks": [{"disk": )" + nested(XLSNAP_JSON_MAX_DEPTH - 2) + "}]}"),
              ERROR_FAIL);
}

TEST_F(HostileJson, IsReadUpToTheLengthLimitAndNoFurther) {
    const std::string begin = R"({"memory_path": "/)";
    const std::string end = R"("})";
    const std::string longest =
        begin + std::string(XLSNAP_JSON_MAX_TEXT - begin.size() - end.size(), 'a') + end;
    EXPECT_EQ(read(longest), 0);
    EXPECT_EQ(read(longest + " "), ERROR_FAIL);
}

TEST_F(HostileJson, IsReadUpToTheNumberOfValuesAndNoFurther) {
    // The object and its array are values too.
    const std::string fits = repeat("1,", XLSNAP_JSON_MAX_VALUES - 3) + "1]}";
    EXPECT_EQ(read(R"({"x": [)" + fits), 0);
    EXPECT_EQ(read(R"({"x": [1,)" + fits), ERROR_FAIL);
    EXPECT_EQ(read(R"({"disks": [)" + repeat("{},", XLSNAP_JSON_MAX_VALUES) + "{}]}"), ERROR_FAIL);
}

TEST_F(HostileJson, MayHoldAnyEscape) {
    EXPECT_EQ(read(R"({"memory_path": "\ud83d\udcbe \ud800 \udc00 \u0001 \/ \b"})"), 0);
    EXPECT_EQ(read(R"({"memory_path": "\x"})"), ERROR_FAIL);
    EXPECT_EQ(read(R"({"memory_path": "\u12"})"), ERROR_FAIL);
}

// Flips, cuts and repeats of a true text; the sanitizers are the judges, and the rule that a text
// that was accepted is written back as one that is accepted again.
TEST_F(HostileJson, NeverHurtsWhenATrueTextIsDamaged) {
    const std::string good = R"({"memory": true, "memory_path": "/a\u00e9", "disks": [
        {"disk": {"vdev": "xvda", "format": "qcow2", "readwrite": 1, "base": 5}, "name": "n",
         "external": true, "external_format": "qcow2", "external_path": "/b"}, {}]})";
    const std::string bytes = "{}[],:\"\\u0019-+.eE \ntrufalsn\x80\xff";
    std::minstd_rand random(1);
    int accepted = 0;
    for (int round = 0; round < 5'000; round++) {
        std::string text = good;
        for (auto edits = random() % 3 + 1; edits > 0; edits--) {
            const size_t at = random() % text.size();
            switch (random() % 3) {
            case 0:
                text[at] = bytes[random() % bytes.size()];
                break;
            case 1:
                text.erase(at, random() % 8 + 1);
                break;
            default:
                text.insert(at, text.substr(random() % text.size(), random() % 16));
                break;
            }
        }
        libxl_domain_snapshot_args args;
        if (libxl_domain_snapshot_args_from_json(ctx(), &args, text.c_str()) == 0) {
            accepted++;
            const std::string written = take(libxl_domain_snapshot_args_to_json(ctx(), &args));
            EXPECT_EQ(read(written), 0) << text;
        }
        libxl_domain_snapshot_args_dispose(&args);
    }
    EXPECT_GT(accepted, 0);
    EXPECT_LT(accepted, 5'000);
}

} // namespace
} // namespace xlsnap::test
