/* SPDX-License-Identifier: LGPL-2.1-only */
/* Random values of libxl's builtin types, and their comparison. */
#include "random_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

static bool equal_bytes(const void *a, const void *b, size_t size) {
    return !memcmp(a, b, size);
}

static void random_bytes(void *bytes, size_t size) {
    bool zero = !(random_number() % 4);

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = zero ? 0 : (uint8_t)random_number();
}

bool equal_libxl_defbool(libxl_defbool *a, libxl_defbool *b) {
    return !strcmp(libxl_defbool_to_string(*a), libxl_defbool_to_string(*b));
}

void random_libxl_uuid(libxl_uuid *uuid) {
    random_bytes(uuid, sizeof(*uuid));
}

bool equal_libxl_uuid(libxl_uuid *a, libxl_uuid *b) {
    return equal_bytes(a, b, sizeof(*a));
}

void random_libxl_mac(libxl_mac *mac) {
    random_bytes(mac, sizeof(*mac));
}

bool equal_libxl_mac(libxl_mac *a, libxl_mac *b) {
    return equal_bytes(a, b, sizeof(*a));
}

void random_libxl_bitmap(libxl_bitmap *bitmap) {
    int bits = (int)(random_number() % 200);

    libxl_bitmap_init(bitmap);
    if (!bits)
        return;
    bitmap->size = (uint32_t)(bits + 7) / 8;
    bitmap->map = random_array((int)bitmap->size, 1);
    for (int i = 0; i < bits; i++) {
        if (random_bool())
            libxl_bitmap_set(bitmap, i);
    }
}

bool equal_libxl_bitmap(libxl_bitmap *a, libxl_bitmap *b) {
    return libxl_bitmap_equal(a, b, 0);
}

static char *random_word(void) {
    char *word = NULL;

    while (!word)
        word = random_string();
    return word;
}

/* Every second entry may be NULL in a list of pairs. */
static char **random_list(int stride) {
    int length = stride * random_length();
    char **list = length ? random_array(length + 1, sizeof(*list)) : NULL;

    for (int i = 0; i < length; i++)
        list[i] = i % stride ? random_string() : random_word();
    return list;
}

static bool equal_list(char **a, char **b, int stride) {
    if (!a || !b)
        return (!a || !*a) && (!b || !*b);
    for (; *a && *b; a += stride, b += stride) {
        for (int i = 0; i < stride; i++) {
            if (!equal_string(a[i], b[i]))
                return false;
        }
    }
    return *a == *b;
}

void random_libxl_string_list(libxl_string_list *list) {
    *list = random_list(1);
}

bool equal_libxl_string_list(libxl_string_list *a, libxl_string_list *b) {
    return equal_list(*a, *b, 1);
}

void random_libxl_key_value_list(libxl_key_value_list *list) {
    *list = random_list(2);
}

bool equal_libxl_key_value_list(libxl_key_value_list *a, libxl_key_value_list *b) {
    return equal_list(*a, *b, 2);
}

/* JSON has the first four words only. */
void random_libxl_hwcap(libxl_hwcap *hwcap) {
    memset(hwcap, 0, sizeof(*hwcap));
    random_bytes(hwcap, sizeof(*hwcap) / 2);
}

bool equal_libxl_hwcap(libxl_hwcap *a, libxl_hwcap *b) {
    return equal_bytes(a, b, sizeof(*a));
}

void random_libxl_ms_vm_genid(libxl_ms_vm_genid *id) {
    random_bytes(id, sizeof(*id));
}

bool equal_libxl_ms_vm_genid(libxl_ms_vm_genid *a, libxl_ms_vm_genid *b) {
    return equal_bytes(a, b, sizeof(*a));
}

void random_libxl_cpuid_policy_list(libxl_cpuid_policy_list *list) {
    static const char *const settings[] = {"htt=0", "sse4.1=1", "maxleaf=7", "family=6"};
    char text[32];

    *list = NULL;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        (void)snprintf(text, sizeof(text), "%s", settings[i]);
        if (random_bool() && libxl_cpuid_parse_config(list, text))
            abort();
    }
}

/* By the JSON of a structure that has one: the list itself is opaque. */
bool equal_libxl_cpuid_policy_list(libxl_cpuid_policy_list *a, libxl_cpuid_policy_list *b) {
    libxl_domain_build_info info;
    char *a_text, *b_text;
    bool equal;

    libxl_domain_build_info_init(&info);
    info.cpuid = *a;
    a_text = libxl_domain_build_info_to_json(NULL, &info);
    info.cpuid = *b;
    b_text = libxl_domain_build_info_to_json(NULL, &info);
    info.cpuid = NULL;
    libxl_domain_build_info_dispose(&info);
    equal = a_text && b_text && !strcmp(a_text, b_text);
    free(a_text);
    free(b_text);
    return equal;
}
