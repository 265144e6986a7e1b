/* SPDX-License-Identifier: LGPL-2.1-only */
/* The small things that every part of the guest's init needs: lines, numbers, time, threads. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

enum { kMaxLine = 256 };

static void write_line(char *line, int length) {
    size_t size = length < 0 ? 0 : (size_t)length;
    if (size > kMaxLine - 2)
        size = kMaxLine - 2;
    line[size++] = '\n';
    while (write(STDOUT_FILENO, line, size) < 0 && errno == EINTR)
        continue;
}

void say(const char *format, ...) {
    char line[kMaxLine];
    va_list arguments;
    va_start(arguments, format);
    write_line(line, vsnprintf(line, sizeof line, format, arguments));
    va_end(arguments);
}

void reply_error(const char *command, const char *format, ...) {
    char text[kMaxLine / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say("xlsnap-guest reply %.16s error %s", command, text);
}

int parse_number(const char *text, uint64_t most, uint64_t *number) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value > most)
        return -1;
    *number = value;
    return 0;
}

void sleep_ms(long milliseconds) {
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

uint64_t clock_ns(int clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void start_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument) != 0 || pthread_detach(thread) != 0) {
        say("xlsnap-guest error cannot start a thread");
        crash();
    }
}

void crash(void) {
    _exit(1);
}
