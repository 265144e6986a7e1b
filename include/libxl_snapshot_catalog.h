/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxl_snapshot_catalog.h: the catalog, which is part of libxl_snapshot.h.
 *
 * The functions here keep records of what they make: names, a tree with one current snapshot,
 * descriptions. The catalog of a domain lies in <root>/<domain uuid>/, see
 * libxl_snapshot_set_root(); xlsnap-catalog(5) describes the files. Snapshots that the functions
 * of libxl_snapshot.h make are no part of it.
 *
 * Domains
 *   A `domain` comes from libxl_snapshot_find_domain(), or the caller fills it in: `domid` of a
 *   running domain, which is then asked for the rest; or domid -1 with `uuid`, its key in the
 *   catalog, or with `config` for one that has no snapshots yet. Each call looks whether such a
 *   domain runs, and treats one that does as running.
 *
 * Names
 *   Printable UTF-8 of 1 to 100 bytes, no '/', not "." or "..", no '-' in front.
 *
 * Ownership
 *   What a function writes into a structure is the caller's, who initializes it before (_init) and
 *   disposes of it after (_dispose). After a failure it is as _init left it.
 *
 * Processes
 *   Whatever changes a domain's catalog has its lock: another process or thread that changes it is
 *   waited for, a minute at most, then ERROR_LOCK_FAIL names that process. Functions that only read
 *   never wait, neither do dry runs.
 *
 * Errors
 *   Besides those of libxl_snapshot.h: ERROR_NOTFOUND (no such snapshot), ERROR_DOMAIN_NOTFOUND
 *   (no such domain runs or has snapshots), ERROR_INVAL (a name, a flag, a broken record),
 *   ERROR_LOCK_FAIL.
 *
 * Dry runs
 *   With LIBXL_SNAPSHOT_DRY_RUN nothing is changed; libxl_snapshot_plan() tells what would be done.
 *   What would refuse the call refuses the dry run.
 */
#ifndef LIBXL_SNAPSHOT_CATALOG_H
#define LIBXL_SNAPSHOT_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "libxl_snapshot_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * LIBXL_HAVE_SNAPSHOT_CATALOG
 *
 * If this is defined, there is a catalog of snapshots: libxl_domain_snapshot and the functions of
 * this header, those aside that are announced below.
 */
#define LIBXL_HAVE_SNAPSHOT_CATALOG 1

/*
 * LIBXL_HAVE_SNAPSHOT_MEMORY_FILE
 *
 * If this is defined, libxl_snapshot_create() reads `save` and `save_compression`, and
 * libxl_domain_snapshot has the latter.
 */
#define LIBXL_HAVE_SNAPSHOT_MEMORY_FILE 1

/*
 * LIBXL_HAVE_SNAPSHOT_OVERLAY_DIRECTORY
 *
 * If this is defined, libxl_snapshot_set_overlay_directory() exists.
 */
#define LIBXL_HAVE_SNAPSHOT_OVERLAY_DIRECTORY 1

/*
 * LIBXL_HAVE_SNAPSHOT_DOMAIN_DISKS
 *
 * If this is defined, libxl_snapshot_domain_disks() exists.
 */
#define LIBXL_HAVE_SNAPSHOT_DOMAIN_DISKS 1

/* Flags of several functions: nothing is touched. */
#define LIBXL_SNAPSHOT_DRY_RUN (1u << 0)
/* revert, start: despite what libxl_snapshot_revert() lists for it. delete: protected ones too. */
#define LIBXL_SNAPSHOT_FORCE (1u << 1)
/* create, revert, start: leave the domain paused. */
#define LIBXL_SNAPSHOT_PAUSED (1u << 2)
/* revert, start: let the domain run, whatever it did when the snapshot was made. */
#define LIBXL_SNAPSHOT_RUNNING (1u << 3)
/* revert: make a snapshot of the present state first. */
#define LIBXL_SNAPSHOT_KEEP_CURRENT (1u << 4)

