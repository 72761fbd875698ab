// The vector from the inside: what its files share. vector.c makes it, vector_step.c has the rules of a step,
// vector_start.c says when steps are made and by whom, vector_state.c saves and loads.
//
// One block for each kind of buffer, an equal slice of it for each environment, so that the observations are
// one batch as they stand. An environment's stack *is* its slice of the observations: a step moves it one
// frame down and writes the newest at its end.
//
//     observations  [ env 0: oldest .. newest | env 1: oldest .. newest | ... ]   stack frames each
//     next_frames   [ env 0 | env 1 | ... ]                                       one frame each
//     first_frames  [ env 0 | env 1 | ... ]
#ifndef RB_ENV_VECTOR_IMPL_H
#define RB_ENV_VECTOR_IMPL_H

#include "env/vector.h"

typedef struct rb_slot { // of one environment
    rb_vector *vector;
    rb_env *env;
    double game_return;
    int64_t game_steps;
    rb_status status; // not RB_OK: it failed, and error says why
    bool notice;      // it did not, and error has something to tell
    rb_error error;
    int action;          // of the step on its way
    bool away;           // on its way by itself: nothing else here is to be touched
    rb_pool_group alone; // that step
} rb_slot;

struct rb_vector {
    const rb_env_class *class;
    rb_env_spec env_spec;
    int count, stack;
    rb_env_class repeating; // where decisions are held: what `class` points to
    bool black_start, sign_reward, life_ends, life_costs;
    double reward_scale;
    int64_t limit_steps; // of a game; 0: none
    size_t frame_bytes;
    rb_slot *slots;                   // [count]
    rb_vector_result *results;        // [count]
    char *observations;               // [count][stack] frames
    char *next_frames, *first_frames; // [count] frames
    char *gathered;                   // [count][stack] frames; NULL unless asynchronous
    uint8_t *screens;                 // [count] last screens; NULL unless keep_screens
    size_t screen_bytes;              // of one
    const rb_log *log;
    rb_pool_group group;
    bool together;  // the group is on its way
    int slow_steps; // of those the caller made itself, less the quick ones (vector_start.c)
    int *away; // [away_count] environments that are on their way by themselves, in the order they set off
    int away_count;
};

static inline char *rb_vector_stack_of(const rb_vector *vector, int i)
{
    return vector->observations + (size_t)i * (size_t)vector->stack * vector->frame_bytes;
}

// One environment's step with all that belongs to it; a piece of work for the pool, whose context is the
// vector.
void rb_vector_step_piece(void *vector, int i);
// Says in the log what environments had to tell, but for those on their way.
void rb_vector_tell_notices(rb_vector *vector);

#endif
