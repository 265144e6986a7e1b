// SPDX-License-Identifier: LGPL-2.1-only
// What each construct of whole_language.idl does, beyond what its round trip shows.

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "idl_fixture.hpp"
#include "whole_language.h"

namespace xlsnap::test {
namespace {

using Integers = Value<test_integers, test_integers_init, test_integers_dispose>;
using Lengths = Value<test_lengths, test_lengths_init, test_lengths_dispose>;
using Drawing = Value<test_drawing, test_drawing_init, test_drawing_dispose>;
using Reticent = Value<test_reticent, test_reticent_init, test_reticent_dispose>;
using Hands = Value<test_hands, test_hands_init, test_hands_dispose>;
using Successors = Value<test_successors, test_successors_init, test_successors_dispose>;

class WholeLanguage : public IdlTest {
  protected:
    int read(Integers &value, const char *text) {
        test_integers_dispose(value.get());
        return test_integers_from_json(ctx(), value.get(), text);
    }
    int read(Drawing &value, const char *text) {
        test_drawing_dispose(value.get());
        return test_drawing_from_json(ctx(), value.get(), text);
    }
    std::string json_of(Drawing &value) { return take(test_drawing_to_json(ctx(), value.get())); }
    std::string json_of(Reticent &value) { return take(test_reticent_to_json(ctx(), value.get())); }
};

TEST_F(WholeLanguage, GivesAFieldItsOwnDefaultOrThatOfItsType) {
    Integers integers;
    EXPECT_EQ(integers->wide, 0);
    EXPECT_EQ(integers->narrow, 7);
    EXPECT_EQ(integers->share, 100);
    EXPECT_EQ(integers->level, -1);
    EXPECT_EQ(integers->limit, 50);
    EXPECT_EQ(integers->mask, UINT32_MAX);
    EXPECT_TRUE(integers->on);
    EXPECT_EQ(integers->mood, OWN_MOOD_TENSE);
    EXPECT_EQ(integers->shape, TEST_SHAPE_INVALID);
    EXPECT_EQ(integers->format, LIBXL_DISK_FORMAT_RAW);
}

TEST_F(WholeLanguage, LeavesOutADefaultAndWritesAZeroThatIsNone) {
    Integers integers;
    EXPECT_EQ(take(test_integers_to_json(ctx(), integers.get())), "{\n\n}\n");
    integers->narrow = 0;
    integers->limit = 0;
    integers->on = false;
    integers->mood = OWN_MOOD_CALM;
    integers->format = LIBXL_DISK_FORMAT_UNKNOWN;
    EXPECT_EQ(take(test_integers_to_json(ctx(), integers.get())), R"({
    "narrow": 0,
    "limit": 0,
    "on": false,
    "mood": "calm",
    "format": "unknown"
}
)");
}

TEST_F(WholeLanguage, ReadsTheLimitsOfAnIntegerOfAnyCType) {
    Integers integers;
    ASSERT_EQ(read(integers, R"({"wide": -9223372036854775808, "narrow": 65535,
                                 "bytes": 18446744073709551615})"),
              0);
    EXPECT_EQ(integers->wide, INT64_MIN);
    EXPECT_EQ(integers->narrow, UINT16_MAX);
    EXPECT_EQ(integers->bytes, SIZE_MAX);
    for (const char *text :
         {R"({"wide": 9223372036854775808})", R"({"narrow": 65536})", R"({"narrow": -1})",
          R"({"bytes": -1})", R"({"share": 256})", R"({"format": 3})", R"({"format": "zip"})"})
        EXPECT_EQ(read(integers, text), ERROR_FAIL) << text;
}

TEST_F(WholeLanguage, GivesAnElementThatIsReadTheDefaultsOfItsType) {
    Lengths lengths;
    ASSERT_EQ(
        test_lengths_from_json(ctx(), lengths.get(), R"({"bares": [{"name": "a"}, {"share": 3}]})"),
        0);
    ASSERT_EQ(lengths->how_many, 2);
    EXPECT_EQ(lengths->bares[0].share, 100);
    EXPECT_EQ(lengths->bares[1].share, 3);
}

TEST_F(WholeLanguage, SetsTheKeyOfAUnionAndTheDefaultsOfItsMember) {
    Drawing drawing;
    EXPECT_EQ(drawing->shape, TEST_SHAPE_OTHER);
    test_drawing_init_shape(drawing.get(), TEST_SHAPE_CIRCLE);
    EXPECT_EQ(drawing->shape, TEST_SHAPE_CIRCLE);
    EXPECT_EQ(drawing->u.circle.radius, 100);
}

