// From a run's settings to its environments.
#ifndef RB_ENV_VECTOR_SPEC_H
#define RB_ENV_VECTOR_SPEC_H

#include "config/params.h"
#include "env/vector.h"

// Of a training, with `count` environments; threads and log are the caller's to add.
rb_vector_spec rb_vector_spec_make(const rb_params *params, uint64_t seed, int count);

#endif