/* delete: the snapshot and all that descend from it; these alone; nothing but the records. */
#define LIBXL_SNAPSHOT_DELETE_CHILDREN (1u << 8)
#define LIBXL_SNAPSHOT_DELETE_CHILDREN_ONLY (1u << 9)
#define LIBXL_SNAPSHOT_DELETE_METADATA_ONLY (1u << 10)
/* delete: keep the changes since, the default; drop them. */
#define LIBXL_SNAPSHOT_DELETE_MERGE (1u << 11)
#define LIBXL_SNAPSHOT_DELETE_DISCARD (1u << 12)
/* delete: refuse when the current snapshot would go. */
#define LIBXL_SNAPSHOT_DELETE_NOT_CURRENT (1u << 13)

/*
 * list and num: which snapshots. Of each group the flags given are alternatives; a group without a
 * flag excludes nothing.
 */
/* Those without a parent; ignored with `from`. */
#define LIBXL_SNAPSHOT_LIST_ROOTS (1u << 0)
/* All below `from`, not its children alone; ignored without `from`. */
#define LIBXL_SNAPSHOT_LIST_DESCENDANTS (1u << 1)
/* Group: without children; with children. */
#define LIBXL_SNAPSHOT_LIST_LEAVES (1u << 2)
#define LIBXL_SNAPSHOT_LIST_NO_LEAVES (1u << 3)
/* Group: with memory; disks alone, of a domain that did not run; disks alone, of one that did. */
#define LIBXL_SNAPSHOT_LIST_ACTIVE (1u << 4)
#define LIBXL_SNAPSHOT_LIST_INACTIVE (1u << 5)
#define LIBXL_SNAPSHOT_LIST_DISK_ONLY (1u << 6)
/* Group: no disk is external; some disk is. */
#define LIBXL_SNAPSHOT_LIST_INTERNAL (1u << 7)
#define LIBXL_SNAPSHOT_LIST_EXTERNAL (1u << 8)
/* The order: each snapshot is followed by all that descend from it, siblings by time. */
#define LIBXL_SNAPSHOT_LIST_TOPOLOGICAL (1u << 9)

/*
 * The domain that `who` names: a domid, a name or a uuid, of a domain that runs or that the catalog
 * knows. A running domain is found in the catalog by its uuid; or, since a domain whose xl.cfg
 * names no uuid gets a new one at each start, by its name when its disks are those that the catalog
 * knows. `found` tells which: NONE of a domain that runs and has no snapshots, NAME also of one
 * that does not run and was not named by its uuid. `note` says what the caller should know, such as
 * why snapshots of another domain of its name are not its own. ERROR_INVAL when several domains of
 * the catalog fit: name one by uuid.
 */
int libxl_snapshot_find_domain(libxl_ctx *ctx, const char *who, libxl_snapshot_domain *domain);

/*
 * The domains that have snapshots, sorted by name, `found` being UUID; NULL with *nb 0 when there
 * is none, or with *nb -1 after a failure. libxl_snapshot_domain_list_free() frees it.
 */
libxl_snapshot_domain *libxl_snapshot_domain_list(libxl_ctx *ctx, int *nb);
void libxl_snapshot_domain_list_free(libxl_snapshot_domain *list, int nb);

/*
 * The images that the domain has now: `vdev`, `path` and `format` of each disk, CD-ROMs aside. Of
 * one that runs, libxl's configuration tells them; of one that does not, the catalog those that the
 * guest can write as they were after the last operation, and "unknown" for a format that it has
 * not. NULL with *nb 0 when there is none, or with *nb -1 after a failure.
 * libxl_snapshot_domain_disks_free() frees them.
 */
libxl_domain_snapshot_disk *
libxl_snapshot_domain_disks(libxl_ctx *ctx, const libxl_snapshot_domain *domain, int *nb);
void libxl_snapshot_domain_disks_free(libxl_domain_snapshot_disk *list, int nb);

