// A vector of environments that step side by side on the pool's threads, with the frame stacks the agent acts
// on and the rules that apply to any environment: time limit, reward as the learner sees it, a lost life as
// the learner's terminal.
//
// A *game* is what the environment resets after; an *episode* is what the learner sees (shorter, where a lost
// life ends it). Every episode starts a fresh stack:
//
//     game     |--------------------------------------------------|  reset
//     episode  |--------------| |----------------| |--------------|
//                   life lost ^ ^ first frame: the same picture again
//
// The frame that showed the lost life is the last of one episode and the first of the next. (Baselines plays
// one idle step between the two; here no step is taken that is not the agent's.) Time limits count a game's
// steps, and a limit reached together with a terminal is a terminal.
//
// A step's results do not depend on the pool: environment i has its own dice, stack and slot. A vector
// belongs to one thread; the pool's threads touch it only between rb_vector_start and rb_vector_wait.
#ifndef RB_ENV_VECTOR_H
#define RB_ENV_VECTOR_H

#include "base/arena.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/visit.h"
#include "config/params.h"
#include "env/registry.h"

typedef struct rb_vector_spec {
    rb_env_settings settings; // its name is read only while creating
    int threads;              // worker processes where env.workers is 0; 0: 1
    const rb_log *log;        // notices; NULL: silent
    uint64_t seed;
    // RB_RNG_ENV for training: environment i gets the seed + i, as vectors of Gymnasium give it. Others, such
    // as evaluations, take theirs from a stream of that purpose, so that they never play a training's games.
    rb_rng_purpose purpose;
    uint64_t first_index; // of this vector's environments
    int count;
    bool screens; // the environments will be rendered: what draws only when told so from the start is told
    bool keep_screens; // rendered at each game's end, before the reset: rb_vector_last_screen
} rb_vector_spec;

typedef struct rb_vector rb_vector;

enum { RB_VECTOR_REST = -1 }; // as an action: this environment is not stepped, and its result is all zero

typedef struct rb_vector_result { // of one environment's step
    double reward;                // raw
    float learner_reward;
    bool terminated, truncated; // the learner's episode; at most one of them
    bool game_over;             // the game ended with this step, and its score is in the next two
    bool cut; // the game was lost, its last step forgotten, and a new one has begun: all else is zero
    double game_return; // raw, of the game so far
    int64_t game_steps;
    int frames;
} rb_vector_result;

rb_status rb_vector_create(rb_vector **out, const rb_vector_spec *spec, rb_arena *arena, rb_error *error);
// The same with a class and its options at hand: environments that the registry does not know. spec->name is
// not read.
rb_status rb_vector_create_with_class(rb_vector **out, const rb_vector_spec *spec, const rb_env_class *class,
                                      const void *options, rb_arena *arena, rb_error *error);
void rb_vector_destroy(rb_vector *vector); // the environments; the memory is the arena's; NULL is fine
const rb_env_spec *rb_vector_env_spec(const rb_vector *vector);
int rb_vector_count(const rb_vector *vector);
int rb_vector_stack(const rb_vector *vector);

rb_status rb_vector_reset(rb_vector *vector, rb_error *error); // all of them, first use
// Starts one step of every environment: in the background, or, where they are too quick for that to pay, in
// the wait. Actions: [count]. An ended episode is reset in the same piece of work, after its last frame was
// kept. Observations and frames are not to be read before the wait.
void rb_vector_start(rb_vector *vector, rb_pool *pool, const int32_t *actions);
// Waits for all that are on their way. The first failure by index, "environment 3: ..."; such an environment
// steps no more until rb_vector_reset.
rb_status rb_vector_wait(rb_vector *vector, rb_pool *pool, rb_error *error);

// With env.asynchronous, a step can be of some environments only: those that are ready, while others are
// still on their way. `which` are their numbers, ascending, and actions are by environment's number as ever.
void rb_vector_start_some(rb_vector *vector, rb_pool *pool, const int32_t *actions, const int *which,
                          int count);
// Waits until one at least of the environments on their way is done, and gives those that are, ascending;
// none where none is on its way. After a failure the others are still on their way.
rb_status rb_vector_wait_some(rb_vector *vector, rb_pool *pool, int *which, int *count, rb_error *error);

const void *rb_vector_observations(
    const rb_vector *vector); // [count][stack*C][H][W], oldest frame first: what to act on now
// The same of some environments, in a row: [count][stack*C][H][W]. Holds until the next call.
const void *rb_vector_observations_of(rb_vector *vector, const int *which, int count);
const rb_vector_result *rb_vector_results(const rb_vector *vector); // [count], of the last step
const void *rb_vector_next_frame(const rb_vector *vector,
                                 int i); // [C][H][W] the last step led to (an episode's last one too)
// [C][H][W] of the episode that began after it; only where the last one ended, or after rb_vector_reset.
const void *rb_vector_first_frame(const rb_vector *vector, int i);
// [screen_height][screen_width][3] at the end of the last game that ended; NULL unless keep_screens was asked
// for and the environment renders.
const uint8_t *rb_vector_last_screen(const rb_vector *vector, int i);
// Steps made so far of the game that environment i is in; not to be asked while it is on its way.
int64_t rb_vector_game_steps(const rb_vector *vector, int i);
rb_env *rb_vector_env(rb_vector *vector, int i);
const rb_env_class *rb_vector_class(const rb_vector *vector);

// Saves, loads or hashes everything the next steps depend on: games, stacks, scores so far. Results and
// frames of the last step are not part of it: visit between steps, after they were used.
void rb_vector_visit(rb_vector *vector, rb_visitor *visitor);
// Whether a loaded vector goes on where it was saved. Where its environments cannot save themselves, loading
// starts new games instead, as rb_vector_reset does: first_frame is theirs, and the caller tells replay that
// new episodes begin.
bool rb_vector_resumes(const rb_vector *vector);

#endif
