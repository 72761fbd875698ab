// From a run's settings and its environment to what an agent is made of.
#ifndef RB_ROLLOUT_AGENT_SPEC_H
#define RB_ROLLOUT_AGENT_SPEC_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/env.h"

// Samples of the largest update: agent.batch, or where a turn's updates are grouped (agent.group_updates)
// those of all that can fall to one turn.
int64_t rb_largest_batch(const rb_params *params);
// Observations of the largest batch that a training run acts on: those of its environments, or of an
// evaluation.
int rb_largest_streams(const rb_params *params);
// `streams`: most observations that are acted on at once.
rb_agent_spec rb_agent_spec_make(const rb_params *params, const rb_env_spec *env, int stack, int streams);

// The sizes of one observation as other programs take it, and how many they are: vectors are numbers, of
// several frames frames x numbers; pictures planes x H x W, the frames' planes one after the other, the
// oldest frame first. `planes`: of all frames.
int rb_observation_shape(int64_t shape[3], int planes, int height, int width, int stack);

#endif
