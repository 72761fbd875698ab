// Makes the specification of a vector from a run's settings.
#ifndef RB_ENV_VECTOR_SPEC_H
#define RB_ENV_VECTOR_SPEC_H

#include "config/params.h"
#include "env/vector.h"

// For training, with `count` environments; the caller adds threads and log.
rb_vector_spec rb_vector_spec_make(const rb_params *params, uint64_t seed, int count);
// For whole games outside training (evaluations, videos, windows): a lost life ends nothing and costs
// nothing, and all environments step together. `purpose` separates their random streams from those of
// training.
rb_vector_spec rb_vector_spec_make_games(const rb_params *params, uint64_t seed, rb_rng_purpose purpose,
                                         int count);

#endif
