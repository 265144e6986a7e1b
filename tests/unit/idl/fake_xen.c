/* SPDX-License-Identifier: LGPL-2.1-only */
#include "fake_xen.h"

#include <stdlib.h>

#include <xenctrl.h>
#include <xenstore.h>

/* libxl only tests the handles for NULL; nothing reads what they point to. */
static char handle;

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
                                unsigned open_flags) {
    (void)logger;
    (void)dombuild_logger;
    (void)open_flags;
    return (xc_interface *)(void *)&handle;
}

int xc_interface_close(xc_interface *xch) {
    (void)xch;
    return 0;
}

struct xs_handle *xs_open(unsigned long flags) {
    (void)flags;
    return (struct xs_handle *)(void *)&handle;
}

void xs_close(struct xs_handle *xsh) {
    (void)xsh;
}

static void log_nothing(xentoollog_logger *logger, xentoollog_level level, int errnoval,
                        const char *context, const char *format, va_list arguments) {
    (void)logger;
    (void)level;
    (void)errnoval;
    (void)context;
    (void)format;
    (void)arguments;
}

static void show_nothing(xentoollog_logger *logger, const char *context, const char *doing_what,
                         int percent, unsigned long done, unsigned long total) {
    (void)logger;
    (void)context;
    (void)doing_what;
    (void)percent;
    (void)done;
    (void)total;
}

static void destroy_nothing(xentoollog_logger *logger) {
    (void)logger;
}

libxl_ctx *context_without_xen(void) {
    static xentoollog_logger silent = {
        .vmessage = log_nothing, .progress = show_nothing, .destroy = destroy_nothing};
    libxl_ctx *ctx = NULL;

    return libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, &silent) ? NULL : ctx;
}
