// The kernels that a run's settings name.
#ifndef RB_ROLLOUT_COMPUTE_SPEC_H
#define RB_ROLLOUT_COMPUTE_SPEC_H

#include "compute/compute.h"
#include "config/params.h"

// Creates the kernels that compute.kernels and compute.precision ask for. RB_ERR_USAGE if this processor does
// not support them, or if they do not support the precision.
rb_status rb_compute_make(rb_compute **out, const rb_compute_params *params, rb_pool *pool, rb_arena *arena,
                          rb_error *error);

#endif
