/* SPDX-License-Identifier: LGPL-2.1-only */
#include "random_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;
static int number_bits = 64;

void random_seed(uint64_t seed) {
    state = seed;
}

void random_bits(int bits) {
    number_bits = bits;
}

/* splitmix64 (public domain, Sebastiano Vigna). */
static uint64_t next(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static unsigned below(unsigned limit) {
    return (unsigned)(next() % limit);
}

uint64_t random_number(void) {
    switch (below(4)) {
    case 0:
        return 0;
    case 1:
        return below(10);
    case 2:
        return (UINT64_MAX >> (64 - number_bits)) - below(2);
    default:
        return next() >> (64 - number_bits);
    }
}

void random_int64_t(int64_t *number) {
    *number = (int64_t)random_number();
}

bool equal_int64_t(int64_t *a, int64_t *b) {
    return *a == *b;
}

libxl_disk_format random_libxl_disk_format(void) {
    return (libxl_disk_format)random_enum(libxl_disk_format_string_table);
}

bool random_bool(void) {
    return below(2) == 1;
}

int random_length(void) {
    return (int)below(5);
}

static void *must(void *allocated) {
    if (!allocated)
        abort();
    return allocated;
}

void *random_array(int length, size_t element_size) {
    return length ? must(calloc((size_t)length, element_size)) : NULL;
}

char *random_string(void) {
    static const char *const pieces[] = {"a",
                                         "/",
                                         "\"",
                                         "\\",
                                         "\n",
                                         "\x01",
                                         "\x7f",
                                         "\xc3\xa9",
                                         "\xe2\x82\xac",
                                         "{",
                                         "]",
                                         " ",
                                         "\xf0\x9f\x92\xbe",
                                         "\\u0000"};
    size_t count = below(20) ? below(12) : 500;
    char *text;

    if (!below(5))
        return NULL;
    text = must(calloc(count + 1, 8));
    for (size_t i = 0, used = 0; i < count; i++) {
        const char *piece = pieces[below(sizeof(pieces) / sizeof(pieces[0]))];

        memcpy(text + used, piece, strlen(piece));
        used += strlen(piece);
    }
    return text;
}

bool equal_string(const char *a, const char *b) {
    return a && b ? !strcmp(a, b) : a == b;
}

int random_row(const libxl_enum_string_table *rows, unsigned count) {
    return rows[below(count)].v;
}

int random_enum(const libxl_enum_string_table *table) {
    unsigned count = 0;

    while (table[count].s)
        count++;
    return random_row(table, count);
}

void random_libxl_defbool(libxl_defbool *b) {
    libxl_defbool_unset(b);
    if (random_bool())
        libxl_defbool_set(b, random_bool());
}

void random_libxl_device_disk(libxl_device_disk *disk) {
    libxl_device_disk_init(disk);
    disk->backend_domid = (libxl_domid)random_number();
    disk->backend_domname = random_string();
    disk->pdev_path = random_string();
    disk->vdev = random_string();
    disk->backend = (libxl_disk_backend)random_enum(libxl_disk_backend_string_table);
    disk->format = (libxl_disk_format)random_enum(libxl_disk_format_string_table);
    disk->script = random_string();
    disk->removable = random_bool();
    disk->readwrite = random_bool();
    disk->is_cdrom = random_bool();
    disk->direct_io_safe = random_bool();
    random_libxl_defbool(&disk->discard_enable);
    disk->irq = (uint32_t)random_number();
    /* libxl writes all 64 bits but reads back no more than 63 (seen with libxenlight 4.17). */
    disk->base = random_number() >> 1;
    random_libxl_defbool(&disk->colo_enable);
    disk->colo_host = random_string();
    disk->colo_port = (int)random_number();
    disk->active_disk = random_string();
    disk->hidden_disk = random_string();
    random_libxl_defbool(&disk->trusted);
}

/* By its JSON, which names every field, those of later versions of libxl too. */
bool equal_libxl_device_disk(libxl_device_disk *a, libxl_device_disk *b) {
    char *a_text = must(libxl_device_disk_to_json(NULL, a));
    char *b_text = must(libxl_device_disk_to_json(NULL, b));
    bool equal = !strcmp(a_text, b_text);

    free(a_text);
    free(b_text);
    return equal;
}
