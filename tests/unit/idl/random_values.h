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

uint64_t random_number(void); /* small ones, huge ones and 0 more often than chance has it */
bool random_bool(void);
char *random_string(void); /* NULL, empty or malloc'd UTF-8 with all that JSON escapes */
bool equal_string(const char *a, const char *b);
int random_enum(const libxl_enum_string_table *table);
int random_length(void);
void *random_array(int length, size_t element_size); /* zeroed, malloc'd, NULL for length 0 */

void random_libxl_device_disk(libxl_device_disk *disk);
bool equal_libxl_device_disk(libxl_device_disk *a, libxl_device_disk *b);

#endif
