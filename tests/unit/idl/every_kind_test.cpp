// SPDX-License-Identifier: LGPL-2.1-only
// The constructs of the IDL language that the types of the C API do not use yet, and libxl's own
// text as the measure of ours.

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "all_kinds.h"
#include "idl_fixture.hpp"

namespace xlsnap::test {
namespace {

using Kinds = Value<test_kinds, test_kinds_init, test_kinds_dispose>;
using Numbers = Value<test_numbers, test_numbers_init, test_numbers_dispose>;
using DomainConfig =
    Value<libxl_domain_config, libxl_domain_config_init, libxl_domain_config_dispose>;

class EveryKind : public IdlTest {
  protected:
    int read(Kinds &kinds, const std::string &text) {
        test_kinds_dispose(kinds.get());
        return test_kinds_from_json(ctx(), kinds.get(), text.c_str());
    }
    int read(Numbers &numbers, const std::string &text) {
        return test_numbers_from_json(ctx(), numbers.get(), text.c_str());
    }
};

// The lines of the member "disks" in a text.
std::string disks_of(const std::string &text) {
    const auto begin = text.find("    \"disks\": [\n");
    const auto end = text.find("\n    ]", begin);
    EXPECT_NE(begin, std::string::npos) << text;
    EXPECT_NE(end, std::string::npos) << text;
    return begin == std::string::npos ? text : text.substr(begin, end - begin);
}

template <typename T> void add_two_disks(T &owner) {
    owner->num_disks = 2;
    owner->disks = static_cast<libxl_device_disk *>(calloc(2, sizeof(*owner->disks)));
    libxl_device_disk_init(&owner->disks[0]);
    libxl_device_disk_init(&owner->disks[1]);
    owner->disks[0].vdev = strdup("xvda");
    owner->disks[0].pdev_path = strdup("/dev/\x02/é\"");
    owner->disks[0].backend = static_cast<libxl_disk_backend>(7); // written as null
    owner->disks[0].irq = UINT32_MAX;
    owner->disks[0].colo_port = -5;
    libxl_defbool_set(&owner->disks[0].trusted, false);
}

TEST_F(EveryKind, WritesAnArrayOfLibxlStructuresAsLibxlDoes) {
    Kinds ours;
    DomainConfig libxls;
    add_two_disks(ours);
    add_two_disks(libxls);
    EXPECT_EQ(disks_of(take(test_kinds_to_json(ctx(), ours.get()))),
              disks_of(take(libxl_domain_config_to_json(ctx(), libxls.get()))));
}

TEST_F(EveryKind, WritesEachKindInItsShape) {
    Kinds kinds;
    kinds->flag = true;
    kinds->colour = TEST_COLOUR_DARK_RED;
    kinds->numbers.i = INT_MIN;
    kinds->numbers.u64 = UINT64_MAX;
    kinds->num_texts = 2;
    kinds->texts = static_cast<char **>(calloc(2, sizeof(char *)));
    kinds->texts[1] = strdup("b");
    EXPECT_EQ(take(test_kinds_to_json(ctx(), kinds.get())), R"({
    "flag": true,
    "colour": "dark_red",
    "numbers": {
        "i": -2147483648,
        "u64": 18446744073709551615
    },
    "disk": {

    },
    "texts": [
        null,
        "b"
    ]
}
)");
}

TEST_F(EveryKind, ReadsTheLimitsOfEachInteger) {
    Numbers n;
    ASSERT_EQ(read(n, R"({"i": -2147483648, "u8": 255, "u16": 65535, "u32": 4294967295,
                          "u64": 18446744073709551615})"),
              0);
    EXPECT_EQ(n->i, INT_MIN);
    EXPECT_EQ(n->u8, UINT8_MAX);
    EXPECT_EQ(n->u16, UINT16_MAX);
    EXPECT_EQ(n->u32, UINT32_MAX);
    EXPECT_EQ(n->u64, UINT64_MAX);
}

TEST_F(EveryKind, RefusesWhatAnIntegerCannotHold) {
    for (const char *text :
         {R"({"i": 2147483648})", R"({"i": -2147483649})", R"({"i": 99999999999999999999})",
          R"({"i": 1.0})", R"({"i": 1e3})", R"({"i": "1"})", R"({"i": true})", R"({"u8": 256})",
          R"({"u8": -1})", R"({"u16": 65536})", R"({"u32": 4294967296})", R"({"u64": -1})",
          R"({"u64": 18446744073709551616})", R"({"u64": 0.5})", R"({"u64": []})"}) {
        Numbers n;
        EXPECT_EQ(read(n, text), ERROR_FAIL) << text;
    }
}

TEST_F(EveryKind, ReadsEnumerationsWhateverTheCase) {
    Kinds kinds;
    ASSERT_EQ(read(kinds, R"({"colour": "Dark_Red", "colours": ["blue", "NONE"]})"), 0);
    EXPECT_EQ(kinds->colour, TEST_COLOUR_DARK_RED);
    ASSERT_EQ(kinds->num_colours, 2);
    EXPECT_EQ(kinds->colours[0], TEST_COLOUR_BLUE);
    EXPECT_EQ(kinds->colours[1], TEST_COLOUR_NONE);
}

TEST_F(EveryKind, RefusesWhatIsNotInTheEnumeration) {
    for (const char *text : {R"({"colour": "green"})", R"({"colour": ""})", R"({"colour": 3})",
                             R"({"colours": ["blue", null]})", R"({"colours": ["blue", 3]})"}) {
        Kinds kinds;
        EXPECT_EQ(read(kinds, text), ERROR_FAIL) << text;
    }
    test_colour colour = TEST_COLOUR_BLUE;
    EXPECT_EQ(test_colour_from_string("green", &colour), ERROR_FAIL);
    EXPECT_EQ(test_colour_from_json(ctx(), &colour, "\"green\""), ERROR_FAIL);
    EXPECT_EQ(test_colour_from_json(ctx(), &colour, "{"), ERROR_FAIL);
    EXPECT_EQ(colour, TEST_COLOUR_BLUE);
}

TEST_F(EveryKind, HasNoNameForAnUnknownEnumerationValue) {
    const auto unknown = static_cast<test_colour>(2);
    EXPECT_EQ(test_colour_to_string(unknown), nullptr);
    EXPECT_EQ(take(test_colour_to_json(ctx(), unknown)), "null\n");
}

} // namespace
} // namespace xlsnap::test