/*
 * Takes a snapshot and makes it the current one, its parent is the one that was current. Of
 * `snapshot` these fields are read, all others are ignored:
 *   name         NULL: the seconds since the epoch, or the next number that is free.
 *   description  NULL: none.
 *   disk_only    false: with memory, unless the domain does not run.
 *   save         the file of the memory image, which must not exist: an absolute path without ".",
 *                ".." or "//", outside of the catalog. NULL: the catalog's own place.
 *   save_compression
 *                ZSTD: when the domain goes on again, the memory image is compressed, which takes
 *                room for both files. When that fails, the image stays as it is, the snapshot is
 *                made, and the logger is told.
 *   live         lets the guest run while most of its memory is written, as `live` of
 *                libxl_domain_snapshot_create() does. It means nothing without memory.
 *   disks        `vdev` and `kind` of the disks that are not to be treated as all others: each
 *                writable disk is in the snapshot unless its kind is NONE. Of an EXTERNAL one also
 *                `overlay`, an absolute path, and `overlay_format`, "qcow2"; NULL: one that is made
 *                up, beside the image, in the directory of libxl_snapshot_set_overlay_directory(),
 *                or of a block device in the catalog. Either makes EXTERNAL of DEFAULT.
 * A writable disk of kind DEFAULT, or none that is named, is
 *   1. EXTERNAL with `live`, and when one such disk has a format that holds no internal snapshots;
 *   2. else as the disks of which a kind is said, if these are all of one;
 *   3. else EXTERNAL in a snapshot of the disks alone of a domain that runs;
 *   4. else EXTERNAL when making the tags would keep a guest that runs standing still for more than
 *      about a second;
 *   5. else INTERNAL.
 * ERROR_INVAL says which combinations there are not: a snapshot of nothing, `save` without memory,
 * `live` or a format with INTERNAL.
 *
 * What an external snapshot keeps is made immutable where the file system can, so that a start from
 * an xl.cfg that still names it fails instead of writing to it; the logger is told where it cannot.
 *
 * On success the whole structure is as libxl_snapshot_get() gives it; a dry run leaves it. A
 * failure leaves what libxl_domain_snapshot_create() leaves, and no record. Only when the snapshot
 * is made and the domain cannot be paused for PAUSED the record stays; the text then begins with
 * "the snapshot is made".
 *
 * flags: DRY_RUN, PAUSED (which means nothing to a domain that does not run).
 */
int libxl_snapshot_create(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                          libxl_domain_snapshot *snapshot, unsigned flags);

/* The snapshot of this name; ERROR_INVAL when its record is broken. */
int libxl_snapshot_get(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                       libxl_domain_snapshot *snapshot);

/* 0 when there is a snapshot of this name; else the errors of libxl_snapshot_get(). */
int libxl_snapshot_lookup(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name);

/* ERROR_NOTFOUND when the domain has no current snapshot, or the snapshot no parent. */
int libxl_snapshot_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                           libxl_domain_snapshot *snapshot);
int libxl_snapshot_parent(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          libxl_domain_snapshot *snapshot);

/*
 * The domain's snapshots, by creation time, then by name; with `from`, the children of that one.
 * `filter`: LIBXL_SNAPSHOT_LIST_*. Broken records are listed last, by name, unless `from` or a flag
 * that may exclude some is given. *list is NULL when there is none, and after a failure;
 * libxl_domain_snapshot_list_free() frees it.
 */
int libxl_snapshot_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *from,
                        unsigned filter, libxl_domain_snapshot **list, int *nb);
void libxl_domain_snapshot_list_free(libxl_domain_snapshot *list, int nb);

/* How many libxl_snapshot_list() would give, or a negative libxl_error. */
int libxl_snapshot_num(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *from,
                       unsigned filter);

/*
 * Takes the domain back to the snapshot and makes that the current one; what the domain did since
 * is lost, unless KEEP_CURRENT. A domain that does not run is started from a snapshot with memory,
 * and stays down with one of disks alone unless RUNNING or PAUSED. A failure leaves what
 * libxl_domain_snapshot_revert() leaves, and the snapshot that KEEP_CURRENT made.
 *
 * Checked before anything is destroyed, besides what that function checks: the memory image by size
 * and digest, and what has become of the domain's disks. With memory these refuse:
 *   - an image has another path (the memory image names the old one); FORCE changes nothing
 *   - a disk was attached, which the domain loses; a disk was detached or has another image: the
 *     domain gets back the one of then, with what it held if it takes part; a disk was resized; a
 *     writable disk that was left out was written to, or nobody can tell, as of a block device:
 *     unless FORCE
 * Without memory: a disk that takes part was detached, which then stays as it is; resized; or has
 * another image: unless FORCE. Whatever is forced, each image must have its tag and nobody else may
 * have it open. The disks of a domain that does not run are those of its configuration:
 * domain->config, or that of the current snapshot, or of this one.
 *
 * What an external snapshot keeps is never written: the domain goes on with a new overlay on it,
 * and the images that it has left are kept while a snapshot needs them.
 *
 * *domid_out, unless it is NULL, is the new domid, or -1 when the domain does not run; also when
 * all is done but the domain cannot be unpaused. A dry run tells the present one. flags: DRY_RUN,
 * FORCE, PAUSED, RUNNING, KEEP_CURRENT. PAUSED and RUNNING exclude each other.
 */
