// The saved state of the small classic tasks: some doubles (the world), then the random stream.
#ifndef RB_ENV_CLASSIC_H
#define RB_ENV_CLASSIC_H

#include <math.h>
#include "base/rng.h"
#include "rainbow/env.h"

// Writes or reads the world and the random stream, in this order: world[count], key, index, position. False
// if the stream fails.
static inline bool rb_classic_transfer(rb_env_stream *stream, double *world, int count, rb_rng *rng)
{
    return stream->transfer(stream, world, (size_t)count * sizeof *world) &&
           stream->transfer(stream, rng->key, sizeof rng->key) &&
           stream->transfer(stream, &rng->index, sizeof rng->index) &&
           stream->transfer(stream, &rng->position, sizeof rng->position);
}

// Whether loaded numbers are within +-most; false for numbers that are not finite.
static inline bool rb_classic_within(const double *numbers, int count, double most)
{
    for (int i = 0; i < count; i++)
        if (!(fabs(numbers[i]) <= most)) return false;
    return true;
}

#endif
