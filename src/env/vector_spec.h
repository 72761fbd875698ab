// From a run's settings to its environments.
#ifndef RB_ENV_VECTOR_SPEC_H
#define RB_ENV_VECTOR_SPEC_H

#include "config/params.h"
#include "env/vector.h"

// For training, with `count` environments; the caller adds threads and log.
rb_vector_spec rb_vector_spec_make(const rb_params *params, uint64_t seed, int count);
// For whole games outside training (evaluations, videos, windows): a lost life ends nothing and costs
// nothing, and all environments step together. `purpose` keeps their random streams apart from those of
// training.
rb_vector_spec rb_vector_spec_make_games(const rb_params *params, uint64_t seed, rb_rng_purpose purpose,
                                         int count);

#endif
