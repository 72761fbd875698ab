#include "replay/augment.h"

#include <math.h>
#include <string.h>
#include "base/rng.h"

static int clamp(int at, int size)
{
    return at < 0 ? 0 : at < size ? at : size - 1;
}

// A row from another row, or from itself: what stays visible moves, the rest repeats the edge.
static void shift_row(uint8_t *out, const uint8_t *in, int width, size_t each, int right)
{
    uint8_t edge[sizeof(float)];
    const int gone = right < 0 ? -right : right, kept = gone < width ? width - gone : 0;
    memcpy(edge, in + (right < 0 ? 0 : (size_t)(width - 1) * each), each);
    const size_t from = (size_t)(right > 0 ? right : 0) * each, to = (size_t)(right < 0 ? -right : 0) * each;
    if (kept) memmove(out + to, in + from, (size_t)kept * each);
    for (int x = 0; x < width - kept; x++)
        memcpy(out + (size_t)(right < 0 ? x : kept + x) * each, edge, each);
}

void rb_shift_plane(void *plane, int height, int width, size_t each, int down, int right)
{
    const size_t row = (size_t)width * each;
    uint8_t *pixels = plane;
    for (int i = 0; i < height; i++) { // in the order in which no row is needed once it was written
        const int y = down < 0 ? height - 1 - i : i, from = clamp(y + down, height);
        shift_row(pixels + (size_t)y * row, pixels + (size_t)from * row, width, each, right);
    }
}

static void shift_state(const rb_batch *batch, void *states, int i, int pad, rb_rng *rng)
{
    const size_t each = rb_obs_bytes(batch->kind, 1);
    const size_t plane = (size_t)batch->height * (size_t)batch->width * each;
    const size_t vector = (size_t)batch->vector * sizeof(float); // behind each frame's planes
    const int frames = batch->vector ? batch->frames : 1, planes = batch->planes / frames;
    uint8_t *at = (uint8_t *)states + (size_t)i * rb_batch_observation_bytes(batch);
    const int down = (int)rb_rng_below(rng, (uint32_t)(2 * pad + 1)) - pad;
    const int right = (int)rb_rng_below(rng, (uint32_t)(2 * pad + 1)) - pad;
    for (int f = 0; f < frames && (down || right); f++, at += vector) {
        for (int p = 0; p < planes; p++, at += plane)
            rb_shift_plane(at, batch->height, batch->width, each, down, right);
    }
}

void rb_shift_batch(rb_batch *batch, int pad, uint64_t seed, uint64_t update)
{
    enum { WORDS = 64 }; // of the random stream for each sample, far more than it draws
    for (int i = 0; pad > 0 && i < batch->size; i++) {
        rb_rng rng = rb_rng_stream(seed, RB_RNG_SHIFT, update);
        rng.position = (uint64_t)i * WORDS;
        shift_state(batch, batch->states, i, pad, &rng);
        shift_state(batch, batch->next_states, i, pad, &rng);
    }
}

// A normal number, but at most 2 in size.
static float factor(rb_rng *rng, double scale)
{
    float z;
    rb_rng_normal_fill(rng, &z, 1);
    return (float)(1 + scale * fmax(-2, fmin(2, (double)z)));
}

void rb_intensity_batch(rb_batch *batch, double scale, uint64_t seed, uint64_t update)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_INTENSITY, update);
    for (int i = 0; batch->intensities && i < batch->size; i++) {
        batch->intensities[i] = factor(&rng, scale);
        batch->next_intensities[i] = factor(&rng, scale);
    }
}
