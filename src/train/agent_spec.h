// From a run's settings and its environment to what an agent is made of.
#ifndef RB_TRAIN_AGENT_SPEC_H
#define RB_TRAIN_AGENT_SPEC_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/env.h"

// `streams`: most observations that are acted on at once.
// Samples of the largest update: agent.batch, or where a turn's updates are grouped (agent.group_updates)
// those of all that can fall to one turn.
int64_t rb_largest_batch(const rb_params *params);
rb_agent_spec rb_agent_spec_make(const rb_params *params, const rb_env_spec *env, int stack, int streams);

#endif
