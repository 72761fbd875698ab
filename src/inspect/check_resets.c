// Resets: where games start, and how much memory many of them take.
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/sort.h"
#include "inspect/check_impl.h"

enum {
    STARTS = 20,
    BLOCKS = 4,        // blocks of resets, for the memory check
    BLOCK_RESETS = 50, // each followed by
    BLOCK_STEPS = 5,
};

// Bytes in use: the heap's exact size, or, if the allocator does not report it (sanitizers), the process's
// size in whole pages, which changes a little by itself. `least`: the smallest change worth reporting.
static double memory_in_use(double *least)
{
    *least = BLOCK_RESETS;
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 info = mallinfo2();
    if (info.uordblks) return (double)info.uordblks + (double)info.hblkhd;
#endif
    *least = 1 << 16;
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;
    bool read = file && fscanf(file, "%ld %ld", &total, &resident) == 2;
    if (file) fclose(file);
    return read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static rb_status count_starts(rb_check *c, rb_actor *actor, int *different, rb_error *error)
{
    uint64_t looks[STARTS];
    double seconds[STARTS];
    *different = 0;
    for (int i = 0; i < STARTS; i++) {
        const double start = rb_clock_seconds();
        rb_status status = rb_actor_reset(actor, error);
        seconds[i] = rb_clock_seconds() - start;
        if (status) return status;
        looks[i] = rb_actor_hash(actor);
        bool seen = false;
        for (int k = 0; k < i; k++) seen = seen || looks[k] == looks[i];
        *different += !seen;
        rb_played unseen; // so that most resets happen in the middle of a game
        for (int k = 0; !status && k < 3; k++)
            status = rb_actor_play(actor, c->actions[(3 * i + k) % c->steps], &unseen, error);
        if (status) return status;
    }
    rb_sort_ascending(seconds, STARTS);
    c->out->reset_us = seconds[STARTS / 2] * 1e6;
    return RB_OK;
}

static rb_status measure_memory(rb_check *c, rb_actor *actor, double grown[BLOCKS], double *least,
                                rb_error *error)
{
    for (int b = 0; b < BLOCKS; b++) {
        const double before = memory_in_use(least);
        for (int i = 0; i < BLOCK_RESETS; i++) {
            rb_status status = rb_actor_reset(actor, error);
            rb_played unseen;
            for (int k = 0; !status && k < BLOCK_STEPS; k++)
                status = rb_actor_play(actor, c->actions[(b + i + k) % c->steps], &unseen, error);
            if (status) return status;
        }
        grown[b] = memory_in_use(least) - before;
    }
    return RB_OK;
}

void rb_check_resets(rb_check *c, rb_actor *actor)
{
    rb_error error = {0};
    int different = 0;
    double grown[BLOCKS] = {0}, least = 0;
    rb_check_doing(c, "reset in the middle of games");
    rb_status status = count_starts(c, actor, &different, &error);
    if (!status) status = measure_memory(c, actor, grown, &least, &error);
    if (status) return rb_check_say(c, RB_CHECK_FAIL, "reset", "in the middle of a game: %s", error.message);
    rb_check_result *out = c->out;
    if (out->games)
        rb_check_say(c, RB_CHECK_PASS, "reset", "works after %lld game%s and in the middle of others",
                     (long long)out->games, rb_check_plural(out->games));
    else
        rb_check_say(c, RB_CHECK_NOTE, "reset",
                     "tried only in the middle of games: none ended within %d steps", c->steps);
    if (different == 1)
        rb_check_say(c, RB_CHECK_NOTE, "starts", "all %d games begin with the same observation", STARTS);
    else
        rb_check_say(c, RB_CHECK_NOTE, "starts", "%d games begin with %d different observations", STARTS,
                     different);
    out->bytes_per_reset = grown[BLOCKS - 1] / BLOCK_RESETS;
    bool steadily = true; // the first block may fill caches
    for (int b = 1; b < BLOCKS; b++) steadily = steadily && grown[b] >= least;
    if (steadily)
        rb_check_say(c, RB_CHECK_FAIL, "memory", "grows by %.0f bytes with every game of %d steps",
                     out->bytes_per_reset, BLOCK_STEPS);
    else
        rb_check_say(c, RB_CHECK_PASS, "memory", "does not grow over %d games", BLOCKS * BLOCK_RESETS);
}
