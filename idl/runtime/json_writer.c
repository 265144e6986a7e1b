/* SPDX-License-Identifier: LGPL-2.1-only */
#include "json_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void xlsnap_json_writer_open(xlsnap_json_writer *w) {
    w->gen = yajl_gen_alloc(NULL);
    w->failed = !w->gen || !yajl_gen_config(w->gen, yajl_gen_beautify, 1) ||
                !yajl_gen_config(w->gen, yajl_gen_indent_string, "    ") ||
                !yajl_gen_config(w->gen, yajl_gen_validate_utf8, 1);
}

char *xlsnap_json_writer_close(xlsnap_json_writer *w) {
    const unsigned char *bytes;
    size_t length;
    char *text = NULL;

    if (!w->failed && yajl_gen_get_buf(w->gen, &bytes, &length) == yajl_gen_status_ok)
        text = strndup((const char *)bytes, length);
    if (w->gen)
        yajl_gen_free(w->gen);
    return text;
}

static void note(xlsnap_json_writer *w, yajl_gen_status status) {
    if (status != yajl_gen_status_ok)
        w->failed = true;
}

void xlsnap_json_begin_object(xlsnap_json_writer *w) {
    if (!w->failed)
        note(w, yajl_gen_map_open(w->gen));
}

void xlsnap_json_end_object(xlsnap_json_writer *w) {
    if (!w->failed)
        note(w, yajl_gen_map_close(w->gen));
}

void xlsnap_json_begin_array(xlsnap_json_writer *w) {
    if (!w->failed)
        note(w, yajl_gen_array_open(w->gen));
}

void xlsnap_json_end_array(xlsnap_json_writer *w) {
    if (!w->failed)
        note(w, yajl_gen_array_close(w->gen));
}

void xlsnap_json_write_bool(xlsnap_json_writer *w, bool b) {
    if (!w->failed)
        note(w, yajl_gen_bool(w->gen, b));
}

static void write_number(xlsnap_json_writer *w, const char *digits) {
    if (!w->failed)
        note(w, yajl_gen_number(w->gen, digits, strlen(digits)));
}

void xlsnap_json_write_int(xlsnap_json_writer *w, long long number) {
    if (!w->failed)
        note(w, yajl_gen_integer(w->gen, number));
}

void xlsnap_json_write_uint(xlsnap_json_writer *w, uint64_t number) {
    char digits[sizeof("18446744073709551615")];

    (void)snprintf(digits, sizeof(digits), "%" PRIu64, number);
    write_number(w, digits);
}

void xlsnap_json_write_string(xlsnap_json_writer *w, const char *s) {
    if (w->failed)
        return;
    if (s)
        note(w, yajl_gen_string(w->gen, (const unsigned char *)s, strlen(s)));
    else
        note(w, yajl_gen_null(w->gen));
}

void xlsnap_json_key(xlsnap_json_writer *w, const char *key) {
    xlsnap_json_write_string(w, key);
}

/* Recursion ends: no value nests deeper than XLSNAP_JSON_MAX_DEPTH. */
void xlsnap_json_write_value(xlsnap_json_writer *w, const xlsnap_json_value *v) {
    const xlsnap_json_value *end = v + v->span;

    switch (v->kind) {
    case XLSNAP_JSON_NULL:
        xlsnap_json_write_string(w, NULL);
        break;
    case XLSNAP_JSON_BOOL:
        xlsnap_json_write_bool(w, v->truth);
        break;
    case XLSNAP_JSON_NUMBER:
        write_number(w, v->text);
        break;
    case XLSNAP_JSON_STRING:
        xlsnap_json_write_string(w, v->text);
        break;
    case XLSNAP_JSON_OBJECT:
        xlsnap_json_begin_object(w);
        for (const xlsnap_json_value *inner = v + 1; inner < end; inner += inner->span) {
            xlsnap_json_key(w, inner->key);
            xlsnap_json_write_value(w, inner);
        }
        xlsnap_json_end_object(w);
        break;
    case XLSNAP_JSON_ARRAY:
        xlsnap_json_begin_array(w);
        for (const xlsnap_json_value *inner = v + 1; inner < end; inner += inner->span)
            xlsnap_json_write_value(w, inner);
        xlsnap_json_end_array(w);
        break;
    }
}

void xlsnap_json_write_text(xlsnap_json_writer *w, const char *text) {
    xlsnap_json_document document;

    if (w->failed)
        return;
    if (!text || xlsnap_json_parse(text, &document)) {
        w->failed = true;
        return;
    }
    xlsnap_json_write_value(w, document.values);
    xlsnap_json_document_free(&document);
}

char *xlsnap_json_text(const xlsnap_json_value *v) {
    xlsnap_json_writer w;

    xlsnap_json_writer_open(&w);
    xlsnap_json_write_value(&w, v);
    return xlsnap_json_writer_close(&w);
}
