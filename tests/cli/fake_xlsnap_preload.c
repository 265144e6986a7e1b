/* SPDX-License-Identifier: LGPL-2.1-only */
#define _GNU_SOURCE
/*
 * Loaded in front of libxlsnap and libxenlight: a host with one domain, "guest" with domid 7, and
 * snapshot functions that write down how they were called. The environment says how:
 *
 *   FAKE_CALLS    the file that gets a line for each call
 *   FAKE_RC       what the functions that change something return; 0 when unset
 *   FAKE_ERROR    the last error text
 *   FAKE_WARNING  a warning that the snapshot functions give to the logger
 *   FAKE_NAME     the name that "guest" has in fact
 *   FAKE_NO_XEN   set: no libxl context can be had
 *   FAKE_SIGNAL   the number of a signal that the program gets while a snapshot function works
 */
#include "fake_calls.h"

#include <libxl_snapshot.h>

#include <fcntl.h>
#include <libxl_utils.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static xentoollog_logger *logger;
static const char *error_text;

void record_call(const char *format, ...) {
    const char *path = getenv("FAKE_CALLS");
    FILE *calls = path ? fopen(path, "a") : NULL;
    va_list arguments;

    if (!calls)
        abort();
    va_start(arguments, format);
    vfprintf(calls, format, arguments);
    va_end(arguments);
    if (fclose(calls))
        abort();
}

const char *shown_text(const char *text) {
    return text ? text : "-";
}

int end_fake_call(void) {
    const char *warning = getenv("FAKE_WARNING");
    const char *rc = getenv("FAKE_RC");
    const char *number = getenv("FAKE_SIGNAL");

    if (number)
        raise(atoi(number));
    if (warning && logger)
        xtl_log(logger, XTL_WARN, -1, "xlsnap", "%s", warning);
    return rc ? atoi(rc) : 0;
}

void set_fake_error(const char *text) {
    error_text = text;
}

const char *fake_guest_name(void) {
    const char *name = getenv("FAKE_NAME");

    return name ? name : "guest";
}

static int record_snapshot_call(const char *function, int domid,
                                const libxl_domain_snapshot_args *args, const char *more) {
    record_call("%s domid=%d memory=%s", function, domid, args->memory ? args->memory_path : "-");
    for (int i = 0; i < args->num_disks; i++)
        record_call(" %s:%s", args->disks[i].disk.vdev, args->disks[i].name);
    record_call("%s\n", more);
    return end_fake_call();
}

int libxl_ctx_alloc(libxl_ctx **ctx, int version, unsigned flags, xentoollog_logger *lg) {
    static char context;

    (void)flags;
    (void)lg;
    if (getenv("FAKE_NO_XEN") || version != LIBXL_VERSION)
        return ERROR_FAIL;
    *ctx = (libxl_ctx *)(void *)&context;
    return 0;
}

int libxl_ctx_free(libxl_ctx *ctx) {
    (void)ctx;
    return 0;
}

int libxl_domain_qualifier_to_domid(libxl_ctx *ctx, const char *name, uint32_t *domid) {
    (void)ctx;
    if (strcmp(name, "guest") && strcmp(name, "7") && strcmp(name, "0"))
        return ERROR_INVAL;
    *domid = strcmp(name, "0") ? FAKE_GUEST_DOMID : 0;
    return 0;
}

static void fill_disk(libxl_device_disk *disk, const char *vdev, int readwrite, int is_cdrom) {
    libxl_device_disk_init(disk);
    disk->vdev = strdup(vdev);
    disk->readwrite = readwrite;
    disk->is_cdrom = is_cdrom;
}

libxl_device_disk *libxl_device_disk_list(libxl_ctx *ctx, uint32_t domid, int *num) {
    libxl_device_disk *disks = calloc(4, sizeof(*disks));

    (void)ctx;
    if (!disks || domid != FAKE_GUEST_DOMID)
        abort();
    fill_disk(&disks[0], "xvda", 1, 0);
    fill_disk(&disks[1], "xvdb", 1, 0);
    fill_disk(&disks[2], "xvdc", 0, 0);
    fill_disk(&disks[3], "hdd", 1, 1);
    *num = 4;
    return disks;
}

int libxl_domain_info(libxl_ctx *ctx, libxl_dominfo *info, uint32_t domid) {
    (void)ctx;
    (void)domid;
    info->current_memkb = 64 * 1024;
    return 0;
}

/* The name alone. */
int libxl_domain_config_from_json(libxl_ctx *ctx, libxl_domain_config *config, const char *json) {
    char name[64];
    const char *begin = strstr(json, "\"name\"");

    (void)ctx;
    if (!begin || sscanf(begin, "\"name\" : \"%63[^\"]", name) != 1)
        return ERROR_FAIL;
    config->c_info.name = strdup(name);
    return 0;
}

int libxl_domain_snapshot_create(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot,
                                 bool live) {
    (void)ctx;
    return record_snapshot_call("create", domid, snapshot, live ? " live" : "");
}

int libxl_domain_snapshot_delete(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    (void)ctx;
    return record_snapshot_call("delete", domid, snapshot, "");
}

int libxl_domain_snapshot_revert(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot) {
    (void)ctx;
    return record_snapshot_call("revert", domid, snapshot, "");
}

int libxl_domain_snapshot_revert_domid(libxl_ctx *ctx, int domid,
                                       libxl_domain_snapshot_args *snapshot, uint32_t *domid_out) {
    int rc = libxl_domain_snapshot_revert(ctx, domid, snapshot);

    if (!rc)
        *domid_out = FAKE_NEW_DOMID;
    return rc;
}

/* Tells where the program runs by then. */
int libxl_snapshot_monitor(libxl_ctx *ctx, uint32_t domid) {
    const char *rc = getenv("FAKE_RC");
    char folder[4096] = "";
    int open_files = 0;

    (void)ctx;
    for (int fd = 3; fd < 256; fd++)
        open_files += fcntl(fd, F_GETFD) >= 0;
    if (!getcwd(folder, sizeof(folder)))
        abort();
    puts("the fake watches");
    fflush(stdout);
    record_call("monitor domid=%u session=%d leader=%d open=%d folder=%s\n", domid, (int)getsid(0),
                getsid(0) == getpid(), open_files, folder);
    return rc ? atoi(rc) : 0;
}

char *libxl_domid_to_name(libxl_ctx *ctx, uint32_t domid) {
    (void)ctx;
    (void)domid;
    return strdup(fake_guest_name());
}

const char *libxl_snapshot_last_error(void) {
    const char *error = error_text ? error_text : getenv("FAKE_ERROR");

    return error ? error : "";
}

void libxl_snapshot_set_logger(xentoollog_logger *lg) {
    logger = lg;
}
