/* SPDX-License-Identifier: LGPL-2.1-only */
#include "array_alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *xlsnap_array_alloc(int count, size_t element_size) {
    void *array;

    if (count <= 0)
        return NULL;
    array = calloc((size_t)count, element_size);
    if (!array) {
        (void)fprintf(stderr, "xlsnap: memory allocation failure (%d x %zu)\n", count,
                      element_size);
        (void)fflush(stderr);
        _exit(255);
    }
    return array;
}
