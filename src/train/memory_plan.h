// What a run will need, before anything starts: sizes for a person, and a refusal where the machine has not
// got it.
#ifndef RB_TRAIN_MEMORY_PLAN_H
#define RB_TRAIN_MEMORY_PLAN_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/env.h"
#include "rainbow/error.h"
#include "replay/replay.h"

typedef struct rb_memory_plan {
    double replay_bytes, agent_bytes, env_bytes;
} rb_memory_plan;

// `available`: bytes the machine can still give. RB_ERR_MEMORY names the parts and the capacity that would
// fit.
rb_status rb_memory_plan_check(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                               rb_error *error);
// Adds up what a run with these parameters takes, whose replay and agent are made from `replay` and `agent`.
rb_memory_plan rb_memory_plan_make(const rb_params *params, const rb_replay_spec *replay,
                                   const rb_agent_spec *agent);
// Several runs, at most `jobs` of them at once and each in a process of its own: *need is the sum of the
// largest that many. RB_ERR_MEMORY names how many would fit.
rb_status rb_memory_plan_check_together(const rb_memory_plan *plans, int count, int jobs, double available,
                                        double *need, rb_error *error);
void rb_memory_plan_text(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                         char *out, size_t bytes);

#endif
