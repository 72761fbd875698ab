// The replay's spec, from the settings and a description of the environment.
#ifndef RB_LEARNER_REPLAY_SPEC_H
#define RB_LEARNER_REPLAY_SPEC_H

#include "config/params.h"
#include "rainbow/env.h"
#include "replay/rollout.h"

// `stack`: frames per observation.
rb_replay_spec rb_replay_spec_make(const rb_params *params, const rb_env_spec *env, int stack);
rb_rollout_spec rb_rollout_spec_make(const rb_params *params); // if agent.rollout_steps is above 0
double rb_replay_spec_bytes(const rb_params *params, const rb_replay_spec *spec); // of both together

#endif
