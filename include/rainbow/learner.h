// The learner for programs that own their loop: a game, a robot, a simulator. The program steps its own world
// and tells the learner what happened; the learner chooses actions, remembers, and updates its network when
// updates are due. It makes no run, no directory and no evaluation.
//
//     rb_learner_create(&learner, config, &spec, &error)
//     for each step
//         rb_learner_act(learner, stream, observation, NULL, &action, &error)
//         ... the world takes the action ...
//         rb_learner_observe(learner, stream, reward, terminated, truncated, next_observation, NULL, &error)
//
// A stream is one world that plays episodes one after the other; a learner has one or several. In each stream
// act and observe alternate. After `terminated` or `truncated` the next act begins an episode with its first
// observation. Otherwise act gets the observation that the observe before it got, or NULL for it.
//
// The settings are those of a run (config.h). A learner reads the groups replay, net, agent, explore, optim
// and compute, and of the others run.seed, run.max_steps (over which schedules span), env.stack,
// env.stack_start, env.reward, env.reward_scale, env.normalise and env.normalise_clip; the rest belongs to a
// run. Steps in which as many streams act as env.count of a run, in order of index, give the weights of that
// run, bit for bit.
//
// One thread at a time uses a learner; a call while another is in it returns RB_ERR_USAGE. The learner has
// threads of its own (compute.threads), which are idle between calls. A call sets the processor's treatment
// of denormal numbers for itself and puts it back.
#ifndef RAINBOW_LEARNER_H
#define RAINBOW_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/config.h"
#include "rainbow/env.h"
#include "rainbow/error.h"
#include "rainbow/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rb_learner rb_learner;

enum { RB_LEARNER_STREAMS_MOST = 256 };

typedef struct rb_learner_spec {
    rb_obs_kind kind;            // of observations: bytes, which the network gets divided by 255, or floats
    int channels, height, width; // of one observation, planar; a vector of N floats: N, 1, 1
    // Observations that the learner stacks into the network's input, if env.stack is 0; 0: 1. Replay stores
    // each once.
    int stack;
    int actions;                     // numbered 0 .. actions-1
    const char *const *action_names; // [actions], for exports; NULL: they have none. Read only by create.
    int streams;                     // 1 .. RB_LEARNER_STREAMS_MOST; 0: 1
    bool manual;                     // observe makes no updates: only rb_learner_learn does
    bool masks;                      // the world reports action masks: which actions are allowed
    int vector; // floats behind the picture of each observation, as in rb_env_spec (env.h); 0: none
} rb_learner_spec;

// RB_ERR_USAGE: a spec or settings that are not possible; RB_ERR_MEMORY: it does not fit into memory.
// Settings that only a run reads (eval.every_steps, atari.sticky) have no effect: rb_learner_advice names
// those that the user chose. The caller keeps `config`.
rb_status rb_learner_create(rb_learner **out, const rb_config *config, const rb_learner_spec *spec,
                            rb_error *error);
void rb_learner_destroy(rb_learner *learner); // NULL is fine
// The spec that it was made with, or loaded with, and its stack; no names.
void rb_learner_describe(const rb_learner *learner, rb_learner_spec *out);
const rb_config *rb_learner_config(const rb_learner *learner); // its settings, which stay its own

// Chooses an action for a stream, with exploration. `observation`: [channels][height][width] bytes or floats;
// NULL: as the last observe of this stream got it. `mask`: [actions] bytes, 1 for an action that is allowed
// and 0 for one that is not, only with `masks` in the spec; NULL: at an episode's first observation all are,
// later as the last observe got it. No other action is ever chosen. RB_ERR_USAGE, and nothing has changed: no
// such stream, the stream waits for observe, the observation or the mask is not the one that followed the
// last step, or the mask allows nothing; RB_ERR_NUMBER: the observation is not finite.
rb_status rb_learner_act(rb_learner *learner, int stream, const void *observation, const uint8_t *mask,
                         int *action, rb_error *error);
// The same for several streams at once, which is faster: one pass of the network. `streams`: [count],
// ascending; NULL: the first `count`. `observations`: [count][channels][height][width], NULL only if every
// stream goes on with its last. `masks`: [count][actions] or NULL. After an error, no stream has acted.
rb_status rb_learner_act_many(rb_learner *learner, int count, const int *streams, const void *observations,
                              const uint8_t *masks, int32_t *actions, rb_error *error);

