// The memory a run will need, computed before anything starts: sizes for people to read, and an error if the
// machine has too little.
#ifndef RB_TRAIN_MEMORY_PLAN_H
#define RB_TRAIN_MEMORY_PLAN_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/env.h"
#include "rainbow/error.h"
#include "replay/replay.h"

typedef struct rb_memory_plan {
    double replay_bytes, agent_bytes, env_bytes;
    double copy_bytes; // of the run, while a checkpoint is written in the background: at most this much
} rb_memory_plan;

// `available`: free bytes of the machine. RB_ERR_MEMORY names the parts, and the capacity that would fit.
rb_status rb_memory_plan_check(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                               rb_error *error);
// Adds up what a run with these parameters needs; its replay and agent are made from `replay` and `agent`.
rb_memory_plan rb_memory_plan_make(const rb_params *params, const rb_replay_spec *replay,
                                   const rb_agent_spec *agent);
double rb_memory_plan_bytes(const rb_memory_plan *plan); // of the whole process
// For several runs, at most `jobs` at once, each in its own process: *need is the sum of the `jobs` largest.
// RB_ERR_MEMORY names how many would fit.
rb_status rb_memory_plan_check_together(const rb_memory_plan *plans, int count, int jobs, double available,
                                        double *need, rb_error *error);
void rb_memory_plan_text(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                         char *out, size_t bytes);

#endif
