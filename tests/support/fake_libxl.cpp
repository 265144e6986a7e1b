// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that stand in for the libraries'. A program's own symbols win over those of
// shared libraries, for its own calls and for those that libxl makes itself.
#include "support/fake_libxl.hpp"

#include <cerrno>
#include <cstring>

extern "C" {
#include <libxl_event.h>
#include <xenstore.h>
}

#include <fmt/format.h>

using xlsnap::test::FakeLibxl;

// The handles are never followed; they only have to be there.
static char kHandle;

#pragma GCC visibility push(default)
extern "C" {

int libxl_domain_info(libxl_ctx *, libxl_dominfo *info_r, uint32_t domid) {
    return FakeLibxl::current().info(domid, info_r);
}

libxl_dominfo *libxl_list_domain(libxl_ctx *, int *nb_domain_out) {
    return FakeLibxl::current().list(nb_domain_out);
}

int libxl_retrieve_domain_configuration(libxl_ctx *, uint32_t domid, libxl_domain_config *d_config,
                                        const libxl_asyncop_how *) {
    return FakeLibxl::current().retrieve(domid, d_config);
}

int libxl_domain_suspend(libxl_ctx *, uint32_t domid, int fd, int flags,
                         const libxl_asyncop_how *) {
    return FakeLibxl::current().suspend(domid, fd, flags);
}

int libxl_domain_resume(libxl_ctx *, uint32_t domid, int suspend_cancel,
                        const libxl_asyncop_how *) {
    return FakeLibxl::current().resume(domid, suspend_cancel);
}

int libxl_domain_pause(libxl_ctx *, uint32_t domid, const libxl_asyncop_how *) {
    return FakeLibxl::current().pause(domid);
}

int libxl_domain_unpause(libxl_ctx *, uint32_t domid, const libxl_asyncop_how *) {
    return FakeLibxl::current().unpause(domid);
}

int libxl_domain_destroy(libxl_ctx *, uint32_t domid, const libxl_asyncop_how *) {
    return FakeLibxl::current().destroy(domid);
}

int libxl_domain_create_new(libxl_ctx *, libxl_domain_config *d_config, uint32_t *domid,
                            const libxl_asyncop_how *, const libxl_asyncprogress_how *) {
    return FakeLibxl::current().build("libxl_domain_create_new", d_config, "", domid);
}

int libxl_domain_create_restore(libxl_ctx *, libxl_domain_config *d_config, uint32_t *domid,
                                int restore_fd, int send_back_fd,
                                const libxl_domain_restore_params *params,
                                const libxl_asyncop_how *, const libxl_asyncprogress_how *) {
    if (send_back_fd != -1)
        return ERROR_INVAL;
    return FakeLibxl::current().restore(d_config, domid, restore_fd, params);
}

int libxl_domain_core_dump(libxl_ctx *, uint32_t domid, const char *filename,
                           const libxl_asyncop_how *) {
    return FakeLibxl::current().dump_core(domid, filename);
}

int libxl_domain_preserve(libxl_ctx *, uint32_t domid, libxl_domain_create_info *info,
                          const char *name_suffix, libxl_uuid) {
    return FakeLibxl::current().preserve(domid, std::string(info->name) + name_suffix);
}

int libxl_evenable_domain_death(libxl_ctx *, uint32_t domid, libxl_ev_user,
                                libxl_evgen_domain_death **evgen_out) {
    *evgen_out = reinterpret_cast<libxl_evgen_domain_death *>(&kHandle);
    return FakeLibxl::current().enable_events(domid);
}

void libxl_evdisable_domain_death(libxl_ctx *, libxl_evgen_domain_death *) {
    --FakeLibxl::current().generators;
}

int libxl_event_wait(libxl_ctx *, libxl_event **event_r, uint64_t, libxl_event_predicate *,
                     void *) {
    return FakeLibxl::current().wait_for_event(event_r);
}

int libxl_domain_need_memory(libxl_ctx *, libxl_domain_config *config, uint32_t,
                             uint64_t *need_memkb) {
    return FakeLibxl::current().need_memory(*config, need_memkb);
}

int libxl_get_free_memory(libxl_ctx *, uint64_t *memkb) {
    return FakeLibxl::current().free_memory(memkb);
}

int libxl_get_memory_target(libxl_ctx *, uint32_t, uint64_t *out_target) {
    return FakeLibxl::current().dom0_target(out_target);
}

int libxl_set_memory_target(libxl_ctx *, uint32_t, int64_t target_memkb, int, int) {
    return FakeLibxl::current().shrink_dom0(target_memkb);
}

int libxl_wait_for_memory_target(libxl_ctx *, uint32_t, int) {
    return 0;
}

int libxl_get_physinfo(libxl_ctx *, libxl_physinfo *physinfo) {
    physinfo->cap_shadow = FakeLibxl::current().shadow_paging;
    return 0;
}

const libxl_version_info *libxl_get_version_info(libxl_ctx *) {
    return FakeLibxl::current().version_info();
}

int libxl_userdata_retrieve(libxl_ctx *, uint32_t domid, const char *userdata_userid,
                            uint8_t **data_r, int *datalen_r) {
    return FakeLibxl::current().retrieve_userdata(domid, userdata_userid, data_r, datalen_r);
}

int libxl_qemu_monitor_command(libxl_ctx *, uint32_t domid, const char *command_line, char **output,
                               const libxl_asyncop_how *) {
    return FakeLibxl::current().monitor_command(domid, command_line, output);
}

struct xs_handle *xs_open(unsigned long) {
    if (!FakeLibxl::current().xenstore_refuses)
        return reinterpret_cast<xs_handle *>(&kHandle);
    errno = ECONNREFUSED;
    return nullptr;
}

void xs_close(struct xs_handle *) {}

void *xs_read(struct xs_handle *, xs_transaction_t t, const char *path, unsigned int *len) {
    return FakeLibxl::current().read_xenstore(t, path, len);
}

bool xs_write(struct xs_handle *, xs_transaction_t t, const char *path, const void *data,
              unsigned int len) {
    return FakeLibxl::current().write_xenstore(t, path, {static_cast<const char *>(data), len});
}

xs_transaction_t xs_transaction_start(struct xs_handle *) {
    return FakeLibxl::current().begin_transaction();
}

bool xs_transaction_end(struct xs_handle *, xs_transaction_t t, bool abort) {
    return FakeLibxl::current().end_transaction(t, abort);
}

// The fake knows no directories; libxl asks for one only to learn whether a domain has virtio
// disks.
char **xs_directory(struct xs_handle *, xs_transaction_t, const char *, unsigned int *num) {
    *num = 0;
    errno = ENOENT;
    return nullptr;
}

char *xs_get_domain_path(struct xs_handle *, unsigned int domid) {
    return ::strdup(fmt::format("/local/domain/{}", domid).c_str());
}

// libxenctrl, as far as libxl_ctx_alloc() and libxl_ctx_free() use it. <xenctrl.h> itself cannot be
// read by a compiler that keeps to standard C++.
struct xc_interface_core;

xc_interface_core *xc_interface_open(xentoollog_logger *, xentoollog_logger *, unsigned) {
    return reinterpret_cast<xc_interface_core *>(&kHandle);
}

int xc_interface_close(xc_interface_core *) {
    return 0;
}

} // extern "C"
#pragma GCC visibility pop
