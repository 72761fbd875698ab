// Augmentation of pictures (DrQ; Yarats et al. 2020): a batch's states are moved by a few pixels and made a
// little brighter or darker before they are learned from, so that the network sees each of the few stored
// pictures in many forms.
#ifndef RB_REPLAY_AUGMENT_H
#define RB_REPLAY_AUGMENT_H

#include "replay/batch.h"

// Shifts each state and, independently, each next state of the batch by -pad .. pad pixels in both
// directions, uniformly; an edge is repeated into the space that becomes free. All planes of a state move
// together. What is drawn depends on the seed, the number of the update and the sample only, so it is no
// state. Pictures only.
void rb_shift_batch(rb_batch *batch, int pad, uint64_t seed, uint64_t update);
// Shifts one plane in place: pixel (y, x) becomes the old pixel (y + down, x + right), or the nearest one
// that exists. `each`: bytes of a number.
void rb_shift_plane(void *plane, int height, int width, size_t each, int down, int right);
// Draws the batch's intensities, if it has room for them: 1 + scale * z for each state and, independently,
// each next state, where z is normal and at most 2 in size (Schwarzer et al. 2020; Dopamine's
// atari_100k_rainbow_agent.py). The network multiplies by them as it reads, so the stored bytes stay whole
// numbers, and a bright picture may go beyond 255. Drawn as the shifts are, from streams of their own.
void rb_intensity_batch(rb_batch *batch, double scale, uint64_t seed, uint64_t update);

#endif
