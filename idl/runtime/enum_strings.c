/* SPDX-License-Identifier: LGPL-2.1-only */
#include "enum_strings.h"

#include <strings.h>

int xlsnap_enum_from_string(const libxl_enum_string_table *table, const char *name,
                            int *number_out) {
    for (; table->s; table++) {
        if (!strcasecmp(table->s, name)) {
            *number_out = table->v;
            return 0;
        }
    }
    return ERROR_FAIL;
}
