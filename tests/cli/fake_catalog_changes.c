/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Of fake_xlsnap_preload.so: what changes the catalog or looks hard at it, which writes down how it
 * was called. The environment says:
 *
 *   FAKE_PLAN    the plan that a dry run leaves
 *   FAKE_FLAWED  the snapshot that is not whole
 *   FAKE_UNREAD  why no usage can be told
 *   FAKE_REVERT_FAILS  set: a revert does
 *   FAKE_OVERLAY the overlay that a snapshot makes of xvda, which was /images/a.qcow2
 */
#define _GNU_SOURCE
#include "fake_calls.h"

#include <libxl_snapshot.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool was_dry_run;
static bool was_change;

bool was_fake_change(void) {
    return was_change;
}

static void record_flags(unsigned flags) {
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {
        {LIBXL_SNAPSHOT_DRY_RUN, "dry_run"},
        {LIBXL_SNAPSHOT_FORCE, "force"},
        {LIBXL_SNAPSHOT_PAUSED, "paused"},
        {LIBXL_SNAPSHOT_RUNNING, "running"},
        {LIBXL_SNAPSHOT_KEEP_CURRENT, "keep_current"},
        {LIBXL_SNAPSHOT_DELETE_CHILDREN, "children"},
        {LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY, "children_only"},
        {LIBXL_SNAPSHOT_DELETE_METADATA_ONLY, "metadata_only"},
        {LIBXL_SNAPSHOT_DELETE_MERGE, "merge"},
        {LIBXL_SNAPSHOT_DELETE_DISCARD, "discard"},
        {LIBXL_SNAPSHOT_DELETE_NOT_CURRENT, "not_current"},
    };

    was_dry_run = flags & LIBXL_SNAPSHOT_DRY_RUN;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (flags & words[i].flag)
            record_call(" %s", words[i].word);
}

static int end_change(const char *function, const libxl_snapshot_domain *domain, const char *name,
                      unsigned flags) {
    was_change = !(flags & LIBXL_SNAPSHOT_DRY_RUN);
    record_call("%s %s %s", function, shown_text(domain->name), shown_text(name));
    record_flags(flags);
    record_call("\n");
    return end_fake_call();
}

/* What a domain is known by that is given a configuration. */
static void record_domain(const libxl_snapshot_domain *domain) {
    if (domain->config)
        record_call("config=%s uuid=%s ", domain->config, shown_text(domain->uuid));
}

static void record_request(const libxl_domain_snapshot *snapshot) {
    static const char *const kinds[] = {"default", "none", "internal", "external"};

    if (snapshot->description)
        record_call(" description=%s", snapshot->description);
    if (snapshot->save)
        record_call(" save=%s", snapshot->save);
    if (snapshot->save_compression != LIBXL_SNAPSHOT_COMPRESSION_DEFAULT)
        record_call(" compression=%s", snapshot->save_compression == LIBXL_SNAPSHOT_COMPRESSION_ZSTD
                                           ? "zstd"
                                           : "none");
    record_call("%s%s", snapshot->disk_only ? " disk_only" : "", snapshot->live ? " live" : "");
    for (int i = 0; i < snapshot->num_disks; i++) {
        const libxl_domain_snapshot_disk *disk = &snapshot->disks[i];

        record_call(" %s=%s", disk->vdev, kinds[disk->kind]);
        if (disk->overlay)
            record_call(",%s,%s", disk->overlay, shown_text(disk->overlay_format));
    }
}

static void make_external(libxl_domain_snapshot *snapshot, const char *overlay) {
    libxl_domain_snapshot_disk *disk = calloc(1, sizeof(*disk));

    if (!disk)
        abort();
    libxl_domain_snapshot_disk_init(disk);
    disk->vdev = strdup("xvda");
    disk->kind = LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL;
    disk->path = strdup("/images/a.qcow2");
    disk->format = strdup("qcow2");
    disk->overlay = strdup(overlay);
    disk->overlay_format = strdup("qcow2");
    snapshot->disks = disk;
    snapshot->num_disks = 1;
    snapshot->current = true;
}

int libxl_snapshot_create(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                          libxl_domain_snapshot *snapshot, unsigned flags) {
    (void)ctx;
    record_domain(domain);
    record_call("snapshot_create %s domid=%d %s", shown_text(domain->name), domain->domid,
                shown_text(snapshot->name));
    record_request(snapshot);
    record_flags(flags);
    record_call("\n");
    if (!snapshot->name)
        snapshot->name = strdup("1397207577");
    snapshot->crash_consistent = snapshot->disk_only;
    if (getenv("FAKE_OVERLAY") && !was_dry_run)
        make_external(snapshot, getenv("FAKE_OVERLAY"));
    return end_fake_call();
}

