#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

// Open groups form a list, newest first, under a lock that is held for a few instructions. A worker takes the
// oldest group with pieces left, marks itself as a holder, and then draws pieces from the group's counter
// without the lock. A group is closed (taken from the list) by rb_pool_wait, which first waits until all its
// pieces are done and no worker holds it any more: only then may its owner reuse the memory.
//
// `version` counts starts: an idle worker watches it while it spins, and sleeps on the condition once it has
// not moved for a while.
enum { spins = 4000 };

struct rb_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    rb_pool_group *newest;
    atomic_uint version;
    int sleeping;
    bool closing;
    int threads;
    pthread_t workers[];
};

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
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

// Under the lock.
static rb_pool_group *oldest_open(rb_pool *pool)
{
    rb_pool_group *found = NULL;
    for (rb_pool_group *g = pool->newest; g; g = g->older)
        if (has_pieces(g)) found = g;
    return found;
}

static void *work(void *context)
{
    rb_pool *pool = context;
    rb_cpu_flush_denormals();
    pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        rb_pool_group *group = oldest_open(pool);
        if (group) {
            atomic_fetch_add_explicit(&group->holders, 1, memory_order_relaxed);
            pthread_mutex_unlock(&pool->lock);
            take_pieces(group);
            atomic_fetch_sub_explicit(&group->holders, 1, memory_order_release);
            pthread_mutex_lock(&pool->lock);
            continue;
        }
        unsigned seen = atomic_load_explicit(&pool->version, memory_order_relaxed);
        pthread_mutex_unlock(&pool->lock);
        bool moved = false;
        for (int i = 0; i < spins && !moved; i++) {
            relax();
            moved = atomic_load_explicit(&pool->version, memory_order_relaxed) != seen;
        }
        pthread_mutex_lock(&pool->lock);
        if (!moved && atomic_load_explicit(&pool->version, memory_order_relaxed) == seen && !pool->closing) {
            pool->sleeping++;
            pthread_cond_wait(&pool->wake, &pool->lock);
            pool->sleeping--;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

rb_status rb_pool_create(rb_pool **out, int threads, rb_error *error)
{
    rb_pool *pool = calloc(1, sizeof *pool + (size_t)threads * sizeof(pthread_t));
    if (!pool) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a pool of %d threads", threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = 1;
    for (int i = 0; i < threads - 1; i++) {
        if (pthread_create(&pool->workers[i], NULL, work, pool)) {
            rb_pool_destroy(pool);
            return rb_error_set(error, RB_ERR_MEMORY, "the system would start only %d of %d threads", i + 1,
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
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    atomic_fetch_add(&pool->version, 1);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->threads - 1; i++) pthread_join(pool->workers[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
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
    pthread_mutex_lock(&pool->lock);
    group->older = pool->newest;
    pool->newest = group;
    atomic_fetch_add_explicit(&pool->version, 1, memory_order_relaxed);
    if (pool->sleeping) pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
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
    if (rounds > spins) sched_yield(); // the machine is shared: a worker may need this very processor
}

void rb_pool_wait(rb_pool *pool, rb_pool_group *group)
{
    take_pieces(group);
    if (pool->threads == 1) return;
    pthread_mutex_lock(&pool->lock);
    rb_pool_group **link = &pool->newest;
    while (*link && *link != group) link = &(*link)->older;
    if (*link) *link = group->older;
    pthread_mutex_unlock(&pool->lock);
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
