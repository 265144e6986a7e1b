/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Of fake_xlsnap_preload.so: what the catalog knows, the running domain "guest" and "down", which
 * does not run. The environment says:
 *
 *   FAKE_SNAPSHOTS   the snapshots of every domain, with a newline between two:
 *                    NAME|PARENT|TIME|BYTES|FLAGS|DESCRIPTION. FLAGS: c current, p protected,
 *                    d of the disks alone, b broken
 *   FAKE_MEANWHILE   the same, of what is there when they were listed once
 *   FAKE_AT_LAST     the same, of what is there from the first deletion on
 *   FAKE_BROKEN_IN   the domain of which no record can be used
 *   FAKE_NOTE        what there is to be said of a domain that is looked for
 *   FAKE_BY_NAME     set: the domain is found by its name
 *   FAKE_FORMAT      that of the image of xvda, which is an overlay
 *   FAKE_MOVED       the image that xvda has when something was changed
 *   FAKE_NO_DISKS    set: no domain has a disk
 *   FAKE_ONE_DOMAIN  set: there are snapshots of "down" alone
 */
#define _GNU_SOURCE
#include "fake_calls.h"

#include <libxl_snapshot.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUEST_UUID "11111111-2222-3333-4444-555555555555"
#define DOWN_UUID "99999999-2222-3333-4444-555555555555"

enum { MOST_SNAPSHOTS = 32, MOST_FIELDS = 6 };

static char *copy_or_null(const char *text) {
    return text && *text ? strdup(text) : NULL;
}

static void fill_domain(libxl_snapshot_domain *domain, const char *name, const char *uuid,
                        int domid) {
    domain->name = strdup(name);
    domain->uuid = strdup(uuid);
    domain->domid = domid;
    domain->note = copy_or_null(getenv("FAKE_NOTE"));
    domain->found = getenv("FAKE_BY_NAME") ? LIBXL_SNAPSHOT_DOMAIN_FOUND_NAME
                                           : LIBXL_SNAPSHOT_DOMAIN_FOUND_UUID;
}

int libxl_snapshot_find_domain(libxl_ctx *ctx, const char *who, libxl_snapshot_domain *domain) {
    (void)ctx;
    if (!strcmp(who, "guest") || !strcmp(who, "7") || !strcmp(who, GUEST_UUID)) {
        fill_domain(domain, fake_guest_name(), GUEST_UUID, FAKE_GUEST_DOMID);
        return 0;
    }
    if (!strcmp(who, "down") || !strcmp(who, DOWN_UUID)) {
        fill_domain(domain, "down", DOWN_UUID, -1);
        return 0;
    }
    set_fake_error("no such domain is known here");
    return ERROR_NOTFOUND;
}

libxl_snapshot_domain *libxl_snapshot_domain_list(libxl_ctx *ctx, int *nb) {
    libxl_snapshot_domain *list = calloc(2, sizeof(*list));

    (void)ctx;
    libxl_snapshot_domain_init(&list[0]);
    libxl_snapshot_domain_init(&list[1]);
    fill_domain(&list[0], "down", DOWN_UUID, -1);
    fill_domain(&list[1], fake_guest_name(), GUEST_UUID, FAKE_GUEST_DOMID);
    *nb = getenv("FAKE_ONE_DOMAIN") ? 1 : 2;
    return list;
}

void libxl_snapshot_domain_list_free(libxl_snapshot_domain *list, int nb) {
    for (int i = 0; i < nb; i++)
        libxl_snapshot_domain_dispose(&list[i]);
    free(list);
}

static void fill_image(libxl_domain_snapshot_disk *disk, const char *vdev, const char *path,
                       const char *format) {
    libxl_domain_snapshot_disk_init(disk);
    disk->vdev = strdup(vdev);
    disk->path = strdup(path);
    disk->format = strdup(format);
}

/* An overlay for xvda. */
libxl_domain_snapshot_disk *
libxl_snapshot_domain_disks(libxl_ctx *ctx, const libxl_snapshot_domain *domain, int *nb) {
    const char *format = getenv("FAKE_FORMAT");
    const char *moved = getenv("FAKE_MOVED");
    libxl_domain_snapshot_disk *list = calloc(2, sizeof(*list));

    (void)ctx;
    (void)domain;
    if (getenv("FAKE_RC") || !list) {
        free(list);
        *nb = -1;
        return NULL;
    }
    *nb = getenv("FAKE_NO_DISKS") ? 0 : 2;
    fill_image(&list[0], "xvda", moved && was_fake_change() ? moved : "/images/a.s1.qcow2",
               format ? format : "qcow2");
    fill_image(&list[1], "xvdb", "/images/other.raw", "raw");
    return list;
}

void libxl_snapshot_domain_disks_free(libxl_domain_snapshot_disk *list, int nb) {
    for (int i = 0; i < nb; i++)
        libxl_domain_snapshot_disk_dispose(&list[i]);
    free(list);
}

static void fill_snapshot_disk(libxl_domain_snapshot *snapshot) {
    snapshot->disks = calloc(1, sizeof(*snapshot->disks));
    snapshot->num_disks = 1;
    libxl_domain_snapshot_disk_init(&snapshot->disks[0]);
    snapshot->disks[0].vdev = strdup("xvda");
    snapshot->disks[0].kind = LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    snapshot->disks[0].path = strdup("/images/a.qcow2");
    snapshot->disks[0].format = strdup("qcow2");
    snapshot->disks[0].tag = strdup("xlsnap.1");
    snapshot->disks[0].virtual_size = 1 << 30;
}

