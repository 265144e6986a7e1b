/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Loaded in front of libxenlight: a host on which dom0 alone runs, for xlsnap and its library to be
 * run as they are where there is no Xen.
 */
#include <libxl.h>

#include <stdlib.h>

int libxl_ctx_alloc(libxl_ctx **pctx, int version, unsigned flags, xentoollog_logger *lg) {
    (void)version, (void)flags, (void)lg;
    *pctx = calloc(1, 1);
    return *pctx ? 0 : ERROR_NOMEM;
}

int libxl_ctx_free(libxl_ctx *ctx) {
    free(ctx);
    return 0;
}

libxl_dominfo *libxl_list_domain(libxl_ctx *ctx, int *nb_domain_out) {
    (void)ctx;
    *nb_domain_out = 1;
    return calloc(1, sizeof(libxl_dominfo));
}