// Reports the result of the action: its reward, whether the episode ended in a state that has no future
// (`terminated`) or was cut off (`truncated`, the learner bootstraps), and the observation after it, which is
// the episode's last if it ended, never the next episode's first. `next_mask`: as in act, for this
// observation, NULL: all are allowed; not read after `terminated`. Makes the updates that are due, on replay
// as it was before this step. RB_ERR_USAGE: the stream has not acted; RB_ERR_NUMBER: the reward or the
// observation is not finite, or learning has diverged. After an error the step can be reported again.
rb_status rb_learner_observe(rb_learner *learner, int stream, double reward, bool terminated, bool truncated,
                             const void *next_observation, const uint8_t *next_mask, rb_error *error);
// The same for several streams, [count] each, as in rb_learner_act_many; after an error, no step of the call
// was taken.
rb_status rb_learner_observe_many(rb_learner *learner, int count, const int *streams, const double *rewards,
                                  const uint8_t *terminated, const uint8_t *truncated,
                                  const void *next_observations, const uint8_t *next_masks, rb_error *error);
// Ends a stream's episode where it stands, as if it had been truncated there: its world was reset, lost or
// replaced. An action that waits for its result is forgotten. The next act begins an episode.
rb_status rb_learner_abandon(rb_learner *learner, int stream, rb_error *error);

// Makes updates now: `updates` of them, whether due or not, or, if it is negative, those that are due, which
// only a manual learner leaves over. *made, which may be NULL: how many there were; none while replay holds
// fewer than agent.start_steps steps or a batch. Updates that were due and could not be made are not caught
// up on.
rb_status rb_learner_learn(rb_learner *learner, int64_t updates, int64_t *made, rb_error *error);

// Chooses greedily, without noise and without remembering: for evaluations and play in worlds of the caller's
// own. A player holds one stack of frames for each of its streams.
typedef struct rb_player rb_player;
// Plays with the learner's present weights, also while it goes on learning. Destroy it before the learner.
rb_status rb_player_of(rb_player **out, rb_learner *learner, int streams, rb_error *error);
// Plays with the weights of a run's directory (its newest checkpoint), of one checkpoint, or of a file that
// rb_learner_save wrote.
rb_status rb_player_open(rb_player **out, const char *path, int streams, rb_error *error);
void rb_player_destroy(rb_player *player); // NULL is fine
// `first`: [count], not 0 where the observation begins an episode; NULL: nowhere, except in a stream that has
// not played yet. `epsilon`: share of random actions. `q`: [count][actions], receives the Q-values; NULL:
// not wanted. `observations`: [count][channels][height][width], each of which becomes the newest frame of its
// stream's stack; NULL: decides again on what the streams have seen last. Other arguments as in
// rb_learner_act_many. RB_ERR_USAGE: a stream has seen nothing yet.
rb_status rb_player_act(rb_player *player, int count, const int *streams, const void *observations,
                        const uint8_t *first, const uint8_t *masks, double epsilon, int32_t *actions,
                        float *q, rb_error *error);
// Kind and shape of an observation, the stack, the number of actions, the streams; no names.
void rb_player_describe(const rb_player *player, rb_learner_spec *out);

// The whole state, to the bit: settings, spec, network, optimiser, replay, schedules, random streams, the
// episodes in progress. Written completely or not at all; an existing file is replaced. The world's own state
// is the caller's. RB_ERR_NUMBER: the weights are not finite, and nothing is written.
rb_status rb_learner_save(rb_learner *learner, const char *file, rb_error *error);
// A learner that goes on as the saved one would have. `changes`: command line words such as
// --compute.threads=4, of parameters that may change on resume. A stream whose action was waiting for its
// result waits for it again. RB_ERR_FORMAT: not such a file, or damaged.
rb_status rb_learner_load(rb_learner **out, const char *file, int change_count, const char *const *changes,
                          rb_error *error);
// Writes the network for other programs: FILE.onnx as rb_export_onnx does, FILE.safetensors as
// rb_export_safetensors does. `out` may be NULL.
rb_status rb_learner_export(rb_learner *learner, const char *file, rb_export_result *out, rb_error *error);

typedef struct rb_learner_stats {
    int64_t steps, episodes, updates; // steps: observed, all streams together
    int64_t replay_size, replay_capacity;
    double epsilon;      // now
    double return_mean;  // mean raw return of the last 100 episodes or fewer; NaN before the first one ends
    double loss, q_mean; // of the last update; NaN before it
} rb_learner_stats;
void rb_learner_get(const rb_learner *learner, rb_learner_stats *out);
// Hashes everything that rb_learner_save writes.
rb_status rb_learner_hash(rb_learner *learner, uint64_t *hash, rb_error *error);
// One sentence for each of the user's settings that has no effect beside the others, as rb_run_advice.
void rb_learner_advice(const rb_config *config, void (*say)(void *context, const char *sentence),
                       void *context);

#ifdef __cplusplus
}
#endif

#endif
