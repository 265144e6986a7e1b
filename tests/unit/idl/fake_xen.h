/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxl_ctx_alloc() opens the hypervisor and xenstore, and fails where there is no Xen. Yet libxl's
 * _copy and _from_json need a context, if only to account for memory and to log: NULL crashes them
 * (seen with libxenlight 4.17; _init, _dispose and _to_json take NULL). A program linked with
 * fake_xen.c has its own xc_interface_open() and xs_open(), which libxenlight then calls; they open
 * nothing, and nothing but memory may be asked of such a context.
 */
#ifndef FAKE_XEN_H
#define FAKE_XEN_H

#ifdef __cplusplus
extern "C" {
#endif

#include <libxl.h>

/* A context that logs nothing; NULL if it cannot be made. To be freed by libxl_ctx_free(). */
libxl_ctx *context_without_xen(void);

#ifdef __cplusplus
}
#endif

#endif
