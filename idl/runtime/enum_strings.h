/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XLSNAP_ENUM_STRINGS_H
#define XLSNAP_ENUM_STRINGS_H

#ifdef __cplusplus
extern "C" {
#endif

#include <libxl.h>

/*
 * Find the number of a name, whatever the case of its letters, in a table that ends with a NULL
 * name. Returns 0, or ERROR_FAIL and leaves *number_out alone.
 */
int xlsnap_enum_from_string(const libxl_enum_string_table *table, const char *name,
                            int *number_out);

#ifdef __cplusplus
}
#endif

#endif