int libxl_snapshot_revert(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags, int *domid_out);

/*
 * Starts a domain that does not run (ERROR_INVAL for one that does): with a name as
 * libxl_snapshot_revert() does, a snapshot of disks alone included; without one (NULL) from what
 * its disks hold, by the configuration of domain->config or of the current snapshot, which stays
 * the current one. flags: DRY_RUN, FORCE, PAUSED, RUNNING.
 */
int libxl_snapshot_start(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         unsigned flags, int *domid_out);

/*
 * Changes of the record alone: the memory image and the tags keep their names. A `description` that
 * is NULL or empty is none. flags: DRY_RUN.
 */
int libxl_snapshot_rename(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          const char *new_name, unsigned flags);
int libxl_snapshot_set_description(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *name, const char *description, unsigned flags);
int libxl_snapshot_set_protected(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                 const char *name, bool is_protected, unsigned flags);

/*
 * Deletes snapshots, each with its memory image and tags; the domain's present state stays, running
 * or not. Of an external snapshot the images are merged, the way that moves less, while what other
 * snapshots need of them stays byte for byte; an image that holds tags of others stays until these
 * are deleted too. Children of a deleted snapshot become children of its parent, which also becomes
 * current when the deleted one was. May be called again after a failure: what is gone already is no
 * error, an image that a disk had included. The image of a disk that the domain has no more, or of
 * a domain that does not run, must not be open anywhere (ERROR_NOT_READY).
 * ERROR_FAIL after the records are gone means that a merge failed: nothing is lost, and the next
 * deletion of a snapshot goes on with it.
 *
 * METADATA_ONLY removes the record and its copies; the data stay, and libxl_snapshot_import() can
 * make a record of them again. It is also the way to delete a broken record.
 *
 * NOT_CURRENT refuses (ERROR_INVAL) when one of those that would go is the current snapshot at the
 * moment of the deletion, whatever it was when the caller looked.
 *
 * MERGE keeps the changes since the snapshot, as no flag does. DISCARD drops them: first the disks
 * go back to what the snapshot holds, as in a revert to it that leaves its memory aside and the
 * domain off, then it is deleted. The domain must not run, and its present state must come from the
 * snapshot, which is then the current one or an ancestor of that; snapshots that descend from it
 * would be lost, which is refused without CHILDREN or FORCE (ERROR_INVAL). After a failure the text
 * says whether the disks are back: then it is deleted without DISCARD.
 *
 * flags: DRY_RUN, FORCE (protected ones too, and those that a DISCARD loses), CHILDREN,
 * CHILDREN_ONLY, METADATA_ONLY, MERGE, DISCARD, NOT_CURRENT. CHILDREN and CHILDREN_ONLY exclude
 * each other, as MERGE and DISCARD do, and DISCARD excludes CHILDREN_ONLY and METADATA_ONLY.
 */
int libxl_snapshot_delete(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                          unsigned flags);

/* No snapshot is current any more; nothing is removed. The next one is a root. flags: DRY_RUN. */
int libxl_snapshot_deactivate(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags);

/*
 * Makes the snapshot the current one without a revert: the next one becomes its child. flags:
 * DRY_RUN.
 */
int libxl_snapshot_set_current(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                               const char *name, unsigned flags);

/*
 * Whether a revert to the snapshot would find what it needs: the memory image by size and digest,
 * each tag in its image. When not, the text has everything that is wrong; the code is that of the
 * first, such as ERROR_NOTFOUND (a file or a tag is gone) or ERROR_INVAL.
 */
int libxl_snapshot_verify(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name);

