/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The JSON text that the generated _to_json functions return, laid out as libxl lays out its own:
 * one member a line, four spaces of indent, a newline at the end.
 *
 * Calls mirror the text from its beginning to its end. The first failure is kept, what follows it
 * does nothing, and xlsnap_json_writer_close() returns NULL: so only that is to be checked.
 */
#ifndef XLSNAP_JSON_WRITER_H
#define XLSNAP_JSON_WRITER_H

#include <stdbool.h>

#include <yajl/yajl_gen.h>

#include "json_reader.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xlsnap_json_writer {
    yajl_gen gen;
    bool failed;
} xlsnap_json_writer;

void xlsnap_json_writer_open(xlsnap_json_writer *w);

/*
 * The malloc'd text, or NULL if anything failed: memory, or a string that is not UTF-8, which JSON
 * cannot carry. The writer is closed either way.
 */
char *xlsnap_json_writer_close(xlsnap_json_writer *w);

void xlsnap_json_begin_object(xlsnap_json_writer *w);
void xlsnap_json_key(xlsnap_json_writer *w, const char *key);
void xlsnap_json_end_object(xlsnap_json_writer *w);
void xlsnap_json_begin_array(xlsnap_json_writer *w);
void xlsnap_json_end_array(xlsnap_json_writer *w);

void xlsnap_json_write_bool(xlsnap_json_writer *w, bool b);
void xlsnap_json_write_int(xlsnap_json_writer *w, long long number);
void xlsnap_json_write_uint(xlsnap_json_writer *w, uint64_t number);
/* A NULL string is written as null. */
void xlsnap_json_write_string(xlsnap_json_writer *w, const char *s);
void xlsnap_json_write_value(xlsnap_json_writer *w, const xlsnap_json_value *v);
/* Write a whole JSON text, which libxl made, as one value. NULL is a failure. */
void xlsnap_json_write_text(xlsnap_json_writer *w, const char *text);

/* The malloc'd JSON text of a value that was read, or NULL if memory is exhausted. */
char *xlsnap_json_text(const xlsnap_json_value *v);

#ifdef __cplusplus
}
#endif

#endif
