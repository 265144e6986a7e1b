/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxl_snapshot.h: domain snapshots for libxl.
 *
 * A domain snapshot holds the memory, the disks and the configuration of a domain at one instant.
 * The functions, types and their meaning are those of "[RFC V7 2/3] libxl domain snapshot API
 * design" (xen-devel, October 2014) and, for the disk functions, of "[RFC v3] domain snapshot
 * documents" (xen-devel, June 2014).
 *
 * The functions at the beginning keep no records: the caller remembers what it made, the names, the
 * disks and the path of the memory image. Those behind "The catalog" do it for the caller.
 *
 * Return values
 *   0, or a negative libxl_error (where the RFC says -1, read: any negative value).
 *   libxl_snapshot_last_error() tells the reason in words.
 *
 * Ownership
 *   Arguments stay the caller's; the functions keep no pointer into them and change nothing in
 *   them but what is said to be a result. Types have the life cycle of libxl's own: _init, fill
 *   in (strings from malloc), _dispose.
 *
 * Threads
 *   Every function may be called from any thread. Calls on one domain must not overlap, except
 *   those of the catalog, which wait for each other (see "Processes" there). A call uses `ctx`
 *   for libxl calls and takes as long as they take: creating a snapshot with memory writes all
 *   of the guest's memory. qemu-img runs as a child process: a program in which other threads
 *   use libxl at the same time sets libxl_sigchld_owner_libxl_always_selective_reap (see
 *   libxl_event.h), or libxl may reap that child.
 *
 * What a failure leaves
 *   libxl_domain_snapshot_create, libxl_disk_snapshot_create: the domain does what it did before;
 *   no tag and no file of the attempt is left. Whatever could not be undone is named in the text
 *   of libxl_snapshot_last_error() behind "NOT UNDONE".
 *   ..._revert: as said there.
 *   ..._delete: may be called again; what is gone already is no error.
 */
#ifndef LIBXL_SNAPSHOT_H
#define LIBXL_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "libxl_snapshot_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * LIBXL_HAVE_DOMAIN_SNAPSHOT
 *
 * If this is defined, there are snapshots of running domains: libxl_domain_snapshot_create,
 * _delete, _revert, _revert_domid and _revert_paused, and libxl_disk_snapshot_create, _delete and
 * _revert.
 */
#define LIBXL_HAVE_DOMAIN_SNAPSHOT 1

/*
 * LIBXL_HAVE_DOMAIN_SNAPSHOT_INACTIVE
 *
 * If this is defined, all of these functions take the domid -1 for a domain that does not run.
 */
#define LIBXL_HAVE_DOMAIN_SNAPSHOT_INACTIVE 1

/*
 * LIBXL_HAVE_DOMAIN_SNAPSHOT_REVERT_MANAGED
 *
 * If this is defined, libxl_domain_snapshot_revert_managed exists, and the other functions that
 * revert a domain refuse one that libvirt manages.
 */
#define LIBXL_HAVE_DOMAIN_SNAPSHOT_REVERT_MANAGED 1

/*
 * LIBXL_HAVE_DISK_SNAPSHOT_ASYNC
 *
 * If this is defined, libxl_disk_snapshot_create and libxl_disk_snapshot_revert take an `ao_how`
 * with a callback.
 */
#define LIBXL_HAVE_DISK_SNAPSHOT_ASYNC 1

/*
 * LIBXL_HAVE_SNAPSHOT_MONITOR
 *
 * If this is defined, libxl_snapshot_monitor exists, and the functions that create a snapshot with
 * memory or revert a domain see to it that the domain has a watcher afterwards.
 */
#define LIBXL_HAVE_SNAPSHOT_MONITOR 1

