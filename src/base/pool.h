// A pool of threads that shares out numbered pieces of work.
//
// Work comes as a *group*: a function and a number of pieces. Any thread takes the next piece; who does which
// never changes a result, because pieces are the same for every number of threads. Two uses:
//   rb_pool_for    fork and join: the caller works too, and returns when all pieces are done (the learner's kernels);
//   rb_pool_start  in the background, then rb_pool_wait (the environments, while the learner learns).
// Idle workers take from the oldest group that has pieces left, so environments started before an update are
// not starved by it; a caller that waits helps with its own group only. A worker that finds nothing spins for
// some microseconds and then sleeps. A pool of 1 thread has no workers: rb_pool_for runs in the caller,
// rb_pool_start leaves the work for rb_pool_wait. One thread drives a pool (starts and waits); pieces must
// not use the pool themselves.
#ifndef RB_BASE_POOL_H
#define RB_BASE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include "rainbow/error.h"

typedef struct rb_pool rb_pool;
typedef void (*rb_pool_fn)(void *context, int piece);

// Belongs to the caller, must live until rb_pool_wait returned; zero it before the first use.
typedef struct rb_pool_group {
    rb_pool_fn fn;
    void *context;
    int pieces;
    atomic_int next, done;
    atomic_int holders;          // workers that may still look at this group
    struct rb_pool_group *older; // the list of open groups
} rb_pool_group;

rb_status rb_pool_create(rb_pool **out, int threads, rb_error *error); // threads >= 1, the caller counted
void rb_pool_destroy(rb_pool *pool);                                   // NULL is fine
int rb_pool_threads(const rb_pool *pool);
int rb_pool_thread(void); // the number of who runs this piece, below rb_pool_threads; 0 drives the pool
void rb_pool_for(rb_pool *pool, rb_pool_fn fn, void *context, int pieces);
void rb_pool_start(rb_pool *pool, rb_pool_group *group, rb_pool_fn fn, void *context, int pieces);
void rb_pool_wait(rb_pool *pool, rb_pool_group *group);
// For whoever waits for the first of several groups: whether a group that was started is done, so that
// rb_pool_wait returns at once; does pieces of it that nobody has begun (false: there were none); a moment's
// pause, the longer the more rounds went before.
bool rb_pool_is_done(const rb_pool_group *group);
bool rb_pool_help(rb_pool_group *group);
void rb_pool_pause(unsigned rounds);

#endif
