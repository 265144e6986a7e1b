/* SPDX-License-Identifier: LGPL-2.1-only */
/* From a line on the console to the command it names. */
#include <string.h>
#include <sys/reboot.h>

#include "guest.h"

static void command_ping(char *const words[]) {
    (void)words;
    say("xlsnap-guest reply ping ok");
}

static void command_poweroff(char *const words[]) {
    say("xlsnap-guest reply %s ok", words[0]);
    reboot(RB_POWER_OFF);
}

static void command_reboot(char *const words[]) {
    say("xlsnap-guest reply %s ok", words[0]);
    reboot(RB_AUTOBOOT);
}

static void command_crash(char *const words[]) {
    say("xlsnap-guest reply %s ok", words[0]);
    crash();
}

static const struct command {
    const char *name;
    const char *arguments;
    int words;
    void (*run)(char *const words[]);
} kCommands[] = {
    {"ping", "", 1, command_ping},
    {"write", " DISK OFFSET LENGTH BYTE", 5, command_write},
    {"bytes", " DISK OFFSET HEX", 4, command_bytes},
    {"sum", " DISK OFFSET LENGTH", 4, command_sum},
    {"fill", " MIB SEED", 3, command_fill},
    {"check", "", 1, command_check},
    {"dirty", " MIB_PER_SECOND MIB", 3, command_dirty},
    {"dirtied", "", 1, command_dirtied},
    {"stamps", " start|report", 2, command_stamps},
    {"poweroff", "", 1, command_poweroff},
    {"reboot", "", 1, command_reboot},
    {"crash", "", 1, command_crash},
};

/* Splits the line in place. A word too many is counted but not kept. */
static int split(char *line, char *words[kMaxWords]) {
    int count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (count < kMaxWords)
            words[count] = word;
        ++count;
    }
    return count;
}

void obey(char *line) {
    char *words[kMaxWords];
    int count = split(line, words);
    if (count == 0)
        return;
    for (size_t i = 0; i < sizeof kCommands / sizeof kCommands[0]; ++i) {
        if (strcmp(words[0], kCommands[i].name) != 0)
            continue;
        if (count == kCommands[i].words)
            kCommands[i].run(words);
        else
            reply_error(words[0], "usage: %s%s", kCommands[i].name, kCommands[i].arguments);
        return;
    }
    reply_error(words[0], "no such command");
}
