/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Random values, and their comparison, for the types that the generated round-trip test does not
 * generate. For a type X of libxl that an IDL file uses there are random_X() and equal_X().
 */
#ifndef RANDOM_VALUES_H
#define RANDOM_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libxl.h>

/* The same seed gives the same values. */
void random_seed(uint64_t seed);

/* From now on no number has more bits; 64 at first. */
void random_bits(int bits);

uint64_t random_number(void); /* small ones, huge ones and 0 more often than chance has it */
bool random_bool(void);
char *random_string(void); /* NULL, empty or malloc'd UTF-8 with all that JSON escapes */
bool equal_string(const char *a, const char *b);
int random_enum(const libxl_enum_string_table *table);
int random_row(const libxl_enum_string_table *rows, unsigned count);
int random_length(void);
void *random_array(int length, size_t element_size); /* zeroed, malloc'd, NULL for length 0 */

void random_int64_t(int64_t *number);
bool equal_int64_t(int64_t *a, int64_t *b);
libxl_disk_format random_libxl_disk_format(void);
void random_libxl_defbool(libxl_defbool *b);
bool equal_libxl_defbool(libxl_defbool *a, libxl_defbool *b);
void random_libxl_uuid(libxl_uuid *uuid);
bool equal_libxl_uuid(libxl_uuid *a, libxl_uuid *b);
void random_libxl_mac(libxl_mac *mac);
bool equal_libxl_mac(libxl_mac *a, libxl_mac *b);
void random_libxl_bitmap(libxl_bitmap *bitmap);
bool equal_libxl_bitmap(libxl_bitmap *a, libxl_bitmap *b);
void random_libxl_string_list(libxl_string_list *list);
bool equal_libxl_string_list(libxl_string_list *a, libxl_string_list *b);
void random_libxl_key_value_list(libxl_key_value_list *list);
bool equal_libxl_key_value_list(libxl_key_value_list *a, libxl_key_value_list *b);
void random_libxl_hwcap(libxl_hwcap *hwcap);
bool equal_libxl_hwcap(libxl_hwcap *a, libxl_hwcap *b);
void random_libxl_ms_vm_genid(libxl_ms_vm_genid *id);
bool equal_libxl_ms_vm_genid(libxl_ms_vm_genid *a, libxl_ms_vm_genid *b);
void random_libxl_cpuid_policy_list(libxl_cpuid_policy_list *list);
bool equal_libxl_cpuid_policy_list(libxl_cpuid_policy_list *a, libxl_cpuid_policy_list *b);
void random_libxl_device_disk(libxl_device_disk *disk);
bool equal_libxl_device_disk(libxl_device_disk *a, libxl_device_disk *b);

#endif
