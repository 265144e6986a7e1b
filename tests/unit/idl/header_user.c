/* SPDX-License-Identifier: LGPL-2.1-only */
/* A user of the generated header and of no other; it is compiled as C99 and as C++. */
#include "libxl_snapshot_types.h"

int use_of_every_function(libxl_ctx *ctx, const char *text, char **text_out);

int use_of_every_function(libxl_ctx *ctx, const char *text, char **text_out) {
    libxl_domain_snapshot_args args, copy;
    int rc;

    libxl_domain_snapshot_args_init(&copy);
    rc = libxl_domain_snapshot_args_from_json(ctx, &args, text);
    libxl_domain_snapshot_args_copy(ctx, &copy, &args);
    *text_out = libxl_domain_snapshot_args_to_json(ctx, &copy);
    libxl_domain_snapshot_args_dispose(&args);
    libxl_domain_snapshot_args_dispose(&copy);
    return rc;
}
