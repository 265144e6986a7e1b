/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The guest `deaf`: a PVH guest that runs and prints its counter ten times a second, but never
 * looks at xenstore. So it does not answer a request to suspend, and connects no disk. It is
 * a program of its own on the bare hypercalls, since a Linux guest cannot be told to ignore them.
 * The layouts are those of xen/include/public in xen.git for a 32-bit guest.
 */
#include <stddef.h>
#include <stdint.h>

#define BARRIER() __asm__ volatile("" ::: "memory")

enum {
    HYPERCALL_MEMORY_OP = 12,
    HYPERCALL_SCHED_OP = 29,
    HYPERCALL_EVENT_CHANNEL_OP = 32,
    HYPERCALL_HVM_OP = 34,
    XENMEM_ADD_TO_PHYSMAP = 7,
    XENMAPSPACE_SHARED_INFO = 0,
    SCHEDOP_POLL = 3,
    EVTCHNOP_SEND = 4,
    HVMOP_GET_PARAM = 1,
    HVM_PARAM_CONSOLE_PFN = 17,
    HVM_PARAM_CONSOLE_EVTCHN = 18,
    DOMID_SELF = 0x7ff0,
    PAGE_SHIFT = 12,
    TICK_NS = 100000000
};

struct hvm_param {
    uint16_t domain;
    uint32_t index;
    uint64_t value __attribute__((aligned(8)));
};

struct add_to_physmap {
    uint16_t domain;
    uint16_t size;
    uint32_t space;
    uint32_t index;
    uint32_t frame;
};

struct sched_poll {
    uint32_t ports;
    uint32_t nr_ports;
    uint64_t timeout;
};

/* The time of vCPU 0 within the shared information page, and the wall clock. */
struct time_info {
    uint32_t version;
    uint32_t pad;
    uint64_t tsc_stamp;
    uint64_t system_ns;
    uint32_t tsc_to_ns_mul;
    int8_t tsc_shift;
};
enum { TIME_INFO_OFFSET = 32 };

struct console_ring {
    char in[1024];
    char out[2048];
    uint32_t in_consumed, in_produced;
    uint32_t out_consumed, out_produced;
};

extern char hypercall_page[];
void count_for_ever(void);

static char shared_info[1 << PAGE_SHIFT] __attribute__((aligned(1 << PAGE_SHIFT)));
static volatile struct console_ring *console;
static uint32_t console_port;

static long hypercall(int number, uint32_t first, void *second) {
    long result;
    __asm__ volatile("call *%[entry]"
                     : "=a"(result), "+b"(first), "+c"(second)
                     : [entry] "r"(hypercall_page + number * 32)
                     : "memory");
    return result;
}

static uint32_t hvm_param(uint32_t index) {
    struct hvm_param param = {.domain = DOMID_SELF, .index = index};
    hypercall(HYPERCALL_HVM_OP, HVMOP_GET_PARAM, &param);
    return (uint32_t)param.value;
}

static uint64_t read_tsc(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* Nanoseconds since Xen booted, the clock that timeouts of hypercalls are in. */
static uint64_t system_ns(void) {
    const volatile struct time_info *info =
        (const volatile struct time_info *)(shared_info + TIME_INFO_OFFSET);
    uint32_t version;
    uint64_t now;
    do {
        version = info->version;
        BARRIER();
        uint64_t ticks = read_tsc() - info->tsc_stamp;
        ticks = info->tsc_shift < 0 ? ticks >> -info->tsc_shift : ticks << info->tsc_shift;
        now = info->system_ns + ((ticks >> 32) * info->tsc_to_ns_mul) +
              ((ticks & UINT32_MAX) * info->tsc_to_ns_mul >> 32);
        BARRIER();
    } while (version % 2 != 0 || version != info->version);
    return now;
}

static void sleep_one_tick(void) {
    struct sched_poll poll = {.timeout = system_ns() + TICK_NS};
    hypercall(HYPERCALL_SCHED_OP, SCHEDOP_POLL, &poll);
}

/* Puts a whole line into the ring, or nothing when the console daemon is that far behind. */
static void print(const char *line, uint32_t length) {
    uint32_t produced = console->out_produced;
    if (sizeof console->out - (produced - console->out_consumed) < length)
        return;
    for (uint32_t i = 0; i < length; ++i)
        console->out[produced++ % sizeof console->out] = line[i];
    BARRIER();
    console->out_produced = produced;
    hypercall(HYPERCALL_EVENT_CHANNEL_OP, EVTCHNOP_SEND, &console_port);
}

/* Adds one to a decimal number that ends at `last` digit. */
static void add_one(char *last) {
    for (; *last == '9'; --last)
        *last = '0';
    ++*last;
}

static void draw_boot_id(char digits[8]) {
    uint32_t id = (uint32_t)read_tsc() * UINT32_C(0x9e3779b1);
    for (int i = 0; i < 8; ++i, id >>= 4)
        digits[i] = "0123456789abcdef"[id & 15];
}

void count_for_ever(void) {
    static char line[] = "xlsnap-guest boot=00000000 mem=00000000 disk=00000000\n";
    char *boot_id = line + sizeof "xlsnap-guest boot=" - 1;
    char *count = boot_id + sizeof "00000000 mem=" - 1;

    struct add_to_physmap shared = {.domain = DOMID_SELF,
                                    .space = XENMAPSPACE_SHARED_INFO,
                                    .frame = (uint32_t)shared_info >> PAGE_SHIFT};
    hypercall(HYPERCALL_MEMORY_OP, XENMEM_ADD_TO_PHYSMAP, &shared);
    console = (volatile struct console_ring *)(hvm_param(HVM_PARAM_CONSOLE_PFN) << PAGE_SHIFT);
    console_port = hvm_param(HVM_PARAM_CONSOLE_EVTCHN);

    draw_boot_id(boot_id);
    for (;;) {
        add_one(count + 7);
        print(line, sizeof line - 1);
        sleep_one_tick();
    }
}
