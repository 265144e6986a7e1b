/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the parts of the guest's init share. The protocol is described in
 * tests/xenbox/guest/README.md. */
#ifndef XLSNAP_GUEST_H
#define XLSNAP_GUEST_H

#include <stdint.h>

enum { kSectorSize = 512, kMaxWords = 8, kMebibyte = 1024 * 1024 };

/* Prints one line on the console, in one write so that lines of two threads do not mix. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "xlsnap-guest reply COMMAND error TEXT". */
void reply_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a decimal number that is at most `most`. Returns 0, or -1 when the text is anything else.
 */
int parse_number(const char *text, uint64_t most, uint64_t *number);

void sleep_ms(long milliseconds);
/* The value of the given clock in nanoseconds. */
uint64_t clock_ns(int clock);
/* Starts a detached thread. A failure to do so ends the guest by a kernel panic. */
void start_thread(void *(*body)(void *), void *argument);
/* Ends PID 1, which makes the kernel panic and report a crash to Xen. */
void crash(void) __attribute__((noreturn));

/* counter.c */
int disks_present(void);
/* Opens a disk by its name under /dev, for direct and synchronous I/O. Returns -1 with errno set.
 */
int open_disk(const char *name);
void *count_for_ever(void *boot_id);

/* Commands: words[0] is the command itself, and the number of words is right. */
void command_write(char *const words[]);
void command_bytes(char *const words[]);
void command_sum(char *const words[]);
void command_fill(char *const words[]);
void command_check(char *const words[]);
void command_dirty(char *const words[]);
void command_dirtied(char *const words[]);
void command_stamps(char *const words[]);
void obey(char *line);

#endif
