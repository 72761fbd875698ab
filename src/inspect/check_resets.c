// Resets: where games start, and how much memory many of them take.
#include <dirent.h>
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

// ---- memory in use

enum { PAGES_LEAST = 1 << 16 }; // bytes: the size in whole pages changes a little by itself

// The size of a process in whole pages; NaN: unknown.
static double pages_of(const char *process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/statm", process);
    FILE *file = fopen(path, "r");
    long total = 0, resident = 0;
    const bool read = file && fscanf(file, "%ld %ld", &total, &resident) == 2;
    if (file) fclose(file);
    return read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

// Of this process: the heap's exact size, or, if the allocator does not report it (sanitizers), its pages.
// `least`: the smallest change worth reporting.
static double own_memory(double *least)
{
    *least = BLOCK_RESETS;
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 info = mallinfo2();
    if (info.uordblks) return (double)info.uordblks + (double)info.hblkhd;
#endif
    *least = PAGES_LEAST;
    return pages_of("self");
}

// Of the processes that this one has started, in which Gymnasium's environments live. 0: there are none.
static double workers_memory(void)
{
    double sum = 0;
    DIR *threads = opendir("/proc/self/task");
    for (const struct dirent *thread; threads && (thread = readdir(threads));) {
        char path[300], child[24];
        snprintf(path, sizeof path, "/proc/self/task/%s/children", thread->d_name);
        FILE *file = *thread->d_name == '.' ? NULL : fopen(path, "r");
        while (file && fscanf(file, "%23s", child) == 1) sum += fmax(0, pages_of(child));
        if (file) fclose(file);
    }
    if (threads) closedir(threads);
    return sum;
}

typedef struct growth { // bytes in each block
    double own[BLOCKS], workers[BLOCKS];
    double least; // of `own`
} growth;

// The first block may fill caches.
static bool is_steady(const double grown[BLOCKS], double least)
{
    bool steady = true;
    for (int b = 1; b < BLOCKS; b++) steady = steady && grown[b] >= least;
    return steady;
}

// ---- the checks

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

static rb_status measure_memory(rb_check *c, rb_actor *actor, growth *g, rb_error *error)
{
    for (int b = 0; b < BLOCKS; b++) {
        const double own = own_memory(&g->least), workers = workers_memory();
        for (int i = 0; i < BLOCK_RESETS; i++) {
            rb_status status = rb_actor_reset(actor, error);
            rb_played unseen;
            for (int k = 0; !status && k < BLOCK_STEPS; k++)
                status = rb_actor_play(actor, c->actions[(b + i + k) % c->steps], &unseen, error);
            if (status) return status;
        }
        g->own[b] = own_memory(&g->least) - own;
        g->workers[b] = workers_memory() - workers;
    }
    return RB_OK;
}

static void judge_memory(rb_check *c, const growth *g)
{
    const bool own = is_steady(g->own, g->least), workers = is_steady(g->workers, PAGES_LEAST);
    const double grown = own ? g->own[BLOCKS - 1] : workers ? g->workers[BLOCKS - 1] : 0;
    c->out->bytes_per_reset = own || workers ? grown / BLOCK_RESETS : g->own[BLOCKS - 1] / BLOCK_RESETS;
    if (own || workers)
        rb_check_say(c, RB_CHECK_FAIL, "memory", "%sgrows by %.0f bytes with every game of %d steps",
                     own ? "" : "that of the environment's own process ", c->out->bytes_per_reset,
                     BLOCK_STEPS);
    else
        rb_check_say(c, RB_CHECK_PASS, "memory", "does not grow over %d games", BLOCKS * BLOCK_RESETS);
}

void rb_check_resets(rb_check *c, rb_actor *actor)
{
    rb_error error = {0};
    int different = 0;
    growth grown = {0};
    rb_check_doing(c, "reset in the middle of games");
    rb_status status = count_starts(c, actor, &different, &error);
    if (!status) status = measure_memory(c, actor, &grown, &error);
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
    judge_memory(c, &grown);
}
