/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A JSON text read into values that the generated _from_json functions pick their fields from.
 *
 * Nothing is trusted: the text is refused when it is longer than XLSNAP_JSON_MAX_TEXT, nests deeper
 * than XLSNAP_JSON_MAX_DEPTH, holds more than XLSNAP_JSON_MAX_VALUES values, is not UTF-8, holds
 * the escape for a NUL in any string (a C string would end there, and a path would become another
 * path), or goes on after its value.
 *
 * All functions return 0 or a libxl error: ERROR_FAIL for whatever is wrong with the text, as libxl
 * does, and ERROR_NOMEM.
 */
#ifndef XLSNAP_JSON_READER_H
#define XLSNAP_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XLSNAP_JSON_MAX_TEXT (4u << 20)
#define XLSNAP_JSON_MAX_DEPTH 64u
#define XLSNAP_JSON_MAX_VALUES (64u << 10)

typedef enum xlsnap_json_kind {
    XLSNAP_JSON_NULL,
    XLSNAP_JSON_BOOL,
    XLSNAP_JSON_NUMBER,
    XLSNAP_JSON_STRING,
    XLSNAP_JSON_OBJECT,
    XLSNAP_JSON_ARRAY,
} xlsnap_json_kind;

/*
 * One value. The values of a document lie in one array, each followed by the values inside it: the
 * first value inside v is v + 1, the value after v is v + v->span.
 */
typedef struct xlsnap_json_value {
    xlsnap_json_kind kind;
    bool truth;       /* of a bool */
    const char *key;  /* of a member of an object, else NULL */
    const char *text; /* of a string, decoded; of a number, as it was written; else NULL */
    size_t children;  /* the number of values directly inside an object or an array */
    size_t span;      /* the number of values that this value takes, itself included */
} xlsnap_json_value;

/* A document owns its values and their texts. */
typedef struct xlsnap_json_document {
    xlsnap_json_value *values; /* the first is the whole text */
    char *texts;
} xlsnap_json_document;

/* Read a whole text. The document is to be freed only when this returns 0. */
int xlsnap_json_parse(const char *text, xlsnap_json_document *document_out);
void xlsnap_json_document_free(xlsnap_json_document *document);

/*
 * The member of an object with the key, or NULL when there is none or when it is null: both mean
 * the default. Of several with one key it is the first, as in libxl.
 */
const xlsnap_json_value *xlsnap_json_member(const xlsnap_json_value *object, const char *key);

/*
 * The member of an object that has one of `count` keys: each stands for a member of a union. Gives
 * the number of the key and the value, -1 and NULL when the object has none of them. The value is
 * null only when no other key has one that is not. Two such are an error, and so is a value in
 * place of the object that is none.
 */
int xlsnap_json_variant(const xlsnap_json_value *object, const char *const keys[], int count,
                        int *chosen_out, const xlsnap_json_value **value_out);

/*
 * Read one field; *out is written on success only. A value of another kind and a number that the
 * type cannot hold are errors. A string is malloc'd; a null gives a NULL string.
 */
int xlsnap_json_read_bool(const xlsnap_json_value *v, bool *out);
int xlsnap_json_read_string(const xlsnap_json_value *v, char **out);
int xlsnap_json_read_int(const xlsnap_json_value *v, int *out);
int xlsnap_json_read_uint8(const xlsnap_json_value *v, uint8_t *out);
int xlsnap_json_read_uint16(const xlsnap_json_value *v, uint16_t *out);
int xlsnap_json_read_uint32(const xlsnap_json_value *v, uint32_t *out);
int xlsnap_json_read_uint64(const xlsnap_json_value *v, uint64_t *out);
/* Of an integer type of `size` bytes, 1 to 8. */
int xlsnap_json_read_signed(const xlsnap_json_value *v, size_t size, int64_t *out);
int xlsnap_json_read_unsigned(const xlsnap_json_value *v, size_t size, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