/* The line is changed. */
static void fill_snapshot(libxl_domain_snapshot *snapshot, char *line) {
    char *fields[MOST_FIELDS] = {"", "", "", "", "", ""};

    for (int i = 0; i < MOST_FIELDS && line; i++)
        fields[i] = strsep(&line, "|");
    snapshot->name = strdup(fields[0]);
    if (strchr(fields[4], 'b')) {
        snapshot->broken = strdup("its checksum is wrong");
        return;
    }
    snapshot->parent = copy_or_null(fields[1]);
    snapshot->creation_time = strtoull(fields[2], NULL, 10);
    snapshot->state = LIBXL_DOMAIN_SNAPSHOT_STATE_RUNNING;
    snapshot->current = strchr(fields[4], 'c');
    snapshot->is_protected = strchr(fields[4], 'p');
    snapshot->disk_only = snapshot->crash_consistent = strchr(fields[4], 'd');
    if (!snapshot->disk_only) {
        snapshot->save = strdup("/var/lib/xen/snapshots/" GUEST_UUID "/1.save");
        snapshot->save_size = strtoull(fields[3], NULL, 10);
    }
    snapshot->description = copy_or_null(fields[5]);
    snapshot->config = strdup("{\"c_info\": {\"name\": \"guest\"}}");
    snapshot->program_version = strdup("0.1.0");
    fill_snapshot_disk(snapshot);
}

static bool were_listed;
static bool has_lock;

static const char *present_snapshots(void) {
    const char *text = has_lock ? getenv("FAKE_AT_LAST") : NULL;

    if (!text && were_listed)
        text = getenv("FAKE_MEANWHILE");
    if (!text)
        text = getenv("FAKE_SNAPSHOTS");
    return text ? text : "";
}

static int list_all(libxl_domain_snapshot **list) {
    char *text = strdup(present_snapshots());
    char *rest = text;
    int count = 0;

    *list = calloc(MOST_SNAPSHOTS, sizeof(**list));
    for (char *line; *text && count < MOST_SNAPSHOTS && (line = strsep(&rest, "\n"));) {
        libxl_domain_snapshot_init(&(*list)[count]);
        fill_snapshot(&(*list)[count++], line);
    }
    free(text);
    return count;
}

int libxl_snapshot_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *from,
                        unsigned filter, libxl_domain_snapshot **list, int *nb) {
    (void)ctx;
    record_call("list %s from=%s filter=0x%x\n", domain->name, shown_text(from), filter);
    *nb = list_all(list);
    were_listed = true;
    return 0;
}

void libxl_domain_snapshot_list_free(libxl_domain_snapshot *list, int nb) {
    for (int i = 0; i < nb; i++)
        libxl_domain_snapshot_dispose(&list[i]);
    free(list);
}

/* The first that has the name, or that is current when there is none. */
static int find_snapshot(const char *name, libxl_domain_snapshot *snapshot) {
    libxl_domain_snapshot *list;
    int count = list_all(&list);
    int rc = ERROR_NOTFOUND;

    for (int i = 0; i < count && rc; i++) {
        if (name ? strcmp(list[i].name, name) : !list[i].current)
            continue;
        libxl_domain_snapshot_dispose(snapshot);
        *snapshot = list[i];
        libxl_domain_snapshot_init(&list[i]);
        rc = 0;
    }
    libxl_domain_snapshot_list_free(list, count);
    if (rc)
        set_fake_error("there is no such snapshot");
    return rc;
}

int libxl_snapshot_get(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                       libxl_domain_snapshot *snapshot) {
    const char *broken = getenv("FAKE_BROKEN_IN");

    (void)ctx;
    if (broken && !strcmp(broken, domain->name)) {
        set_fake_error("its record cannot be used");
        return ERROR_INVAL;
    }
    return find_snapshot(name, snapshot);
}

int libxl_snapshot_lookup(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name) {
    libxl_domain_snapshot snapshot;
    int rc;

    libxl_domain_snapshot_init(&snapshot);
    rc = libxl_snapshot_get(ctx, domain, name, &snapshot);
    libxl_domain_snapshot_dispose(&snapshot);
    return rc;
}

int libxl_snapshot_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                           libxl_domain_snapshot *snapshot) {
    (void)ctx;
    (void)domain;
    return find_snapshot(NULL, snapshot);
}

int refuse_fake_deletion(const char *name, unsigned flags) {
    libxl_domain_snapshot snapshot;
    int rc = 0;

    has_lock = true;
    if (!getenv("FAKE_AT_LAST"))
        return 0;
    libxl_domain_snapshot_init(&snapshot);
    rc = find_snapshot(name, &snapshot);
    if (!rc && ((snapshot.current && (flags & LIBXL_SNAPSHOT_DELETE_NOT_CURRENT)) ||
                (snapshot.is_protected && !(flags & LIBXL_SNAPSHOT_FORCE)))) {
        set_fake_error("it is to stay");
        rc = ERROR_INVAL;
    }
    libxl_domain_snapshot_dispose(&snapshot);
    return rc;
}
