// A thread pool that distributes numbered pieces of work.
//
// Work comes as a *group*: a function and a number of pieces. Any thread takes the next piece; which thread
// runs which piece never changes a result, because the pieces are the same for every number of threads. Two
// uses:
//   rb_pool_for    fork and join: the caller works too, and returns when all pieces are done (the learner's
//                  kernels);
//   rb_pool_start  runs in the background until rb_pool_wait (the environments, while the learner learns).
// Idle workers take pieces from the oldest group that has any left, so an update does not starve environments
// that were started before it; a waiting caller helps only with its own group. A worker that finds no piece
// spins for some microseconds and then sleeps. A pool of 1 thread has no workers: rb_pool_for runs in the
// caller, and rb_pool_start leaves the work to rb_pool_wait. Only one thread may start groups and wait for
// them; pieces must not use the pool themselves.
#ifndef RB_BASE_POOL_H
#define RB_BASE_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include "rainbow/error.h"

typedef struct rb_pool rb_pool;
typedef void (*rb_pool_fn)(void *context, int piece);

// Owned by the caller, and must live until rb_pool_wait has returned; zero it before the first use.
typedef struct rb_pool_group {
    rb_pool_fn fn;
    void *context;
    int pieces;
    atomic_int next, done;
    atomic_int holders;          // workers that may still access this group
    struct rb_pool_group *older; // the list of open groups
} rb_pool_group;

rb_status rb_pool_create(rb_pool **out, int threads, rb_error *error); // threads >= 1, including the caller
void rb_pool_destroy(rb_pool *pool);                                   // NULL is fine
int rb_pool_threads(const rb_pool *pool);
int rb_pool_thread(void); // the running thread's number, below rb_pool_threads; 0: the driving thread
void rb_pool_for(rb_pool *pool, rb_pool_fn fn, void *context, int pieces);
void rb_pool_start(rb_pool *pool, rb_pool_group *group, rb_pool_fn fn, void *context, int pieces);
void rb_pool_wait(rb_pool *pool, rb_pool_group *group);
// For a caller that waits for the first of several groups. rb_pool_is_done: whether a started group is done,
// so that rb_pool_wait returns at once. rb_pool_help: runs pieces of the group that no thread has begun
// (false: there were none). rb_pool_pause: a short pause that grows with the number of earlier rounds.
bool rb_pool_is_done(const rb_pool_group *group);
bool rb_pool_help(rb_pool_group *group);
void rb_pool_pause(unsigned rounds);

#endif