TEST_F(WholeLanguage, WritesTheMemberOfAUnionUnderItsKey) {
    Drawing drawing;
    test_drawing_init_shape(drawing.get(), TEST_SHAPE_COUNT);
    drawing->u.count = 5;
    test_drawing_init_mood(drawing.get(), OWN_MOOD_TENSE);
    test_drawing_init_kind(drawing.get(), TEST_SHAPE_CIRCLE);
    drawing->w.circle.side = 3;
    EXPECT_EQ(json_of(drawing), R"({
    "shape.count": 5,
    "mood.tense": {

    },
    "kind.circle": {
        "side": 3
    }
}
)");
}

TEST_F(WholeLanguage, WritesNoMemberForAKeyWithoutOne) {
    Drawing drawing;
    drawing->kind = TEST_SHAPE_SQUARE;
    EXPECT_EQ(json_of(drawing).find("kind"), std::string::npos);
}

TEST_F(WholeLanguage, TellsTheMemberOfAUnionByItsName) {
    Drawing drawing;
    ASSERT_EQ(read(drawing, R"({"shape.circle": {"label": "l", "mood.tense": {"tags": ["t"]}},
                                "mood.calm": {"colour": "red"}, "kind.invalid": {}})"),
              0);
    EXPECT_EQ(drawing->shape, TEST_SHAPE_CIRCLE);
    EXPECT_EQ(drawing->u.circle.radius, 100);
    EXPECT_STREQ(drawing->u.circle.label, "l");
    ASSERT_EQ(drawing->u.circle.inside.tense.num_tags, 1);
    EXPECT_STREQ(drawing->u.circle.inside.tense.tags[0], "t");
    EXPECT_STREQ(drawing->v.calm.colour, "red");
    EXPECT_EQ(drawing->kind, TEST_SHAPE_INVALID);
}

TEST_F(WholeLanguage, RefusesTwoMembersOfOneUnionAndMembersOfAnotherKind) {
    for (const char *text :
         {R"({"shape.text": "a", "shape.count": 5})", R"({"shape.other": {}, "shape.text": "a"})",
          R"({"shape.other": 1})", R"({"shape.circle": []})", R"({"shape.text": {}})",
          R"({"shape.count": "5"})", R"({"shape.path": {"points": [{}, 5]}})",
          R"({"shape.circle": {"mood.tense": {"tags": ["a", 1]}}})"}) {
        Drawing drawing;
        EXPECT_EQ(read(drawing, text), ERROR_FAIL) << text;
    }
}

TEST_F(WholeLanguage, TakesANullMemberOfAUnionAsNoneUnlessItsKindHasANull) {
    Drawing drawing;
    ASSERT_EQ(read(drawing, R"({"shape.circle": null, "mood.tense": {}, "mood.calm": null})"), 0);
    EXPECT_EQ(drawing->shape, TEST_SHAPE_OTHER);
    EXPECT_EQ(drawing->mood, OWN_MOOD_TENSE);
    ASSERT_EQ(read(drawing, R"({"shape.text": null})"), 0);
    EXPECT_EQ(drawing->shape, TEST_SHAPE_TEXT);
    EXPECT_EQ(drawing->u.text, nullptr);
}

TEST_F(WholeLanguage, CopiesTheMemberOfAUnionThatItsKeyTells) {
    Drawing drawing;
    test_drawing copy;
    ASSERT_EQ(read(drawing, R"({"shape.path": {"points": [{"label": "a"}, {"side": 2}]}})"), 0);
    test_drawing_copy(ctx(), &copy, drawing.get());
    ASSERT_EQ(copy.u.path.num_points, 2);
    EXPECT_NE(copy.u.path.points, drawing->u.path.points);
    EXPECT_STREQ(copy.u.path.points[0].label, "a");
    test_drawing_dispose(&copy);
}

