/* SPDX-License-Identifier: LGPL-2.1-only */
/* What a generated comparison with libxl checks with, beside round_trip.h. */
#ifndef LIKENESS_H
#define LIKENESS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "round_trip.h"

static inline bool same_bytes(const void *ours, const void *theirs, size_t size) {
    return !memcmp(ours, theirs, size);
}

/* The text that both are, which the caller frees. */
static inline char *same_text(char *ours, char *theirs) {
    CHECK(ours && theirs, "no text");
    if (strcmp(ours, theirs))
        (void)fprintf(stderr, "libxl: %s\n", theirs);
    CHECK(!strcmp(ours, theirs), ours);
    free(theirs);
    return ours;
}

#endif