/*
 * How the fields are read
 *
 * libxl_domain_snapshot_args
 *   memory       create: save the memory. revert: bring the saved memory back. delete: remove the
 *                memory image. false: disks only; such a snapshot of a running domain is
 *                crash-consistent, that is, what the disks would hold after a power cut.
 *   memory_path  the memory image: an absolute path; NULL when `memory` is false. create makes the
 *                file (0600; ERROR_INVAL when anything has that name). It is a complete xl save
 *                file: `xl restore FILE` starts it, on whatever the disks hold then.
 *   disks        the disks that take part; all others are left alone. A writable disk left out of
 *                a snapshot with memory is told to the logger.
 * libxl_disk_snapshot
 *   disk.vdev       names the disk: "xvda", "hda", ... It must be a writable image served by QEMU
 *                   (backendtype=qdisk): qcow2, or raw of an external one. Of an inactive domain it
 *                   serves messages only.
 *   disk.pdev_path  NULL, or the image's path, which must then be the one in use. Of an inactive
 *                   domain it names the disk: an absolute path.
 *   disk.format     ignored, except for an inactive domain: LIBXL_DISK_FORMAT_QCOW2, or _RAW of an
 *                   external one. A format is never guessed.
 *                   The other fields of `disk` are ignored.
 *   name            the name of the snapshot inside the image: UTF-8, at most 255 bytes, no '/', no
 *                   control character, no '-' in front; digits alone only from 9 on, because
 *                   shorter ones may be or become the number of another snapshot in the image.
 *                   create refuses what begins with "xlsnap-revert-", the names of reverts. Of an
 *                   external one it is only part of a path that is made up.
 *   external        must be false: external snapshots are not implemented yet (ERROR_NI).
 *   external_format the format of the overlay: NULL or "qcow2". Ignored while `external` is false.
 *   external_path   the overlay, an absolute path that nothing has yet. NULL when it is created:
 *                   <image without suffix>.<name>.qcow2 beside the image, or in the directory of
 *                   libxl_snapshot_set_overlay_directory(), with the vdev in it when two disks
 *                   would get one path; beside a block device there is no place. Ignored while
 *                   `external` is false.
 *                   When a snapshot is made, create stores the path and the format where they were
 *                   NULL, from malloc: they are the caller's, _dispose frees them, and delete and
 *                   revert need the path. After a failure they are as they were.
 */

/*
 * Takes a snapshot of the domain: the memory into snapshot->memory_path and an internal snapshot of
 * each disk, at one instant. The guest stands still meanwhile and then goes on as if nothing had
 * happened; a paused domain stays paused, except that a guest with Xen drivers must run for a
 * moment to answer the suspend request.
 *
 * domid  a running or paused domain; or -1, a domain that does not run: then `memory` must be
 *        false, and qemu-img makes the snapshots of all disks or, after a failure, of none. An
 *        image that any process has open is refused (ERROR_NOT_READY).
 * live   lets the guest run while most of its memory is written: not implemented yet (ERROR_NI). It
 *        means nothing without memory. With an internal disk snapshot there can be none
 *        (ERROR_INVAL).
 *
 * Everything that stands against a snapshot is looked for before the domain is touched, and all of
 * it is in the text: a disk that is no qcow2 image of QEMU's, is served by a driver domain, a
 * script or COLO, or is open for writing elsewhere; with memory also nomigrate, passed-through PCI
 * devices, vNUMA, a vTPM, a stub domain, other devices of driver domains, and a file system that is
 * read-only or has no room for the memory image (the guest's memory and a twentieth more).
 *
 * Errors: ERROR_INVAL (the request cannot be met), ERROR_DOMAIN_NOTFOUND, ERROR_DOMAIN_DESTROYED
 * (another program destroys it), ERROR_NOTFOUND (no such disk or directory), ERROR_NOT_READY
 * (QEMU or its socket does not answer, or an image is in use),
 * ERROR_GUEST_TIMEDOUT (the guest ignores the suspend request), ERROR_TIMEDOUT,
 * ERROR_PROTOCOL_ERROR_QMP, ERROR_UNKNOWN_QMP_ERROR, ERROR_QMP_*, ERROR_NOMEM, ERROR_FAIL. Of
 * several reasons the code is that of the first.
 *
 * libxl itself waits without end for the QEMU of an HVM guest while it saves that QEMU's state, as
 * in `xl save`: should QEMU stop answering just then, the call lasts until QEMU goes on or ends.
 */
int libxl_domain_snapshot_create(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot,
                                 bool live);

/*
 * Deletes the snapshot: the memory image if snapshot->memory, and each disk's internal snapshot. A
 * part that is gone already is told to the logger. domid: as in libxl_domain_snapshot_create.
 */
int libxl_domain_snapshot_delete(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot);