TEST_F(WholeLanguage, LeavesConstAndPrivateFieldsOutOfJsonAndCopies) {
    test_reticent reticent = {strdup("seen"),        "fixed", 3,  0,  nullptr, {},
                              TEST_SECRET_MOOD_SOME, nullptr, {}, {}, {}};
    reticent.secret.token = strdup("hidden");
    reticent.opaque = &reticent;
    reticent.bits.number = 9;
    char *text = test_reticent_to_json(ctx(), &reticent);
    EXPECT_STREQ(text, "{\n    \"shown\": \"seen\",\n    \"either\": null\n}\n");
    free(text);
    test_reticent copy = {nullptr, nullptr, 0,  0, nullptr, {}, TEST_SECRET_MOOD_NONE,
                          nullptr, {},      {}, {}};
    test_reticent_copy(ctx(), &copy, &reticent);
    EXPECT_STREQ(copy.shown, "seen");
    EXPECT_EQ(copy.fixed, nullptr);
    EXPECT_EQ(copy.secret.token, nullptr);
    EXPECT_EQ(copy.secret_mood, TEST_SECRET_MOOD_NONE);
    EXPECT_EQ(copy.opaque, nullptr);
    EXPECT_EQ(copy.bits.number, 9U);
    test_reticent_dispose(&copy);
    test_reticent_dispose(&reticent);
    EXPECT_EQ(reticent.secret.token, nullptr);
}

TEST_F(WholeLanguage, CallsTheFunctionsThatAreWrittenByHand) {
    Hands hands;
    EXPECT_EQ(hands->left.seconds, 60U);
    EXPECT_EQ(hands->since, -5);
    EXPECT_EQ(take(test_hands_to_json(ctx(), hands.get())), "{\n    \"left\": 60\n}\n");
    test_hands_dispose(hands.get());
    ASSERT_EQ(
        test_hands_from_json(ctx(), hands.get(), R"({"left": 7, "since": "8s", "all": [9, 10]})"),
        0);
    EXPECT_EQ(hands->left.seconds, 7U);
    EXPECT_EQ(hands->since, 8);
    ASSERT_EQ(hands->num_all, 2);
    EXPECT_EQ(hands->all[1].seconds, 10U);
    test_hands_dispose(hands.get());
    EXPECT_EQ(test_hands_from_json(ctx(), hands.get(), R"({"since": 8})"), ERROR_FAIL);
}

TEST_F(WholeLanguage, MovesADeprecatedFieldToItsSuccessor) {
    Successors s;
    test_successors_init_shape(s.get(), TEST_SHAPE_CIRCLE);
    s->u.circle.name = strdup("old");
    libxl_defbool_set(&s->u.circle.flag, true);
    ASSERT_EQ(test_successors_copy_deprecated(ctx(), s.get()), 0);
    EXPECT_STREQ(s->name, "old");
    EXPECT_EQ(s->u.circle.name, nullptr);
    EXPECT_TRUE(libxl_defbool_val(s->flag));
    EXPECT_TRUE(libxl_defbool_is_default(s->u.circle.flag));
}

TEST_F(WholeLanguage, RefusesADeprecatedFieldBesideItsSuccessor) {
    Successors s;
    libxl_defbool_set(&s->flag, true);
    ASSERT_EQ(test_successors_copy_deprecated(ctx(), s.get()), 0);
    libxl_defbool_set(&s->old.flag, false);
    EXPECT_EQ(test_successors_copy_deprecated(ctx(), s.get()), -EINVAL);
    EXPECT_TRUE(libxl_defbool_val(s->flag));
}

TEST_F(WholeLanguage, MakesTheSameFunctionsWhateverTheDirection) {
    test_nowhere nowhere;
    test_inward inward;
    test_outward outward;
    test_both_ways both;
    EXPECT_EQ(test_nowhere_from_json(ctx(), &nowhere, R"({"x": 1})"), 0);
    EXPECT_EQ(test_inward_from_json(ctx(), &inward, R"({"x": 1})"), 0);
    EXPECT_EQ(test_outward_from_json(ctx(), &outward, R"({"x": 1})"), 0);
    EXPECT_EQ(test_both_ways_from_json(ctx(), &both, R"({"x": 1})"), 0);
    EXPECT_EQ(nowhere.x + inward.x + outward.x + both.x, 4);
}

#ifndef NDEBUG
TEST_F(WholeLanguage, SetsTheKeyOfAUnionOnlyOnce) {
    Drawing drawing;
    test_drawing_init_shape(drawing.get(), TEST_SHAPE_CIRCLE);
    EXPECT_DEATH(test_drawing_init_shape(drawing.get(), TEST_SHAPE_TEXT), "shape");
}
#endif

} // namespace
} // namespace xlsnap::test
