/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef FAKE_CALLS_H
#define FAKE_CALLS_H

#include <stdbool.h>

enum { FAKE_GUEST_DOMID = 7, FAKE_NEW_DOMID = 8 };

/* Appends to the file FAKE_CALLS. */
void record_call(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The text, "-" for none. */
const char *shown_text(const char *text);

/*
 * What a function that changes something returns: FAKE_RC, or 0. Before, it warns and lets a signal
 * come as the environment says.
 */
int end_fake_call(void);

/* What the library refuses to delete of what is there when it has the lock: FAKE_AT_LAST. */
int refuse_fake_deletion(const char *name, unsigned flags);

/* Whether something was changed, or tried to be. */
bool was_fake_change(void);

/* What the running domain is called. */
const char *fake_guest_name(void);

/* The text of the last error instead of FAKE_ERROR; not copied. */
void set_fake_error(const char *text);

#endif