/*
 * Takes the domain back to the snapshot. What is needed is verified first, while the domain is not
 * touched: the memory image is whole and of this domain, all disks that the domain had then it has
 * still, each disk of the request has the snapshot and its image is open in the domain's own QEMU
 * alone. Then the domain is destroyed, the disks are reverted, and the domain is built anew: from
 * the memory image, paused if it was paused when the snapshot was taken; or, without memory, from
 * its configuration, paused if it is paused now. Name, uuid and MAC addresses stay, the domid does
 * not: use libxl_domain_snapshot_revert_domid to learn it.
 *
 * A failure before the domain is destroyed leaves it as it was. A failure after takes the disks
 * back to what they held and starts the domain again from its configuration; what it had in memory
 * is then lost, and the error text says so. When that fails too, the disks' state from before the
 * revert stays in a temporary snapshot, and the text names it and the command that brings it back.
 * When all is done but the domain cannot be unpaused, the text begins with "domain ... is
 * reverted".
 *
 * A domain that libvirt manages is refused (ERROR_INVAL): see
 * libxl_domain_snapshot_revert_managed. So is one for which there would be no memory, though dom0
 * gave up what xl would take from it (ERROR_NOMEM): as for xl, xl.conf(5) says by `autoballoon`
 * whether it may. Then, again as xl does, the revert has xl's lock until the domain is built; one
 * that another process has for a minute refuses the revert (ERROR_NOT_READY). The caller must not
 * have it.
 *
 * domid -1: the disks of an inactive domain are taken back, all of them or, after a failure, none.
 * The domain stays inactive.
 */
int libxl_domain_snapshot_revert(libxl_ctx *ctx, int domid, libxl_domain_snapshot_args *snapshot);

/*
 * The same; *domid_out is the new domid, written whenever the domain is reverted; never for an
 * inactive domain.
 */
int libxl_domain_snapshot_revert_domid(libxl_ctx *ctx, int domid,
                                       libxl_domain_snapshot_args *snapshot, uint32_t *domid_out);

/* The same, but the domain is left paused in any case: libxl_domain_unpause lets it run. */
int libxl_domain_snapshot_revert_paused(libxl_ctx *ctx, int domid,
                                        libxl_domain_snapshot_args *snapshot, uint32_t *domid_out);

/*
 * The same as libxl_domain_snapshot_revert_domid for a domain that libvirt manages, which the
 * others refuse: libvirt would lose sight of it. For libvirt itself, or for a caller that tells
 * libvirt.
 */
int libxl_domain_snapshot_revert_managed(libxl_ctx *ctx, int domid,
                                         libxl_domain_snapshot_args *snapshot, uint32_t *domid_out);

/*
 * The disks alone: the same as the domain functions with `memory` false.
 *
 * snapshot  array of `nb` disks.
 * ao_how    NULL: the call is synchronous. With a callback it returns 0 at once, and a thread of
 *           the library calls back exactly once, when the operation has ended; in the callback
 *           libxl_snapshot_last_error() tells why it failed. `snapshot` is not used any more after
 *           the call, `ctx` until the callback returns; the process must not end before. So create
 *           stores external_path and external_format before it returns, whatever comes of it. A
 *           call that does not return 0 never calls back. Events (a NULL callback) are not
 *           implemented (ERROR_NI).
 */
int libxl_disk_snapshot_create(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how);
int libxl_disk_snapshot_delete(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb);
int libxl_disk_snapshot_revert(libxl_ctx *ctx, int domid, libxl_disk_snapshot *snapshot, int nb,
                               const libxl_asyncop_how *ao_how);

/*
 * Watches the domain: when its guest shuts down, reboots or crashes, this does what the domain's
 * configuration wants (on_poweroff, on_reboot, on_crash, on_watchdog), as the process does that
 * `xl create` leaves behind. It follows the domain through its reboots, and returns 0 when the
 * domain is gone or is to stay shut down, and also when another process watches it: xl's, or one
 * that made this call. One of them that is about to leave is waited for, 10 s at most.
 *
 * Before Xen 4.20 xl's process leaves when a domain is suspended, and a domain that was reverted
 * never had one. So after each create with memory and each revert, those that failed included, the
 * library starts `xlsnap monitor`, a process of its own that makes this call. When that cannot be
 * started, the operation succeeds all the same; the logger is told, and libxl_snapshot_last_error()
 * says so.
 *
 * The call takes events from `ctx`, which nobody else may do meanwhile, and is ended only by the
 * end of the process; the domain is then not watched any more. A domain that libvirt manages is
 * refused, since libvirt watches it. After a soft reset, as kexec in an HVM guest does it, the
 * domain stays as it is; what `xl config-update` changed does not outlast a reboot.
 *
 * Errors: ERROR_INVAL, ERROR_DOMAIN_NOTFOUND, ERROR_TIMEDOUT (something writes an image of the
 * domain that is to be started again), ERROR_NOT_READY (a process watches another domain of its
 * uuid), ERROR_NOMEM, ERROR_FAIL. The domain is then as libxl left it.
 */
