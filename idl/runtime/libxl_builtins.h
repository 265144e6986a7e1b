/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The JSON of the types that libxl's IDL takes for granted. libxl writes and reads them inside its
 * structures and has no public function for it; the text here is the same.
 *
 * A writer and a reader take a ctx because a type passed by reference may need one. A reader writes
 * *p only when it succeeds, refuses what libxl would not have written, and returns 0 or a libxl
 * error.
 */
#ifndef XLSNAP_LIBXL_BUILTINS_H
#define XLSNAP_LIBXL_BUILTINS_H

#include "json_writer.h"

#ifdef __cplusplus
extern "C" {
#endif

#include <libxl.h>

/* libxl's IDL names it, and no public header of libxl has it. */
#ifndef LIBXL_INVALID_GFN
#define LIBXL_INVALID_GFN (~(uint64_t)0)
#endif

/* No bit of a bitmap that is read lies above; libxl would allocate whatever the text asks for. */
#define XLSNAP_BITMAP_MAX_BITS (64 << 10)

/* "True", "False" or "<default>". */
void xlsnap_json_write_defbool(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_defbool *p);
int xlsnap_json_read_defbool(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_defbool *p);
bool xlsnap_defbool_is_default(libxl_defbool *p);

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx". */
void xlsnap_json_write_uuid(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_uuid *p);
int xlsnap_json_read_uuid(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_uuid *p);

/* "xx:xx:xx:xx:xx:xx". */
void xlsnap_json_write_mac(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_mac *p);
int xlsnap_json_read_mac(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_mac *p);
bool xlsnap_mac_is_default(libxl_mac *p);

/* An array of the numbers of the bits that are set. */
void xlsnap_json_write_bitmap(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_bitmap *p);
int xlsnap_json_read_bitmap(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_bitmap *p);

/* An array of strings. */
void xlsnap_json_write_string_list(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_string_list *p);
int xlsnap_json_read_string_list(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_string_list *p);
bool xlsnap_string_list_is_empty(libxl_string_list *p);

/* An object of strings; a value may be null. */
void xlsnap_json_write_key_value_list(libxl_ctx *ctx, xlsnap_json_writer *w,
                                      libxl_key_value_list *p);
int xlsnap_json_read_key_value_list(libxl_ctx *ctx, const xlsnap_json_value *v,
                                    libxl_key_value_list *p);
bool xlsnap_key_value_list_is_empty(libxl_key_value_list *p);

/* An array of the first four words, written even when all are 0; libxl ignores the others. */
void xlsnap_json_write_hwcap(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_hwcap *p);
int xlsnap_json_read_hwcap(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_hwcap *p);
bool xlsnap_hwcap_is_default(libxl_hwcap *p);

/* An array of the sixteen bytes. */
void xlsnap_json_write_ms_vm_genid(libxl_ctx *ctx, xlsnap_json_writer *w, libxl_ms_vm_genid *p);
int xlsnap_json_read_ms_vm_genid(libxl_ctx *ctx, const xlsnap_json_value *v, libxl_ms_vm_genid *p);

/*
 * What libxl makes of it: its list is opaque and its JSON changes between versions, so it goes
 * through a libxl_domain_build_info, which has one. libxl's own rules hold in reading.
 */
void xlsnap_json_write_cpuid_policy_list(libxl_ctx *ctx, xlsnap_json_writer *w,
                                         libxl_cpuid_policy_list *p);
int xlsnap_json_read_cpuid_policy_list(libxl_ctx *ctx, const xlsnap_json_value *v,
                                       libxl_cpuid_policy_list *p);
bool xlsnap_cpuid_policy_list_is_empty(libxl_cpuid_policy_list *p);

#ifdef __cplusplus
}
#endif

#endif
