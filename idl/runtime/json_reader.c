/* SPDX-License-Identifier: LGPL-2.1-only */
#include "json_reader.h"

#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <yajl/yajl_parse.h>

/* The document under construction, and the objects and arrays that are open. */
typedef struct builder {
    int rc;
    xlsnap_json_value *values;
    size_t count;
    size_t capacity;
    char *texts; /* sized once, so that pointers into it stay true */
    size_t texts_used;
    const char *key; /* of the next value, when it is a member */
    size_t open[XLSNAP_JSON_MAX_DEPTH];
    size_t depth;
} builder;

/* The return values of a yajl callback. */
enum { STOP = 0, GO_ON = 1 };

static int stop(builder *b, int rc) {
    b->rc = rc;
    return STOP;
}

static int grow(builder *b) {
    size_t capacity = b->capacity ? b->capacity * 2 : 32;
    xlsnap_json_value *values = realloc(b->values, capacity * sizeof(*values));

    if (!values)
        return stop(b, ERROR_NOMEM);
    b->values = values;
    b->capacity = capacity;
    return GO_ON;
}

static int add(builder *b, xlsnap_json_kind kind, bool truth, const char *text) {
    if (b->count == XLSNAP_JSON_MAX_VALUES)
        return stop(b, ERROR_FAIL);
    if (b->count == b->capacity && grow(b) == STOP)
        return STOP;
    b->values[b->count] =
        (xlsnap_json_value){.kind = kind, .truth = truth, .key = b->key, .text = text, .span = 1};
    b->count++;
    b->key = NULL;
    if (b->depth)
        b->values[b->open[b->depth - 1]].children++;
    return GO_ON;
}

/* Keep a text as a C string. What is decoded is never longer than what was written. */
static const char *keep(builder *b, const void *bytes, size_t length) {
    char *text = b->texts + b->texts_used;

    memcpy(text, bytes, length);
    text[length] = '\0';
    b->texts_used += length + 1;
    return text;
}

static int on_null(void *context) {
    return add(context, XLSNAP_JSON_NULL, false, NULL);
}

static int on_bool(void *context, int truth) {
    return add(context, XLSNAP_JSON_BOOL, truth != 0, NULL);
}

static int on_number(void *context, const char *digits, size_t length) {
    return add(context, XLSNAP_JSON_NUMBER, false, keep(context, digits, length));
}

static int on_string(void *context, const unsigned char *bytes, size_t length) {
    if (memchr(bytes, '\0', length))
        return stop(context, ERROR_FAIL);
    return add(context, XLSNAP_JSON_STRING, false, keep(context, bytes, length));
}

static int on_key(void *context, const unsigned char *bytes, size_t length) {
    builder *b = context;

    if (memchr(bytes, '\0', length))
        return stop(b, ERROR_FAIL);
    b->key = keep(b, bytes, length);
    return GO_ON;
}

static int begin(builder *b, xlsnap_json_kind kind) {
    if (b->depth == XLSNAP_JSON_MAX_DEPTH)
        return stop(b, ERROR_FAIL);
    if (add(b, kind, false, NULL) == STOP)
        return STOP;
    b->open[b->depth++] = b->count - 1;
    return GO_ON;
}

static int on_end(void *context) {
    builder *b = context;
    size_t closed = b->open[--b->depth];

    b->values[closed].span = b->count - closed;
    return GO_ON;
}

static int on_object(void *context) {
    return begin(context, XLSNAP_JSON_OBJECT);
}

static int on_array(void *context) {
    return begin(context, XLSNAP_JSON_ARRAY);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

static int build(builder *b, const char *text, size_t length) {
    yajl_handle parser = yajl_alloc(&callbacks, NULL, b);
    yajl_status status;

    if (!parser)
        return ERROR_NOMEM;
    status = yajl_parse(parser, (const unsigned char *)text, length);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(parser);
    yajl_free(parser);
    if (b->rc)
        return b->rc;
    return status == yajl_status_ok ? 0 : ERROR_FAIL;
}

int xlsnap_json_parse(const char *text, xlsnap_json_document *document_out) {
    builder b = {.rc = 0};
    size_t length = strnlen(text, (size_t)XLSNAP_JSON_MAX_TEXT + 1);
    int rc;

    if (length > XLSNAP_JSON_MAX_TEXT)
        return ERROR_FAIL;
    /* Every string has two quotes in place of the NUL; a lone number has nothing. */
    b.texts = malloc(length + 1);
    if (!b.texts)
        return ERROR_NOMEM;
    rc = build(&b, text, length);
    *document_out = (xlsnap_json_document){.values = b.values, .texts = b.texts};
    if (rc)
        xlsnap_json_document_free(document_out);
    return rc;
}

void xlsnap_json_document_free(xlsnap_json_document *document) {
    free(document->values);
    free(document->texts);
    *document = (xlsnap_json_document){.values = NULL};
}

static const xlsnap_json_value *find(const xlsnap_json_value *object, const char *key) {
    const xlsnap_json_value *end = object + object->span;

    for (const xlsnap_json_value *v = object + 1; v < end; v += v->span) {
        if (!strcmp(v->key, key))
            return v;
    }
    return NULL;
}

const xlsnap_json_value *xlsnap_json_member(const xlsnap_json_value *object, const char *key) {
    const xlsnap_json_value *member = find(object, key);

    return member && member->kind != XLSNAP_JSON_NULL ? member : NULL;
}

int xlsnap_json_variant(const xlsnap_json_value *object, const char *const keys[], int count,
                        int *chosen_out, const xlsnap_json_value **value_out) {
    *chosen_out = -1;
    *value_out = NULL;
    if (object->kind != XLSNAP_JSON_OBJECT)
        return ERROR_FAIL;
    for (int i = 0; i < count; i++) {
        const xlsnap_json_value *member = find(object, keys[i]);

        if (!member || (*value_out && member->kind == XLSNAP_JSON_NULL))
            continue;
        if (*value_out && (*value_out)->kind != XLSNAP_JSON_NULL)
            return ERROR_FAIL;
        *chosen_out = i;
        *value_out = member;
    }
    return 0;
}
