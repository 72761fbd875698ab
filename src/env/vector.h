// A vector of environments that step side by side on the pool's threads, with the frame stacks the agent acts on and the rules that apply to any environment:
// time limit, reward as the learner sees it, a lost life as the learner's terminal.
//
// A *game* is what the environment resets after; an *episode* is what the learner sees (shorter, where a lost life ends it). Every episode starts a fresh stack.
#ifndef RB_ENV_VECTOR_H
#define RB_ENV_VECTOR_H

#include "base/arena.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/visit.h"
#include "config/params.h"
#include "env/registry.h"

typedef struct rb_vector_spec {
    const char *name;
    rb_env_params env;
    rb_atari_params atari;
    uint64_t seed;
    rb_rng_purpose purpose; // RB_RNG_ENV for training; evaluations have their own
    uint64_t first_index;   // of this vector's environments in that purpose's streams
    int count;
} rb_vector_spec;

typedef struct rb_vector rb_vector;

typedef struct rb_vector_result { // of one environment's step
    double reward;                // raw
    float learner_reward;
    bool terminated, truncated;   // the learner's episode
    bool game_over;               // the game ended with this step, and its score is in the next two
    double game_return;           // raw
    int64_t game_steps;
    int frames;
} rb_vector_result;

rb_status rb_vector_create(rb_vector **out, const rb_vector_spec *spec, rb_arena *arena, rb_error *error);
void rb_vector_destroy(rb_vector *vector); // the environments; the memory is the arena's
const rb_env_spec *rb_vector_env_spec(const rb_vector *vector);
int rb_vector_count(const rb_vector *vector);
int rb_vector_stack(const rb_vector *vector);

rb_status rb_vector_reset(rb_vector *vector, rb_error *error); // all of them, first use
// Starts one step of every environment in the background; the actions must stay until the wait. An ended episode is reset in the same piece of work, after its
// last frame was kept.
void rb_vector_start(rb_vector *vector, rb_pool *pool, const int32_t *actions);
rb_status rb_vector_wait(rb_vector *vector, rb_pool *pool, rb_error *error);

const void *rb_vector_observations(const rb_vector *vector);       // [count][stack*C][H][W], what to act on now
const rb_vector_result *rb_vector_results(const rb_vector *vector); // [count], of the last step
const void *rb_vector_next_frame(const rb_vector *vector, int i);   // that the last step led to (an episode's last one too)
const void *rb_vector_first_frame(const rb_vector *vector, int i);  // of the episode that began after it; only where the last one ended, or after rb_vector_reset
rb_env *rb_vector_env(rb_vector *vector, int i);
const rb_env_class *rb_vector_class(const rb_vector *vector);
void rb_vector_visit(rb_vector *vector, rb_visitor *visitor);

#endif
