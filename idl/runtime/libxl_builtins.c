/* SPDX-License-Identifier: LGPL-2.1-only */
#include "libxl_builtins.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

void xlsnap_json_write_defbool(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_defbool *p) {
    (void)ctx;
    xlsnap_json_write_string(w, libxl_defbool_to_string(*p));
}

int xlsnap_json_read_defbool(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_defbool *p) {
    libxl_defbool values[3];

    (void)ctx;
    if (v->kind != XLSNAP_JSON_STRING)
        return ERROR_FAIL;
    libxl_defbool_unset(&values[0]);
    libxl_defbool_set(&values[1], false);
    libxl_defbool_set(&values[2], true);
    for (int i = 0; i < 3; i++) {
        if (!strcmp(v->text, libxl_defbool_to_string(values[i]))) {
            *p = values[i];
            return 0;
        }
    }
    return ERROR_FAIL;
}

bool xlsnap_defbool_is_default(libxl_defbool *p) {
    return libxl_defbool_is_default(*p);
}

void xlsnap_json_write_uuid(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_uuid *p) {
    char text[sizeof("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")];

    (void)ctx;
    (void)snprintf(text, sizeof(text), LIBXL_UUID_FMT, LIBXL_UUID_BYTES((*p)));
    xlsnap_json_write_string(w, text);
}

int xlsnap_json_read_uuid(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_uuid *p) {
    libxl_uuid uuid;

    (void)ctx;
    if (v->kind != XLSNAP_JSON_STRING || libxl_uuid_from_string(&uuid, v->text))
        return ERROR_FAIL;
    *p = uuid;
    return 0;
}

void xlsnap_json_write_mac(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_mac *p) {
    char text[sizeof("xx:xx:xx:xx:xx:xx")];

    (void)ctx;
    (void)snprintf(text, sizeof(text), LIBXL_MAC_FMT, LIBXL_MAC_BYTES((*p)));
    xlsnap_json_write_string(w, text);
}

static bool is_mac(const char *text) {
    for (int i = 0; i < 17; i++) {
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return !text[17];
}

int xlsnap_json_read_mac(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_mac *p) {
    (void)ctx;
    if (v->kind != XLSNAP_JSON_STRING || !is_mac(v->text))
        return ERROR_FAIL;
    for (int i = 0; i < 6; i++)
        (*p)[i] = (uint8_t)strtoul(v->text + 3 * i, NULL, 16);
    return 0;
}

static bool all_zero(const void *bytes, size_t size) {
    const unsigned char *byte = bytes;

    while (size && !byte[size - 1])
        size--;
    return !size;
}

bool xlsnap_mac_is_default(libxl_mac *p) {
    return all_zero(*p, sizeof(*p));
}

void xlsnap_json_write_bitmap(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_bitmap *p) {
    (void)ctx;
    xlsnap_json_begin_array(w);
    for (int bit = 0; bit < (int)(p->size * 8); bit++) {
        if (libxl_bitmap_test(p, bit))
            xlsnap_json_write_int(w, bit);
    }
    xlsnap_json_end_array(w);
}

static int read_bit(const xlsnap_json_value *v, int *bit_out) {
    int rc = xlsnap_json_read_int(v, bit_out);

    if (!rc && (*bit_out < 0 || *bit_out >= XLSNAP_BITMAP_MAX_BITS))
        return ERROR_FAIL;
    return rc;
}

int xlsnap_json_read_bitmap(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_bitmap *p) {
    const xlsnap_json_value *end = v + v->span;
    int bit, last = -1;

    if (v->kind != XLSNAP_JSON_ARRAY)
        return ERROR_FAIL;
    for (const xlsnap_json_value *e = v + 1; e < end; e += e->span) {
        int rc = read_bit(e, &bit);

        if (rc)
            return rc;
        last = bit > last ? bit : last;
    }
    if (last < 0)
        return 0;
    if (libxl_bitmap_alloc(ctx, p, last + 1))
        return ERROR_NOMEM;
    for (const xlsnap_json_value *e = v + 1; e < end; e += e->span) {
        if (!read_bit(e, &bit))
            libxl_bitmap_set(p, bit);
    }
    return 0;
}

static void write_words(xlsnap_json_writer *w, const uint32_t *words, int count) {
    xlsnap_json_begin_array(w);
    for (int i = 0; i < count; i++)
        xlsnap_json_write_uint(w, words[i]);
    xlsnap_json_end_array(w);
}

/* Read an array of so many integers, none of them above `max`. */
static int read_words(const xlsnap_json_value *v, uint32_t max, uint32_t *words, size_t count) {
    size_t i = 0;

    if (v->kind != XLSNAP_JSON_ARRAY || v->children != count)
        return ERROR_FAIL;
    for (const xlsnap_json_value *e = v + 1; e < v + v->span; e += e->span) {
        int rc = xlsnap_json_read_uint32(e, &words[i]);

        if (rc)
            return rc;
        if (words[i++] > max)
            return ERROR_FAIL;
    }
    return 0;
}

enum { HWCAP_WORDS = 4 };

void xlsnap_json_write_hwcap(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_hwcap *p) {
    (void)ctx;
    write_words(w, *p, HWCAP_WORDS);
}

int xlsnap_json_read_hwcap(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_hwcap *p) {
    uint32_t words[HWCAP_WORDS];
    int rc = read_words(v, UINT32_MAX, words, HWCAP_WORDS);

    (void)ctx;
    if (!rc)
        memcpy(*p, words, sizeof(words));
    return rc;
}

bool xlsnap_hwcap_is_default(libxl_hwcap *p) {
    (void)p;
    return false;
}

void xlsnap_json_write_ms_vm_genid(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_ms_vm_genid *p) {
    uint32_t words[LIBXL_MS_VM_GENID_LEN];

    (void)ctx;
    for (int i = 0; i < LIBXL_MS_VM_GENID_LEN; i++)
        words[i] = p->bytes[i];
    write_words(w, words, LIBXL_MS_VM_GENID_LEN);
}

int xlsnap_json_read_ms_vm_genid(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_ms_vm_genid *p) {
    uint32_t words[LIBXL_MS_VM_GENID_LEN];
    int rc = read_words(v, UINT8_MAX, words, LIBXL_MS_VM_GENID_LEN);

    (void)ctx;
    for (int i = 0; !rc && i < LIBXL_MS_VM_GENID_LEN; i++)
        p->bytes[i] = (uint8_t)words[i];
    return rc;
}
