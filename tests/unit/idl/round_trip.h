/* SPDX-License-Identifier: LGPL-2.1-only */
/* What a generated round-trip test checks with. */
#ifndef ROUND_TRIP_H
#define ROUND_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxl.h>

/* Generated: check every type of an IDL file once, each with new random values. */
void check_every_type(libxl_ctx *ctx);

/* End the program with the condition and a text that helps, unless the condition holds. */
#define CHECK(condition, text)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s: failed: %s\n%s\n", __func__, #condition, text);             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static inline bool all_zero(const void *bytes, size_t size) {
    const char *byte = bytes;

    for (size_t i = 0; i < size; i++) {
        if (byte[i])
            return false;
    }
    return true;
}

#endif
