// The spec an agent is made from, derived from a run's settings and its environment.
#ifndef RB_ROLLOUT_AGENT_SPEC_H
#define RB_ROLLOUT_AGENT_SPEC_H

#include "agent/agent.h"
#include "config/params.h"
#include "rainbow/env.h"

// Samples in the largest update: agent.batch, or the samples of all updates that can fall due in one turn if
// these are grouped (agent.group_updates), or those of a rollout's minibatch (agent.rollout_steps).
int64_t rb_largest_batch(const rb_params *params);
// The most updates that the steps of one turn ask for, one step of each environment.
int64_t rb_updates_of_turn(const rb_params *params);
// The most observations that a training run acts on at once, in its environments or in an evaluation.
int rb_largest_streams(const rb_params *params);
// `streams`: the most observations acted on at once.
rb_agent_spec rb_agent_spec_make(const rb_params *params, const rb_env_spec *env, int stack, int streams);

// The shape of one observation as other programs take it; returns the number of dimensions. A vector of
// numbers has one dimension, several frames of them two (frames x numbers). Pictures are planes x H x W, with
// the frames' planes one after the other, the oldest frame first. `planes`: of all frames together.
int rb_observation_shape(int64_t shape[3], int planes, int height, int width, int stack);

#endif
