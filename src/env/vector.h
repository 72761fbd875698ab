// A vector of environments that step in parallel on the pool's threads, with the frame stacks that the agent
// acts on and the rules for any environment: time limit, the learner's reward, a lost life as the learner's
// terminal.
//
// A *game* lasts until the environment is reset; an *episode* is the learner's unit (shorter if a lost life
// ends it). Every episode starts with a new stack:
//
//     game     |--------------------------------------------------|  reset
//     episode  |--------------| |----------------| |--------------|
//                   life lost ^ ^ first frame: the same picture again
//
// The frame that showed the lost life is the last of one episode and the first of the next, and every step is
// the agent's. With atari.noop_after_life, idle frames come between the two, as in Baselines, and the next
// episode begins with the picture after them; they belong to the step that lost the life. Time limits count a
// game's steps, and a limit reached together with a terminal is a terminal.
//
// An environment may report which actions are allowed (rb_env_class, mask). The vector keeps the present mask
// next to the observation, and after a step the mask of the state that the step led to. With env.masks =
// false no mask is ever asked for.
//
// A step's results do not depend on the pool: environment i has its own random numbers, stack and slot. A
// vector belongs to one thread; the pool's threads access it only between rb_vector_start and rb_vector_wait.
#ifndef RB_ENV_VECTOR_H
#define RB_ENV_VECTOR_H

#include <signal.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/visit.h"
#include "config/params.h"
#include "env/registry.h"

typedef struct rb_vector_spec {
    rb_env_settings settings; // its name is read only during create
    int threads;              // worker processes if env.workers is 0; 0: 1
    const rb_log *log;        // notices; NULL: silent
    const volatile sig_atomic_t
        *stop; // set: waiting for a worker process ends with RB_INTERRUPTED; NULL: never
    uint64_t seed;
    // RB_RNG_ENV for training: environment 0 gets `seed`, and each of the others a seed of its own for this
    // seed and index, so that runs with different seeds have no games in common; Gymnasium's environments get
    // seed + i, as in its vectors. With any other purpose, such as evaluation, all seeds come from a stream
    // of that purpose, so that the training games are never played again.
    rb_rng_purpose purpose;
    uint64_t first_index; // the index of this vector's first environment
    int count;
    int64_t fallback_limit_steps; // time limit of an environment whose games may never end: neither the
                                  // settings nor its spec limit them; 0: none
    bool screens;      // the environments will be rendered; some must know this when they are created
    bool keep_screens; // render at each game's end, before the reset: rb_vector_last_screen
} rb_vector_spec;

typedef struct rb_vector rb_vector;

enum { RB_VECTOR_REST = -1 }; // an action: this environment is not stepped, and its result is all zero

typedef struct rb_vector_result { // one environment's step
    double reward;                // raw
    float learner_reward;
    bool terminated, truncated; // the learner's episode ended; at most one of these
    bool game_over;             // the game ended with this step; game_return and game_steps are its score
    bool cut; // the game was lost, its last step is discarded, and a new game has begun: all else is zero
    double game_return; // raw, for the game so far
    int64_t game_steps;
    int frames;
} rb_vector_result;

rb_status rb_vector_create(rb_vector **out, const rb_vector_spec *spec, rb_arena *arena, rb_error *error);
// The same with a given class and its options, for environments that the registry does not know. spec->name
// is not read.
rb_status rb_vector_create_with_class(rb_vector **out, const rb_vector_spec *spec, const rb_env_class *class,
                                      const void *options, rb_arena *arena, rb_error *error);
void rb_vector_destroy(
    rb_vector *vector); // destroys the environments; the memory belongs to the arena; NULL is fine
const rb_env_spec *rb_vector_env_spec(const rb_vector *vector);
int rb_vector_count(const rb_vector *vector);
int rb_vector_stack(const rb_vector *vector);
int64_t rb_vector_limit_steps(const rb_vector *vector); // the time limit that the vector sets; 0: none

rb_status rb_vector_reset(rb_vector *vector,
                          rb_error *error); // resets all environments; call it before the first step
