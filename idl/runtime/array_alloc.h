/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XLSNAP_ARRAY_ALLOC_H
#define XLSNAP_ARRAY_ALLOC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A zeroed array of `count` elements for a _copy function, NULL when count is 0 or less; the caller
 * frees it. A _copy function cannot report a failure: when memory is exhausted the process prints a
 * message and exits with status 255, as libxl does ("Memory allocation failures", libxl.h).
 */
void *xlsnap_array_alloc(int count, size_t element_size);

#ifdef __cplusplus
}
#endif

#endif