int libxl_snapshot_revert(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags, int *domid_out) {
    (void)ctx;
    *domid_out = domain->domid < 0 ? -1 : FAKE_NEW_DOMID;
    if (getenv("FAKE_REVERT_FAILS"))
        return end_change("snapshot_revert", domain, name, flags), ERROR_FAIL;
    return end_change("snapshot_revert", domain, name, flags);
}

int libxl_snapshot_start(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         unsigned flags, int *domid_out) {
    (void)ctx;
    *domid_out = FAKE_NEW_DOMID;
    record_domain(domain);
    return end_change("snapshot_start", domain, name, flags);
}

int libxl_snapshot_rename(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          const char *new_name, unsigned flags) {
    (void)ctx;
    record_call("to=%s ", new_name);
    return end_change("rename", domain, name, flags);
}

int libxl_snapshot_set_description(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *name, const char *description, unsigned flags) {
    (void)ctx;
    record_call("text=%s ", description);
    return end_change("describe", domain, name, flags);
}

int libxl_snapshot_set_protected(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                 const char *name, bool is_protected, unsigned flags) {
    (void)ctx;
    record_call("protected=%d ", is_protected);
    return end_change("protect", domain, name, flags);
}

int libxl_snapshot_delete(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags) {
    int rc = end_change("snapshot_delete", domain, name, flags);

    (void)ctx;
    return rc ? rc : refuse_fake_deletion(name, flags);
}

int libxl_snapshot_deactivate(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags) {
    (void)ctx;
    return end_change("deactivate", domain, NULL, flags);
}

int libxl_snapshot_set_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                               const char *name, unsigned flags) {
    (void)ctx;
    return end_change("set_current", domain, name, flags);
}

int libxl_snapshot_verify(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name) {
    const char *flawed = getenv("FAKE_FLAWED");

    (void)ctx;
    record_call("verify %s %s\n", domain->name, name);
    if (!flawed || strcmp(flawed, name))
        return 0;
    set_fake_error("its memory image is gone");
    return ERROR_INVAL;
}

int libxl_snapshot_usage_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                              const char *const *names, int nb, uint64_t *held_out,
                              uint64_t *freed_out) {
    const char *unread = getenv("FAKE_UNREAD");

    (void)ctx;
    record_call("usage %s", domain->name);
    for (int i = 0; i < nb; i++) {
        record_call(" %s", names[i]);
        held_out[i] = unread ? LIBXL_SNAPSHOT_USAGE_UNKNOWN : 3 << 20;
        freed_out[i] = unread ? LIBXL_SNAPSHOT_USAGE_UNKNOWN : 1 << 20;
    }
    record_call("\n");
    if (!unread)
        return 0;
    set_fake_error(unread);
    return ERROR_INVAL;
}

int libxl_snapshot_rebuild(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags,
                           int *nb_out) {
    (void)ctx;
    *nb_out = 3;
    record_domain(domain);
    return end_change("rebuild", domain, NULL, flags);
}

int libxl_snapshot_dumpxml(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                           char **xml_out) {
    (void)ctx;
    (void)domain;
    if (asprintf(xml_out, "<domainsnapshot><name>%s</name></domainsnapshot>\n", name) < 0)
        abort();
    return 0;
}

int libxl_snapshot_import(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *xml,
                          unsigned flags) {
    (void)ctx;
    record_call("xml=%s ", xml);
    return end_change("import", domain, NULL, flags);
}

int libxl_domain_snapshot_from_xml(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *xml, libxl_domain_snapshot *snapshot) {
    (void)ctx;
    (void)domain;
    record_call("from_xml=%s ", xml);
    snapshot->name = strdup("of-xml");
    return 0;
}

int libxl_snapshot_set_root(const char *path) {
    record_call("root=%s\n", path);
    return 0;
}

int libxl_snapshot_set_overlay_directory(const char *path) {
    record_call("overlays=%s\n", path);
    return 0;
}

const char *libxl_snapshot_plan(void) {
    const char *plan = getenv("FAKE_PLAN");

    return was_dry_run && plan ? plan : "";
}
