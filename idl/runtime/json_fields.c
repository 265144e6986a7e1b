/* SPDX-License-Identifier: LGPL-2.1-only */
/* The reading of one field, each into its C type. */
#include "json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>

int xlsnap_json_read_bool(const xlsnap_json_value *v, bool *out) {
    if (v->kind != XLSNAP_JSON_BOOL)
        return ERROR_FAIL;
    *out = v->truth;
    return 0;
}

int xlsnap_json_read_string(const xlsnap_json_value *v, char **out) {
    char *copy;

    if (v->kind == XLSNAP_JSON_NULL) {
        *out = NULL;
        return 0;
    }
    if (v->kind != XLSNAP_JSON_STRING)
        return ERROR_FAIL;
    copy = strdup(v->text);
    if (!copy)
        return ERROR_NOMEM;
    *out = copy;
    return 0;
}

/* True for a number without a fraction and an exponent. */
static bool is_integer(const xlsnap_json_value *v) {
    return v->kind == XLSNAP_JSON_NUMBER && !v->text[strspn(v->text, "-0123456789")];
}

int xlsnap_json_read_signed(const xlsnap_json_value *v, size_t size, int64_t *out) {
    const int64_t max = INT64_MAX >> (64 - 8 * size);
    long long number;

    if (!is_integer(v))
        return ERROR_FAIL;
    errno = 0;
    number = strtoll(v->text, NULL, 10);
    if (errno || number < -max - 1 || number > max)
        return ERROR_FAIL;
    *out = number;
    return 0;
}

int xlsnap_json_read_unsigned(const xlsnap_json_value *v, size_t size, uint64_t *out) {
    const uint64_t max = UINT64_MAX >> (64 - 8 * size);
    unsigned long long number;

    /* strtoull takes a minus sign and wraps around. */
    if (!is_integer(v) || v->text[0] == '-')
        return ERROR_FAIL;
    errno = 0;
    number = strtoull(v->text, NULL, 10);
    if (errno || number > max)
        return ERROR_FAIL;
    *out = number;
    return 0;
}

int xlsnap_json_read_int(const xlsnap_json_value *v, int *out) {
    int64_t number;
    int rc = xlsnap_json_read_signed(v, sizeof(*out), &number);

    if (!rc)
        *out = (int)number;
    return rc;
}

int xlsnap_json_read_uint8(const xlsnap_json_value *v, uint8_t *out) {
    uint64_t number;
    int rc = xlsnap_json_read_unsigned(v, sizeof(*out), &number);

    if (!rc)
        *out = (uint8_t)number;
    return rc;
}

int xlsnap_json_read_uint16(const xlsnap_json_value *v, uint16_t *out) {
    uint64_t number;
    int rc = xlsnap_json_read_unsigned(v, sizeof(*out), &number);

    if (!rc)
        *out = (uint16_t)number;
    return rc;
}

int xlsnap_json_read_uint32(const xlsnap_json_value *v, uint32_t *out) {
    uint64_t number;
    int rc = xlsnap_json_read_unsigned(v, sizeof(*out), &number);

    if (!rc)
        *out = (uint32_t)number;
    return rc;
}

int xlsnap_json_read_uint64(const xlsnap_json_value *v, uint64_t *out) {
    return xlsnap_json_read_unsigned(v, sizeof(*out), out);
}
