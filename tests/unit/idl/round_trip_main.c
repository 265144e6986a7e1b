/* SPDX-License-Identifier: LGPL-2.1-only */
/* Runs a generated round-trip test: round_trip [SEED [ROUNDS]]. A failure shows the seed. */
#include <stdio.h>
#include <stdlib.h>

#include "fake_xen.h"
#include "random_values.h"
#include "round_trip.h"

int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    int rounds = argc > 2 ? atoi(argv[2]) : 500;
    libxl_ctx *ctx = context_without_xen();

    if (!ctx) {
        (void)fprintf(stderr, "no libxl context\n");
        return 1;
    }
    printf("seed %llu, %d rounds\n", (unsigned long long)seed, rounds);
    (void)fflush(stdout);
    random_seed(seed);
    for (int i = 0; i < rounds; i++)
        check_every_type(ctx);
    libxl_ctx_free(ctx);
    return 0;
}
