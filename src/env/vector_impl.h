// The vector's internals, shared by its files. vector.c creates it, vector_step.c has the rules of a step,
// vector_start.c decides when and by which thread steps are made, vector_state.c saves and loads.
//
// Each kind of buffer is one block with an equal slice per environment, so that the observations already form
// one batch. An environment's stack *is* its slice of the observations: a step moves it down by one frame and
// writes the newest frame at its end.
//
//     observations  [ env 0: oldest .. newest | env 1: oldest .. newest | ... ]   stack frames each
//     next_frames   [ env 0 | env 1 | ... ]                                       one frame each
//     first_frames  [ env 0 | env 1 | ... ]
#ifndef RB_ENV_VECTOR_IMPL_H
#define RB_ENV_VECTOR_IMPL_H

#include "env/vector.h"

typedef struct rb_slot { // one environment
    rb_vector *vector;
    rb_env *env;
    double game_return;
    int64_t game_steps;
    rb_status status; // not RB_OK: it failed, and error has the reason
    bool notice;      // it did not fail, and error holds a notice
    bool began;       // loading started a new game
    rb_error error;
    int action;          // the pending step's
    bool away;           // stepping on its own: do not access the other fields
    rb_pool_group alone; // the group of that step
} rb_slot;

struct rb_vector {
    const rb_env_class *class;
    rb_env_spec env_spec;
    int count, stack;
    rb_env_class repeating;      // the class that `class` points to if actions are repeated
    const rb_env_frames *frames; // NULL: each step of the class is one frame
    bool black_start, life_ends, life_costs;
    int32_t reward_rule;  // env.reward
    int life_idle_frames; // between the episodes that a lost life parts; 0: none
    double reward_scale;
    int64_t limit_steps; // per game; 0: none
    size_t frame_bytes;
    rb_slot *slots;                   // [count]
    rb_vector_result *results;        // [count]
    char *observations;               // [count][stack] frames
    char *next_frames, *first_frames; // [count] frames
    char *gathered;                   // [count][stack] frames; NULL unless asynchronous
    uint8_t *masks, *next_masks;      // [count][A]; NULL without masks
    uint8_t *gathered_masks;          // [count][A]; NULL unless asynchronous, with masks
    uint8_t *screens;                 // [count] last screens; NULL unless keep_screens
    size_t screen_bytes;              // bytes per screen
    const rb_log *log;
    rb_pool_group group;
    bool together;  // the group's step is pending
    int slow_steps; // slow steps made by the caller, minus quick ones (vector_start.c)
    int *away;      // [away_count] environments stepping on their own, in the order in which they started
    int away_count;
};

static inline char *rb_vector_stack_of(const rb_vector *vector, int i)
{
    return vector->observations + (size_t)i * (size_t)vector->stack * vector->frame_bytes;
}

static inline uint8_t *rb_vector_mask_in(const rb_vector *vector, uint8_t *masks, int i)
{
    return masks ? masks + (size_t)i * (size_t)vector->env_spec.actions : NULL;
}

// One environment's step with everything that belongs to it; a piece of work for the pool, with the vector as
// its context.
void rb_vector_step_piece(void *vector, int i);
// Resets environment i, which begins a game.
rb_status rb_vector_begin_game(rb_vector *vector, int i, rb_error *error);
// Logs the notices of all environments without a pending step.
void rb_vector_tell_notices(rb_vector *vector);

#endif