int libxl_snapshot_monitor(libxl_ctx *ctx, uint32_t domid);

/*
 * The catalog
 *
 * The functions below keep records of what they make: names, a tree with one current snapshot,
 * descriptions. The catalog of a domain lies in <root>/<domain uuid>/, see
 * libxl_snapshot_set_root(); xlsnap-catalog(5) describes the files. Snapshots that the functions
 * above make are no part of it.
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
 *   Besides those of the functions above: ERROR_NOTFOUND (no such snapshot), ERROR_DOMAIN_NOTFOUND
 *   (no such domain runs or has snapshots), ERROR_INVAL (a name, a flag, a broken record),
 *   ERROR_LOCK_FAIL.
 *
 * Dry runs
 *   With LIBXL_SNAPSHOT_DRY_RUN nothing is changed; libxl_snapshot_plan() tells what would be done.
 *   What would refuse the call refuses the dry run.
 */

/*
 * LIBXL_HAVE_SNAPSHOT_CATALOG
 *
 * If this is defined, there is a catalog of snapshots: libxl_domain_snapshot and all functions from
 * here to libxl_snapshot_plan().
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
 *   live         lets the guest run while most of its memory is written: not implemented yet
 *                (ERROR_NI). It means nothing without memory.
 *   disks        `vdev` and `kind` of the disks that are not to be treated as all others: each
 *                writable disk is in the snapshot unless its kind is NONE. Of an EXTERNAL one also
 *                `overlay`, an absolute path, and `overlay_format`, "qcow2"; NULL: one that is made
 *                up. Either makes EXTERNAL of DEFAULT. External disk snapshots are not implemented
 *                yet (ERROR_NI).
 * A disk of kind DEFAULT, or none that is named, is INTERNAL where its format holds internal
 * snapshots, else EXTERNAL, and EXTERNAL with `live`. ERROR_INVAL says which combinations there are
 * not: a snapshot of nothing, `save` without memory, `live` or a format with INTERNAL.
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
 * or not. Children of a deleted snapshot become children of its parent, which also becomes current
 * when the deleted one was. May be called again after a failure: what is gone already is no error,
 * an image that a disk had included. The image of a disk that the domain has no more, or of a
 * domain that does not run, must not be open anywhere (ERROR_NOT_READY).
 * Images of external ones are merged; ERROR_FAIL after the records are gone means that a merge
 * failed: nothing is lost, and the next deletion of a snapshot goes on with it.
 *
 * METADATA_ONLY removes the record and its copies; the data stay, and libxl_snapshot_import() can
 * make a record of them again. It is also the way to delete a broken record.
 *
 * NOT_CURRENT refuses (ERROR_INVAL) when one of those that would go is the current snapshot at the
 * moment of the deletion, whatever it was when the caller looked.
 *
 * flags: DRY_RUN, FORCE (protected ones too), CHILDREN, CHILDREN_ONLY, METADATA_ONLY, MERGE,
 * DISCARD, NOT_CURRENT. CHILDREN and CHILDREN_ONLY exclude each other, as MERGE and DISCARD do.
 * DISCARD is not implemented yet (ERROR_NI).
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

/*
 * Why the last call of one of these functions on this thread failed: one sentence that names the
 * thing and says what to do. When it succeeded: empty, or what is left to do, such as
 * starting a watcher. Valid until the next call on this thread; never NULL.
 */
const char *libxl_snapshot_last_error(void);

/*
 * Where warnings and notices go, for all threads; NULL (as at the start): nowhere. The logger stays
 * the caller's and must outlive every call that may use it. Errors are not logged, they are
 * returned.
 */
void libxl_snapshot_set_logger(xentoollog_logger *logger);

#ifdef __cplusplus
}
#endif

#endif /* LIBXL_SNAPSHOT_H */
