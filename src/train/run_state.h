// A run from the inside: all its parts, in the order in which they are made.
//
// What decides the future (the *state*: agent, replay, environments, random streams, counters) is visited by
// rb_run_visit, for checkpoints and hashes. What only records the past (the *ledger*: tables, seconds, means)
// is saved in checkpoints too, but is not part of the hash.
#ifndef RB_TRAIN_RUN_STATE_H
#define RB_TRAIN_RUN_STATE_H

#include <signal.h>

#include "agent/agent.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "compute/compute.h"
#include "config/config.h"
#include "env/vector.h"
#include "learner/learning.h"
#include "rainbow/run.h"
#include "replay/replay.h"
#include "train/advice.h"
#include "train/episodes.h"
#include "train/event_log.h"
#include "train/metrics.h"
#include "train/run_picture.h"
#include "train/stepper.h"

struct rb_run {
    rb_config *config;
    const rb_params *params; // points into config
    rb_run_hooks hooks;
    rb_log log; // hooks.message
    char directory[RB_PATH_MAX];
    bool made, replaces;   // the directory: new; or that of a run that the user replaces
    int new_parents;       // directories above it that are new: 0, the group, or the group and the root
    bool lock_works;       // the file system has locks
    int home;              // the directory itself, wherever it is moved; -1: it is not looked for
    char reach[32];        // a path by way of `home`
    double looked_seconds; // when it was looked for
    int lock;              // a file descriptor that keeps other processes out of the directory
    char plan[2048];
    char network[RB_NET_TABLE_BYTES];

    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;
    rb_device *device; // NULL: the processor
    rb_vector *envs;
    rb_replay *replay;
    rb_agent *agent;
    rb_learning learning;
    rb_metrics *metrics;
    rb_episodes episodes;
    rb_event_log *events; // NULL: no event file
    rb_run_picture picture;
    const struct rb_saved_settings *settings_then; // while a checkpoint is loaded (run_settings.h)
    uint64_t rom_checksum;                         // 0: no Atari game
    rb_support_monitor support;

    rb_stepper stepper;     // which environments act next
    int32_t *actions;       // [env.count] each environment's newest action
    rb_rng *explore_rng;    // [env.count] for exploration
    int64_t *game_began;    // [env.count] the step at which its game began
    int64_t step;           // summed over all environments
    int64_t frames;         // emulated frames
    int64_t evaluated_step; // step of the newest evaluation; -1 before the first
    int64_t saved_step;     // step of the newest checkpoint, or of the one being written; -1: none
    bool learned_since;     // updates of saved_step were made after that checkpoint
    bool told_disk;         // warned that the disk will be full
    struct rb_checkpoints *checkpoints; // checkpoint.c; NULL before the first
    double best_mean;                   // mean of the evaluation kept as best; NaN before the first
    int64_t tried_step;        // step of the newest evaluation that was begun in this process; -1: none
    bool failed;               // this checkpoint is made because of a failure: the one before stays resumable
    bool fresh;                // no step taken yet: the environments need their first reset
    bool half;                 // the steps of a turn are made, but not what was to be learned meanwhile
    char scratch[RB_PATH_MAX]; // the directory of this process below run.scratch; "": none
    bool scratch_stays;        // what is in it could not be copied back
    int64_t returned_step;     // of the newest checkpoint in the run's own directory, if run.scratch is set
    double began_seconds;      // when this process began with it
    volatile sig_atomic_t own_stop, *stop; // *stop is not 0: the run is to stop; hooks.stop or &own_stop
};

void rb_run_visit(rb_run *run, rb_visitor *visitor);                 // run_state.c: the state
rb_status rb_loop(rb_run *run, int64_t until_step, rb_error *error); // loop.c
// The rest of a run's state, after all else: the turn that a device's failure interrupted (run.half), if
// there is one. A resumed run goes on in the middle of it, so that it is as if nothing had failed.
void rb_run_visit_half(rb_run *run, rb_visitor *visitor);
// Begins environment i's episode in replay: its first frame, and the actions that are allowed there.
void rb_run_begin_episode(rb_run *run, int i);
// run_evaluate.c. An evaluation that fails is a warning, and training continues. RB_INTERRUPTED: asked to
// stop; RB_ERR_NUMBER: the weights are not finite.
// `film`: with a video of its first game.
rb_status rb_run_evaluate(rb_run *run, bool film, rb_error *error);
rb_status rb_run_evaluate_last(rb_run *run,
                               rb_error *error); // at the end of the run, unless it has just been
void rb_run_evaluated(rb_run *run); // on resume: the table may hold an evaluation made after its checkpoint

#endif
