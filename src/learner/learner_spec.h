// A learner's spec and the environment's spec that the rooms below know: one is made from the other here, so
// a new field has one place in each direction.
#ifndef RB_LEARNER_LEARNER_SPEC_H
#define RB_LEARNER_LEARNER_SPEC_H

#include "rainbow/env.h"
#include "rainbow/learner.h"

// Kind, shape, actions and masks; the names are the caller's.
rb_env_spec rb_learner_env_spec(const rb_learner_spec *spec);
// What rb_learner_describe and rb_player_describe show: no names.
rb_learner_spec rb_learner_spec_of(const rb_env_spec *env, int stack, int streams, bool manual);

#endif
