// What the small classic tasks share: their saved state is some doubles (the world), then their dice.
#ifndef RB_ENV_CLASSIC_H
#define RB_ENV_CLASSIC_H

#include "base/rng.h"
#include "rainbow/env.h"

// Writes or reads the world and the dice, in this order: world[count], key, index, position. False where the
// stream fails.
static inline bool rb_classic_transfer(rb_env_stream *stream, double *world, int count, rb_rng *rng)
{
    return stream->transfer(stream, world, (size_t)count * sizeof *world) &&
           stream->transfer(stream, rng->key, sizeof rng->key) &&
           stream->transfer(stream, &rng->index, sizeof rng->index) &&
           stream->transfer(stream, &rng->position, sizeof rng->position);
}

#endif
