/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * PID 1 of the Linux guests. It waits for the disks that the kernel command line promises
 * (xlsnap.disks=N), starts the counter, and then obeys commands from the console. The same program
 * is /sbin/poweroff and /sbin/reboot, which the kernel runs when `xl shutdown` or `xl reboot` asks.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

enum { kDiskWaitMs = 60000, kDiskPollMs = 10, kMaxCommand = 256 };

static char boot_id[17];

static void draw_boot_id(void) {
    uint64_t id = 0;
    /* The kernel's generator is hardly seeded this early: the clocks alone tell two boots apart. */
    if (getrandom(&id, sizeof id, GRND_INSECURE) != sizeof id)
        id = 0;
    id ^= clock_ns(CLOCK_REALTIME) * UINT64_C(0x9e3779b97f4a7c15);
    id ^= clock_ns(CLOCK_BOOTTIME) * UINT64_C(0xbf58476d1ce4e5b9);
    snprintf(boot_id, sizeof boot_id, "%016llx", (unsigned long long)id);
}

static void make_console_raw(void) {
    struct termios settings;
    if (tcgetattr(STDIN_FILENO, &settings) != 0)
        return;
    cfmakeraw(&settings);
    tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

static int disks_promised(void) {
    char text[2048] = "";
    int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, sizeof text - 1) < 0)
        say("xlsnap-guest error cannot read /proc/cmdline");
    if (file >= 0)
        close(file);
    const char *option = strstr(text, "xlsnap.disks=");
    return option ? atoi(option + strlen("xlsnap.disks=")) : 0;
}

static void wait_for_disks(void) {
    int wanted = disks_promised();
    for (int waited = 0; disks_present() < wanted; waited += kDiskPollMs) {
        if (waited >= kDiskWaitMs) {
            say("xlsnap-guest error disks wanted=%d found=%d", wanted, disks_present());
            return;
        }
        sleep_ms(kDiskPollMs);
    }
}

/* Obeys one command per line. A line that is too long is refused as a whole. */
static void obey_console(void) {
    char line[kMaxCommand];
    size_t length = 0;
    for (;;) {
        char byte;
        if (read(STDIN_FILENO, &byte, 1) != 1) {
            sleep_ms(100);
        } else if (byte != '\n' && byte != '\r') {
            if (length < sizeof line)
                line[length++] = byte;
        } else if (length == sizeof line) {
            reply_error("line", "longer than %d characters", kMaxCommand - 1);
            length = 0;
        } else {
            line[length] = '\0';
            length = 0;
            obey(line);
        }
    }
}

int main(int argc, char **argv) {
    const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
    if (name && strcmp(name, "/poweroff") == 0)
        return reboot(RB_POWER_OFF);
    if (name && strcmp(name, "/reboot") == 0)
        return reboot(RB_AUTOBOOT);

    if (mount("proc", "/proc", "proc", 0, NULL) != 0 ||
        mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) != 0) {
        say("xlsnap-guest error cannot mount /proc and /dev");
        crash();
    }
    make_console_raw();
    draw_boot_id();
    wait_for_disks();
    start_thread(count_for_ever, boot_id);
    obey_console();
}
