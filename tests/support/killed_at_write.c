/* SPDX-License-Identifier: LGPL-2.1-only
 *
 * Preloaded into a program, kills it instead of the write to a file that KILLED_AT_WRITE counts
 * to, whatever thread makes it. (strace counts for each thread.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int writes;

static void count_write(void) {
    const char *limit = getenv("KILLED_AT_WRITE");

    if (limit && atomic_fetch_add(&writes, 1) + 1 == atoi(limit))
        kill(getpid(), SIGKILL);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    ssize_t (*real)(int, const void *, size_t, off64_t);

    *(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
    count_write();
    return real(fd, bytes, size, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    ssize_t (*real)(int, const struct iovec *, int, off64_t);

    *(void **)&real = dlsym(RTLD_NEXT, "pwritev64");
    count_write();
    return real(fd, parts, count, offset);
}
