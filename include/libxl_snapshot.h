/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxl_snapshot.h: domain snapshots for libxl.
 *
 * A domain snapshot holds the memory, the disks and the configuration of a domain at one instant.
 * The functions, types and their meaning are those of "[RFC V7 2/3] libxl domain snapshot API
 * design" (xen-devel, October 2014) and, for the disk functions, of "[RFC v3] domain snapshot
 * documents" (xen-devel, June 2014).
 *
 * The functions here keep no records: the caller remembers what it made, the names, the disks and
 * the path of the memory image. Those of libxl_snapshot_catalog.h, which comes with this header, do
 * it for the caller.
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

#include "libxl_snapshot_catalog.h"
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
 *   external        false: the state is kept as a tag in the image. true: the image keeps the
 * state, and the domain goes on with a new qcow2 overlay that lies on it. external_format the
 * format of the overlay: NULL or "qcow2". Ignored while `external` is false. external_path   the
 * overlay, an absolute path that nothing has yet. NULL when it is created: <image without
 * suffix>.<name>.qcow2 beside the image, or in the directory of
 *                   libxl_snapshot_set_overlay_directory(), with the vdev in it when two disks
 *                   would get one path; beside a block device there is no place. Ignored while
 *                   `external` is false.
 *                   When a snapshot is made, create stores the path and the format where they were
 *                   NULL, from malloc: they are the caller's, _dispose frees them, and delete and
 *                   revert need the path. After a failure they are as they were.
 */

/*
 * Takes a snapshot of the domain: the memory into snapshot->memory_path and an internal or external
 * snapshot of each disk, at one instant. The guest stands still meanwhile and then goes on as if
 * nothing had happened; a paused domain stays paused, except that a guest with Xen drivers must run
 * for a moment to answer the suspend request.
 *
 * domid  a running or paused domain; or -1, a domain that does not run: then `memory` must be
 *        false, and qemu-img makes the snapshots of all disks or, after a failure, of none. An
 *        image that any process has open is refused (ERROR_NOT_READY).
 * live   lets the guest run while most of its memory is written, which then takes longer and more
 *        room; it stands still for the rest, that is, the longer the faster it writes. It means
 *        nothing without memory. With an internal disk snapshot there can be none (ERROR_INVAL).
 *
 * With an external snapshot libxl and xenstore name the overlay at once, so that a reboot, `xl
 * save` and a migration use it; but the xl.cfg that the domain was started from still names the
 * image below, and a start from it would write to what the snapshot keeps: change that file
 * (`xlsnap config --rewrite`). The functions of the catalog make such images immutable, where the
 * file system can, so that this start fails; those here do not, since they keep no records.
 *
 * Everything that stands against a snapshot is looked for before the domain is touched, and all of
 * it is in the text: a disk that is no image of QEMU's, has a format that does not suit, is served
 * by a driver domain, a script or COLO, or is open for writing elsewhere; an overlay whose path is
 * taken; a QEMU in a stub domain, or one that dm_restrict=1 restricts; with memory also nomigrate,
 * passed-through PCI devices, vNUMA, a vTPM, other devices of driver domains, and a file system
 * that is read-only or has no room for the memory image (the guest's memory and a twentieth more).
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
 * Deletes the snapshot: the memory image if snapshot->memory, and each disk's snapshot. What the
 * disks hold now stays: the tag of an internal one goes; of an external one the overlay and what it
 * lies on are merged, by which moves less, while the domain runs or not. pdev_path names the image
 * that the snapshot is; NULL, of a running domain: what the overlay lies on.
 *
 * No records tell what else needs these images. So a merge is refused (ERROR_INVAL) when an image
 * in their directories, or in those of the disk's present chain, stands on the same one, when a
 * snapshot of the catalog is in either, and when a tag in the overlay would be lost: an image that
 * lies elsewhere and stands on one of them is the caller's concern. When the data go down the
 * overlay is removed; the image that it lies on never is. The logger is told which image the disk
 * has afterwards; libxl and xenstore name it if the domain runs, and its xl.cfg is to be changed.
 *
 * Everything is looked at before anything is deleted. What reads through the disk never changes; a
 * part that is gone already is told to the logger, so that after a failure the call is made again.
 * domid: as in libxl_domain_snapshot_create.
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
 * What an external snapshot keeps is never written: the domain goes on with a new overlay on it, so
 * that one can go back to it again. The overlay lies beside the image and has a number in its name;
 * the logger is told of it, and libxl_snapshot_domain_disks() tells it of a domain that runs. The
 * xl.cfg of one that does not run is to name it from then on.
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
