// The inside of rb_learner, shared by learner.c (made and destroyed), learner_step.c (act and observe),
// learner_state.c (saved and loaded) and player.c.
#ifndef RB_LEARNER_LEARNER_IMPL_H
#define RB_LEARNER_LEARNER_IMPL_H

#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "compute/compute.h"
#include "config/config.h"
#include "learner/learning.h"
#include "rainbow/learner.h"

enum { RB_LEARNER_NAMES_BYTES = 512, RB_LEARNER_RETURNS = 100 };

typedef enum rb_stream_phase {
    RB_STREAM_BETWEEN, // no episode: the next act begins one
    RB_STREAM_SEES,    // it has an observation, and waits for act
    RB_STREAM_ACTED,   // it waits for observe
} rb_stream_phase;

typedef struct rb_stream {
    int32_t phase, action;
    int64_t played;    // steps of this episode
    int64_t began;     // the learner's step at which it began
    double raw_return; // of this episode
    rb_rng explore_rng;
} rb_stream;

struct rb_learner {
    rb_config *config;
    const rb_params *params;                   // points into config
    rb_env_spec env;                           // kind, shape, actions; without names
    char action_names[RB_LEARNER_NAMES_BYTES]; // "LEFT, RIGHT"; "": none
    int stack, count;                          // frames per observation; streams
    bool manual;
    size_t frame_bytes;

    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;
    rb_device *device; // NULL: the processor
    rb_replay *replay;
    rb_agent *agent;
    rb_learning learning;

    rb_stream *streams; // [count]
    char *stacks;       // [count][stack] frames
    char *gathered;     // [count][stack] frames: those of the streams that act
    uint8_t *masks;     // [count][actions] allowed now; NULL: the world has no masks
    uint8_t *gathered_masks;
    int *all; // [count] 0, 1, 2 ...
    rb_rng *explore_rng;
    double *epsilon;
    float *q;                             // [count][actions] of the streams that act; NULL: not needed
    int64_t step, episodes;               // observed
    int64_t started, turned;              // steps that were begun; as many at the last turn
    int64_t due;                          // updates
    int64_t target_step, target_episodes; // at the last look whether the target network is due
    int64_t returns_count;
    double returns[RB_LEARNER_RETURNS]; // of the last episodes, a ring
    double loss, q_mean;                // of the last update; NaN before
    int busy;                           // a call is in progress
};

// Everything in memory, from settings and a checked spec; `config` then belongs to the learner, also after an
// error.
rb_status rb_learner_make(rb_learner **out, rb_config *config, const rb_learner_spec *spec, rb_error *error);

static inline char *rb_learner_stack(const rb_learner *l, int stream)
{
    return l->stacks + (size_t)stream * (size_t)l->stack * l->frame_bytes;
}

// RB_ERR_NUMBER if one of `count` observations in a row is not finite; bytes always are.
rb_status rb_observations_check(const rb_env_spec *env, const void *observations, int count, rb_error *error);
static inline uint8_t *rb_learner_mask(const rb_learner *l, int stream)
{
    return l->masks ? l->masks + (size_t)stream * (size_t)l->env.actions : NULL;
}

// RB_ERR_USAGE if one of `count` masks in a row, NULL: none, can't be one, or if there are masks where the
// world, `env`, has none.
rb_status rb_masks_check(const rb_env_spec *env, const uint8_t *masks, int count, rb_error *error);
// RB_ERR_USAGE if `streams` are not ascending numbers below `most`, or `count` is not from 1 to `most`.
rb_status rb_streams_check(const int *streams, int count, int most, rb_error *error);
// Updates the target network if the steps and episodes since the last look make that due.
void rb_learner_look_at_target(rb_learner *learner);

// A learner is entered by one thread at a time. `enter` fails with RB_ERR_USAGE if another is in it; it also
// makes the thread treat denormal numbers as the learner's own threads do, until `leave`.
typedef struct rb_entered {
    unsigned long denormals;
} rb_entered;
rb_status rb_learner_enter(int *busy, rb_entered *entered, rb_error *error);
void rb_learner_leave(int *busy, const rb_entered *entered);

#endif