// Starts one step of every environment: in the background or, if they are too quick for that to pay, in the
// wait. Actions: [count]. An ended episode is reset in the same piece of work, after its last frame is kept.
// Do not read observations and frames before the wait.
void rb_vector_start(rb_vector *vector, rb_pool *pool, const int32_t *actions);
// Waits for all pending steps. Returns the first failure by index, "environment 3: ..."; a failed environment
// is not stepped again until rb_vector_reset. The results of the others are valid. A failed one's is that of
// a `cut`, or, if the new game could not begin, that of its last step.
rb_status rb_vector_wait(rb_vector *vector, rb_pool *pool, rb_error *error);

// With env.asynchronous, a call can step only the environments that are ready, while others are still
// pending. `which` lists their numbers, ascending; actions are indexed by environment number as usual.
void rb_vector_start_some(rb_vector *vector, rb_pool *pool, const int32_t *actions, const int *which,
                          int count);
// Waits until at least one pending environment is done, and returns those that are done, ascending; none if
// none is pending. After a failure the others are still pending.
rb_status rb_vector_wait_some(rb_vector *vector, rb_pool *pool, int *which, int *count, rb_error *error);

const void *rb_vector_observations(
    const rb_vector *vector); // [count][stack*C][H][W], oldest frame first: the current observations
// The same for some environments, packed: [count][stack*C][H][W]. Valid until the next call.
const void *rb_vector_observations_of(rb_vector *vector, const int *which, int count);
const rb_vector_result *rb_vector_results(const rb_vector *vector); // [count], for the last step
const void *rb_vector_next_frame(const rb_vector *vector,
                                 int i); // [C][H][W] after the last step (also an episode's last frame)
// [C][H][W], the first frame of the episode that began after it; only if the last one ended, or after
// rb_vector_reset.
const void *rb_vector_first_frame(const rb_vector *vector, int i);
// [screen_height][screen_width][3] at the end of the last finished game; NULL unless keep_screens is set and
// the environment renders.
const uint8_t *rb_vector_last_screen(const rb_vector *vector, int i);
// The number of steps so far in environment i's current game; do not call it while a step is pending.
int64_t rb_vector_game_steps(const rb_vector *vector, int i);
// Whether environment i has failed: it plays no game, and has no first frame.
bool rb_vector_failed(const rb_vector *vector, int i);
// The present masks, which belong to the observations: [count][A], 1 allowed, 0 forbidden. All functions for
// masks return NULL if the environment has none, or env.masks is false (rb_vector_env_spec: masks).
const uint8_t *rb_vector_masks(const rb_vector *vector);
// The same for some environments, packed like rb_vector_observations_of. Valid until the next call.
const uint8_t *rb_vector_masks_of(rb_vector *vector, const int *which, int count);
const uint8_t *rb_vector_mask(const rb_vector *vector, int i); // [A] present, also of rb_vector_first_frame
// [A] of rb_vector_next_frame; undefined after a step that terminated the game.
const uint8_t *rb_vector_next_mask(const rb_vector *vector, int i);
// Draws one of environment i's allowed actions, all with the same probability.
int32_t rb_vector_random_action(const rb_vector *vector, int i, rb_rng *rng);
rb_env *rb_vector_env(rb_vector *vector, int i);
const rb_env_class *rb_vector_class(const rb_vector *vector);

// Saves, loads or hashes everything that the next steps depend on: games, stacks, scores so far. The last
// step's results and frames are not included: visit between steps, after using them.
void rb_vector_visit(rb_vector *vector, rb_visitor *visitor);
// The last step's results, and the frames and masks that belong to them, for a state that is saved before
// they were used. Visit them after rb_vector_visit, and only if the environments resume.
void rb_vector_visit_step(rb_vector *vector, rb_visitor *visitor);
// Whether a loaded vector resumes its saved games. If its environments can't be saved, loading starts new
// games instead, like rb_vector_reset: first_frame is then valid, and the caller must begin new episodes in
// replay.
bool rb_vector_resumes(const rb_vector *vector);
// Whether loading started a new game in environment i: always if it can't be saved, otherwise if it had
// failed when the vector was saved.
bool rb_vector_began(const rb_vector *vector, int i);

#endif
