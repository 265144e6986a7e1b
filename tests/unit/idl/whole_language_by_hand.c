/* SPDX-License-Identifier: LGPL-2.1-only */
/* The functions that whole_language.idl leaves to its author. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "json_reader.h"
#include "json_writer.h"
#include "random_values.h"
#include "whole_language.h"

/* As generated code declares them. */
void test_when_init(int64_t *p);
void test_when_dispose(int64_t *p);
void test_when_copy(libxl_ctx *ctx, int64_t *dst, const int64_t *src);
bool test_when_is_default(int64_t *p);
void test_when_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, int64_t *p);
int test_when_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, int64_t *p);
void test_by_hand_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, test_by_hand *p);
int test__by_hand_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, test_by_hand *p);
void test_either_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, test_either *p);
int test_either_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, test_either *p);
void random_test_either(test_either *p);
bool equal_test_either(test_either *a, test_either *b);

enum { WHEN_DEFAULT = -5 };

void test_when_init(int64_t *p) {
    *p = WHEN_DEFAULT;
}

void test_when_dispose(int64_t *p) {
    *p = 0;
}

void test_when_copy(libxl_ctx *ctx, int64_t *dst, const int64_t *src) {
    (void)ctx;
    *dst = *src;
}

bool test_when_is_default(int64_t *p) {
    return *p == WHEN_DEFAULT;
}

void test_when_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, int64_t *p) {
    char text[32];

    (void)ctx;
    (void)snprintf(text, sizeof(text), "%" PRId64 "s", *p);
    xlsnap_json_write_string(w, text);
}

int test_when_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, int64_t *p) {
    char *end;

    (void)ctx;
    *p = strtoll(v->text, &end, 10);
    return strcmp(end, "s") ? ERROR_FAIL : 0;
}

void test_by_hand_init(test_by_hand *p) {
    p->seconds = 60;
}

void test_by_hand_dispose(test_by_hand *p) {
    memset(p, 0, sizeof(*p));
}

void test_by_hand_copy(libxl_ctx *ctx, test_by_hand *dst, const test_by_hand *src) {
    (void)ctx;
    *dst = *src;
}

void test_by_hand_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, test_by_hand *p) {
    (void)ctx;
    xlsnap_json_write_uint(w, p->seconds);
}

int test__by_hand_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, test_by_hand *p) {
    (void)ctx;
    return xlsnap_json_read_uint32(v, &p->seconds);
}

/* Its text is never NULL here, and its number is not used. */
void test_either_dispose(test_either *p) {
    free(p->text);
    memset(p, 0, sizeof(*p));
}

void test_either_copy(libxl_ctx *ctx, test_either *dst, const test_either *src) {
    libxl_string_copy(ctx, &dst->text, &src->text);
}

void test_either_gen_json(libxl_ctx *ctx, xlsnap_json_writer *w, test_either *p) {
    (void)ctx;
    xlsnap_json_write_string(w, p->text);
}

int test_either_parse_json(libxl_ctx *ctx, const xlsnap_json_value *v, test_either *p) {
    (void)ctx;
    return xlsnap_json_read_string(v, &p->text);
}

void random_test_either(test_either *p) {
    p->text = random_string();
}

bool equal_test_either(test_either *a, test_either *b) {
    return equal_string(a->text, b->text);
}
