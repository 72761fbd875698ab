#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

// Open groups form a list, newest first, under a lock that is held for a few instructions. A thread that
// finds the lock taken spins, because a system call would cost more than one layer of a small network. A
// worker takes the oldest group with pieces left, marks itself as a holder, and then takes pieces from the
// group's counter without the lock. rb_pool_wait closes a group (removes it from the list) after all its
// pieces are done and no worker holds it any more: only then may its owner reuse the memory.
//
// `version` counts starts: an idle worker watches it while it spins, and sleeps on the condition once the
// version has not changed for a while. The starting thread raises the version and then looks for sleepers; a
// worker about to sleep counts itself as a sleeper and then looks at the version. So one of the two always
// sees the other.
enum { SPINS = 4000 };

struct rb_pool {
    _Alignas(64) atomic_bool taken; // the list's lock
    rb_pool_group *newest;
    _Alignas(64) atomic_uint version;
    atomic_int sleeping;
    atomic_bool closing;
    pthread_mutex_t bed; // for sleeping workers
    pthread_cond_t wake;
    atomic_int began; // workers begun so far, which gives each one a number
    int threads;
    pthread_t workers[];
};

static _Thread_local int number; // this thread's; the driving thread is never given one and keeps 0

int rb_pool_thread(void)
{
    return number;
}

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void lock(rb_pool *pool)
{
    for (unsigned round = 0; atomic_exchange_explicit(&pool->taken, true, memory_order_acquire);)
        while (atomic_load_explicit(&pool->taken, memory_order_relaxed)) rb_pool_pause(round++);
}

static void unlock(rb_pool *pool)
{
    atomic_store_explicit(&pool->taken, false, memory_order_release);
}

static bool take_pieces(rb_pool_group *group)
{
    int piece;
    bool took = false;
    while ((piece = atomic_fetch_add_explicit(&group->next, 1, memory_order_relaxed)) < group->pieces) {
        group->fn(group->context, piece);
        atomic_fetch_add_explicit(&group->done, 1, memory_order_release);
        took = true;
    }
    return took;
}

static bool has_pieces(const rb_pool_group *group)
{
    return atomic_load_explicit(&group->next, memory_order_relaxed) < group->pieces;
}

// The oldest group that has pieces left, which the caller then holds; NULL: there is none.
static rb_pool_group *hold_oldest(rb_pool *pool)
{
    rb_pool_group *found = NULL;
    lock(pool);
    for (rb_pool_group *g = pool->newest; g; g = g->older)
        if (has_pieces(g)) found = g;
    if (found) atomic_fetch_add_explicit(&found->holders, 1, memory_order_relaxed);
    unlock(pool);
    return found;
}

static bool moves_soon(rb_pool *pool, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pool->version, memory_order_relaxed) != seen) return true;
        relax();
    }
    return false;
}

static void sleep_until_moved(rb_pool *pool, unsigned seen)
{
    pthread_mutex_lock(&pool->bed);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->version) == seen) pthread_cond_wait(&pool->wake, &pool->bed);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->bed);
}

static void *work(void *context)
{
    rb_pool *pool = context;
    number = atomic_fetch_add(&pool->began, 1) + 1;
    rb_cpu_flush_denormals();
    for (;;) {
        // The version is read before anything that it announces, else the call that closes the pool could
        // come between the two, and this worker would sleep for ever.
        const unsigned seen = atomic_load_explicit(&pool->version, memory_order_acquire);
        if (atomic_load_explicit(&pool->closing, memory_order_acquire)) return NULL;
        rb_pool_group *group = hold_oldest(pool);
        if (group) {
            take_pieces(group);
            atomic_fetch_sub_explicit(&group->holders, 1, memory_order_release);
        } else if (!moves_soon(pool, seen)) {
            sleep_until_moved(pool, seen);
        }
    }
}

// Wakes idle workers after a change that they look for.
static void call_workers(rb_pool *pool)
{
    atomic_fetch_add(&pool->version, 1);
    if (!atomic_load(&pool->sleeping)) return;
    pthread_mutex_lock(&pool->bed);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->bed);
}

rb_status rb_pool_create(rb_pool **out, int threads, rb_error *error)
{
    const size_t line = _Alignof(rb_pool), bytes = sizeof(rb_pool) + (size_t)threads * sizeof(pthread_t);
    rb_pool *pool = aligned_alloc(line, (bytes + line - 1) / line * line);
    if (!pool) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a pool of %d threads", threads);
    memset(pool, 0, sizeof *pool);
    pthread_mutex_init(&pool->bed, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = 1;
    for (int i = 0; i < threads - 1; i++) {
        if (pthread_create(&pool->workers[i], NULL, work, pool)) {
            rb_pool_destroy(pool);
            return rb_error_set(error, RB_ERR_MEMORY, "the system started only %d of %d threads", i + 1,
                                threads);
        }
        pool->threads++;
    }
    *out = pool;
    return RB_OK;
}

void rb_pool_destroy(rb_pool *pool)
{
    if (!pool) return;
    atomic_store_explicit(&pool->closing, true, memory_order_release);
    call_workers(pool);
    for (int i = 0; i < pool->threads - 1; i++) pthread_join(pool->workers[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->bed);
    free(pool);
}

int rb_pool_threads(const rb_pool *pool)
{
    return pool->threads;
}

void rb_pool_start(rb_pool *pool, rb_pool_group *group, rb_pool_fn fn, void *context, int pieces)
{
    group->fn = fn;
    group->context = context;
    group->pieces = pieces;
    atomic_store_explicit(&group->next, 0, memory_order_relaxed);
    atomic_store_explicit(&group->done, 0, memory_order_relaxed);
    atomic_store_explicit(&group->holders, 0, memory_order_relaxed);
    if (pool->threads == 1) return;
    lock(pool);
    group->older = pool->newest;
    pool->newest = group;
    unlock(pool);
    call_workers(pool);
}

bool rb_pool_is_done(const rb_pool_group *group)
{
    return atomic_load_explicit(&group->done, memory_order_acquire) >= group->pieces &&
           atomic_load_explicit(&group->holders, memory_order_acquire) == 0;
}

bool rb_pool_help(rb_pool_group *group)
{
    return has_pieces(group) && take_pieces(group);
}

void rb_pool_pause(unsigned rounds)
{
    relax();
    if (rounds > SPINS) sched_yield(); // on a shared machine a worker may need this processor
}

void rb_pool_wait(rb_pool *pool, rb_pool_group *group)
{
    take_pieces(group);
    if (pool->threads == 1) return;
    lock(pool);
    rb_pool_group **link = &pool->newest;
    while (*link && *link != group) link = &(*link)->older;
    if (*link) *link = group->older;
    unlock(pool);
    for (unsigned i = 0; !rb_pool_is_done(group); i++) rb_pool_pause(i);
}

void rb_pool_for(rb_pool *pool, rb_pool_fn fn, void *context, int pieces)
{
    if (pool->threads == 1 || pieces == 1) {
        for (int i = 0; i < pieces; i++) fn(context, i);
        return;
    }
    rb_pool_group group = {0};
    rb_pool_start(pool, &group, fn, context, pieces);
    rb_pool_wait(pool, &group);
}