/*
 * How many bytes the snapshot takes: *held_out those of its memory image and, in each disk's image,
 * of all that its tag refers to, which other tags and the present state may refer to as well;
 * *freed_out those that a deletion of this snapshot alone would give back, the memory image and
 * what nothing else in an image refers to. Either may be NULL. An image that is in use is measured
 * by what is written of its tables: it is an estimate then. Backing files are not looked at, nor
 * what the file system shares or compresses. ERROR_NOTFOUND when a file or a tag is gone,
 * ERROR_INVAL when an image cannot be right, ERROR_NI for an external disk snapshot and an image of
 * a kind that is not measured; the text names each. Nothing is set then.
 */
int libxl_snapshot_usage(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                         uint64_t *held_out, uint64_t *freed_out);

/*
 * The same of several snapshots of the domain, each image being read once for all of them, best in
 * the order of libxl_snapshot_list(). `names`, `held_out` and `freed_out` are arrays of `nb`; both
 * numbers are LIBXL_SNAPSHOT_USAGE_UNKNOWN for a snapshot that cannot be measured. The call has
 * then the error of the first such one, and the text every reason once.
 */
#define LIBXL_SNAPSHOT_USAGE_UNKNOWN UINT64_MAX
int libxl_snapshot_usage_list(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                              const char *const *names, int nb, uint64_t *held_out,
                              uint64_t *freed_out);

/*
 * Writes the records that are missing or broken again, from the copies that lie beside the images
 * of the disks, of those that the domain has and those that the other records name. Memory images
 * hold no copies, and block devices have none beside them. Copies lie under the key that the domain
 * had; when the catalog is lost as a whole, they are found by the domain's name and disks too. They
 * do not tell which snapshot was current. A record that a newer xlsnap wrote is not replaced; when
 * it is that of the domain, nothing is written (ERROR_INVAL). *nb_out, unless it is NULL, is how
 * many records were written. flags: DRY_RUN.
 */
int libxl_snapshot_rebuild(libxl_ctx *ctx, const libxl_snapshot_domain *domain, unsigned flags,
                           int *nb_out);

/*
 * The snapshot as libvirt's <domainsnapshot>, in UTF-8; the whole libxl configuration goes along in
 * a namespace of ours. *xml_out is from malloc.
 */
int libxl_snapshot_dumpxml(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                           char **xml_out);

/*
 * Makes a record of a <domainsnapshot> whose data are there already, as libvirt's redefinition
 * does, or replaces the record of its name; the current snapshot stays what it is. The memory
 * image, its size and digest if the XML tells them, and the tags are looked for; how the image is
 * compressed the file tells. ERROR_INVAL says
 * what is wrong with the XML. A `domain` as its _init leaves it is the one that the XML names.
 * flags: DRY_RUN.
 */
int libxl_snapshot_import(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *xml,
                          unsigned flags);

/*
 * Fills in of `snapshot` what a <domainsnapshot> says that is about to be created: the fields that
 * libxl_snapshot_create() reads. <memory snapshot='no'/> makes it one of disks alone; what libvirt
 * ignores is ignored. `domain` serves to look at its disks.
 *
 * ERROR_INVAL: the XML, a disk that the domain has not, memory of a domain that does not run.
 */
int libxl_domain_snapshot_from_xml(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *xml, libxl_domain_snapshot *snapshot);

/*
 * Where the catalog lies: an absolute path, for all threads; NULL or "": the default. To be called
 * before all others.
 */
#define LIBXL_SNAPSHOT_DEFAULT_ROOT "/var/lib/xen/snapshots"
int libxl_snapshot_set_root(const char *path);

/*
 * Where overlays go that are given no path, for all threads: an absolute path of a directory that
 * is there, without ".", "..", "//" or a '/' at the end; NULL or "", as at the start: each beside
 * its image. To be called before those that create.
 */
int libxl_snapshot_set_overlay_directory(const char *path);

/*
 * What the last call on this thread would have done, a line for each step; empty when that was no
 * dry run or failed. Valid until the next call on this thread; never NULL.
 */
const char *libxl_snapshot_plan(void);

#ifdef __cplusplus
}
#endif

#endif /* LIBXL_SNAPSHOT_CATALOG_H */
