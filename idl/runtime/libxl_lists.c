/* SPDX-License-Identifier: LGPL-2.1-only */
/* The builtin types of libxl that are lists. */
#include "libxl_builtins.h"

#include <stdlib.h>
#include <string.h>

void xlsnap_json_write_string_list(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_string_list *p) {
    (void)ctx;
    xlsnap_json_begin_array(w);
    for (char **s = *p; s && *s; s++)
        xlsnap_json_write_string(w, *s);
    xlsnap_json_end_array(w);
}

int xlsnap_json_read_string_list(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_string_list *p) {
    libxl_string_list list;
    size_t used = 0;
    int rc = 0;

    (void)ctx;
    if (v->kind != XLSNAP_JSON_ARRAY)
        return ERROR_FAIL;
    if (!v->children)
        return 0;
    list = calloc(v->children + 1, sizeof(*list));
    if (!list)
        return ERROR_NOMEM;
    for (const xlsnap_json_value *e = v + 1; !rc && e < v + v->span; e += e->span)
        rc = e->kind == XLSNAP_JSON_STRING ? xlsnap_json_read_string(e, &list[used++]) : ERROR_FAIL;
    if (rc)
        libxl_string_list_dispose(&list);
    else
        *p = list;
    return rc;
}

bool xlsnap_string_list_is_empty(libxl_string_list *p) {
    return !libxl_string_list_length(p);
}

void xlsnap_json_write_key_value_list(libxl_ctx *ctx, xlsnap_json_writer *w,
                                      libxl_key_value_list *p) {
    (void)ctx;
    xlsnap_json_begin_object(w);
    for (char **pair = *p; pair && *pair; pair += 2) {
        xlsnap_json_key(w, pair[0]);
        xlsnap_json_write_string(w, pair[1]);
    }
    xlsnap_json_end_object(w);
}

static int read_pair(const xlsnap_json_value *v, char **pair) {
    pair[0] = strdup(v->key);
    return pair[0] ? xlsnap_json_read_string(v, &pair[1]) : ERROR_NOMEM;
}

int xlsnap_json_read_key_value_list(libxl_ctx *ctx, const xlsnap_json_value *v,
                                    libxl_key_value_list *p) {
    libxl_key_value_list list;
    char **pair;
    int rc = 0;

    (void)ctx;
    if (v->kind != XLSNAP_JSON_OBJECT)
        return ERROR_FAIL;
    pair = list = calloc(2 * v->children + 1, sizeof(*list));
    if (!list)
        return ERROR_NOMEM;
    for (const xlsnap_json_value *e = v + 1; !rc && e < v + v->span; e += e->span, pair += 2)
        rc = read_pair(e, pair);
    if (rc)
        libxl_key_value_list_dispose(&list);
    else
        *p = list;
    return rc;
}

bool xlsnap_key_value_list_is_empty(libxl_key_value_list *p) {
    return !libxl_key_value_list_length(p);
}

/* What libxl says of a build_info with this list and no more; NULL on failure. */
static char *carrier_text(libxl_cpuid_policy_list *p) {
    libxl_domain_build_info carrier;
    char *text;

    libxl_domain_build_info_init(&carrier);
    carrier.cpuid = *p;
    text = libxl_domain_build_info_to_json(NULL, &carrier);
    carrier.cpuid = NULL;
    libxl_domain_build_info_dispose(&carrier);
    return text;
}

static int parse_carrier(libxl_cpuid_policy_list *p, xlsnap_json_document *document_out,
                         const xlsnap_json_value **list_out) {
    char *text = carrier_text(p);
    int rc = text ? xlsnap_json_parse(text, document_out) : ERROR_FAIL;

    free(text);
    if (!rc)
        *list_out = xlsnap_json_member(document_out->values, "cpuid");
    return rc;
}

void xlsnap_json_write_cpuid_policy_list(libxl_ctx *ctx, xlsnap_json_writer *w,
                                         libxl_cpuid_policy_list *p) {
    xlsnap_json_document document;
    const xlsnap_json_value *list;

    (void)ctx;
    if (parse_carrier(p, &document, &list)) {
        xlsnap_json_write_text(w, NULL);
        return;
    }
    if (list)
        xlsnap_json_write_value(w, list);
    else
        xlsnap_json_write_text(w, "{\"cpuid\": [], \"msr\": []}");
    xlsnap_json_document_free(&document);
}

bool xlsnap_cpuid_policy_list_is_empty(libxl_cpuid_policy_list *p) {
    xlsnap_json_document document;
    const xlsnap_json_value *list;

    if (!*p)
        return true;
    if (parse_carrier(p, &document, &list))
        return false;
    xlsnap_json_document_free(&document);
    return !list;
}

static char *text_of_carrier(const xlsnap_json_value *v) {
    xlsnap_json_writer w;

    xlsnap_json_writer_open(&w);
    xlsnap_json_begin_object(&w);
    xlsnap_json_key(&w, "cpuid");
    xlsnap_json_write_value(&w, v);
    xlsnap_json_end_object(&w);
    return xlsnap_json_writer_close(&w);
}

int xlsnap_json_read_cpuid_policy_list(libxl_ctx *ctx, const xlsnap_json_value *v,
                                       libxl_cpuid_policy_list *p) {
    libxl_domain_build_info carrier;
    char *text;
    int rc;

    if (v->kind != XLSNAP_JSON_OBJECT && v->kind != XLSNAP_JSON_ARRAY)
        return ERROR_FAIL;
    text = text_of_carrier(v);
    if (!text)
        return ERROR_NOMEM;
    rc = libxl_domain_build_info_from_json(ctx, &carrier, text);
    free(text);
    if (!rc) {
        *p = carrier.cpuid;
        carrier.cpuid = NULL;
    }
    libxl_domain_build_info_dispose(&carrier);
    return rc;
}
