// A batch of transitions, as replay passes it to the agent. Legend: B samples; an observation is `stack`
// frames of C x H x W (planar, oldest frame first, so stack*C planes of H x W), bytes or floats; vectors have
// H = W = 1. A frame of a picture may have a vector of V floats behind it, V * 4 bytes that need not be
// aligned: then an observation is `frames` times (C x H x W, V).
#ifndef RB_REPLAY_BATCH_H
#define RB_REPLAY_BATCH_H

#include <stdint.h>
#include "rainbow/env.h"

typedef struct rb_batch {
    int size; // B
    rb_obs_kind kind;
    int planes, height, width; // of one observation: stack*C, H, W
    int vector, frames;        // V, stack
    void *states;              // [B][planes][H][W], or with a vector [B][frames]([C][H][W], [V])
    void *next_states;         // the same, k steps later (any finite values if discount is 0)
    // Which actions are allowed, [B][A], 1 or 0: in the state, and k steps later (any, if discount is 0).
    uint8_t *masks, *next_masks; // both NULL: the environment has no masks, and every action is allowed
    // [B] factors of the pictures' numbers, in the states and k steps later; both NULL: 1 (replay.intensity).
    float *intensities, *next_intensities;
    // [2][B][frames] where the frames of both are among replay's slots (rb_replay_slots); NULL: nobody asks.
    int32_t *slots;
    int32_t *actions;  // [B] taken in the state
    float *returns;    // [B] R = sum over i < k of gamma^i r_{t+i}
    float *discounts;  // [B] gamma^k, 0 after a terminal
    float *weights;    // [B] importance weights, largest 1 (all 1 when uniform)
    uint64_t *tickets; // [B] replay's identifier of each sample's step
    float *priorities; // [B] written by the agent: |d| or divergence, not yet raised to alpha
} rb_batch;

static inline size_t rb_batch_observation_bytes(const rb_batch *batch)
{
    const size_t numbers = (size_t)batch->planes * (size_t)batch->height * (size_t)batch->width;
    return rb_obs_bytes(batch->kind, numbers) + (size_t)(batch->vector * batch->frames) * sizeof(float);
}

#endif
