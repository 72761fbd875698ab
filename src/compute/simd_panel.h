// The two kernels that go through a panel's records, 16 inputs at a time:
//
//     compose    record -> w, or mu + sigma * noise -+
//     update     gradient of the 16 x 16 tile ->     +-> tile of floats -> pack, transposed pack
//                optimiser -> record -> composed ----+   (again for each further noise: pack)
//
// and compose_packs, which needs no tile: it composes units of mu and sigma directly.
//
// For a wide layer the update is bound by memory: its records are read and written once, in one stream that
// is prefetched well ahead, and everything else (the gradient, the tile) stays in the first-level cache.
#ifndef RB_COMPUTE_SIMD_PANEL_H
#define RB_COMPUTE_SIMD_PANEL_H

#include "compute/simd_arrays.h"
#include "compute/simd_matrix.h"

#define TILE_ROWS     RB_PANEL
#define ROW_VECTORS   (RB_PANEL / LANES)
#define RECORDS_AHEAD (6 * 1024 / 4) // floats
#define GRADIENT_HEIGHT                                                                                      \
    (ROW_VECTORS == 1 ? 8 : ROW_VECTORS == 2 ? 6 : 3) // so that the sums fit into registers

typedef float tile[TILE_ROWS][RB_PANEL];

INLINE int record_floats(const rb_panel_place *p)
{
    return (p->noisy ? 2 : 1) * (1 + p->moments) * RB_PANEL;
}

// --- packing ---

#define TURN_STEP(s)                                                                                         \
    UNROLL for (int i = 0; i < LANES; i++)                                                                   \
    {                                                                                                        \
        if (i & (s)) continue;                                                                               \
        const vf a = x[i], b = x[i + (s)];                                                                   \
        x[i] = __builtin_shufflevector(a, b, EACH_LANE(UPPER_OF, s));                                        \
        x[i + (s)] = __builtin_shufflevector(a, b, EACH_LANE(LOWER_OF, s));                                  \
    }

// Transposes LANES x LANES floats: blocks of half that size are swapped across the diagonal, then blocks of
// a quarter, down to single floats.
INLINE void turn_block(const float *from, float *to)
{
    vf x[LANES];
    UNROLL for (int i = 0; i < LANES; i++) x[i] = LOAD(from + i * RB_PANEL);
#if LANES == 16
    TURN_STEP(8)
#endif
#if LANES >= 8
    TURN_STEP(4)
#endif
    TURN_STEP(2)
    TURN_STEP(1)
    UNROLL for (int i = 0; i < LANES; i++) STORE(to + i * RB_PANEL, x[i]);
}

INLINE void turn(const tile from, tile to)
{
    for (int r = 0; r < RB_PANEL; r += LANES) {
        for (int c = 0; c < RB_PANEL; c += LANES) turn_block(&from[r][c], &to[c][r]);
    }
}

// Packs rows of 16 floats into units of T rows: [rows/T][16][T].
INLINE void pack_rows(const tile rows, int count, const bool past_caches, rb_unit *out)
{
    for (int r = 0; r < count; r += TOGETHER, out += RB_PANEL) {
        UNROLL for (int j = 0; j < RB_PANEL; j += LANES)
        {
            const unit_vector x = pair_of(LOAD(rows[r] + j), LOAD(rows[r + TOGETHER - 1] + j));
            past_caches ? stream_units(out + j, x) : store_units(out + j, x);
        }
    }
}

// Packs a finished tile of `count` inputs from `input` on. Rows after them are zero in the transposed pack.
INLINE void pack_tile(const rb_panel_place *p, const bool past_caches, tile done, int input, int count)
{
    if (p->pack) pack_rows(done, count, past_caches, p->pack + UNITS(input) * RB_PANEL);
    if (!p->transposed) return;
    for (int r = count; r < TILE_ROWS; r++) memset(done[r], 0, sizeof done[r]);
    tile transposed;
    turn(done, transposed);
    pack_rows(transposed, RB_PANEL, past_caches, p->transposed + input / RB_PANEL * p->transposed_panel);
}

// --- noise ---

INLINE bool has_noise(const rb_panel_noise *noise)
{
    return noise->rows || noise->all;
}

INLINE vf noise_at(const rb_panel_noise *noise, int input, int lane)
{
    if (noise->all) return LOAD(noise->all + (ptrdiff_t)input * RB_PANEL + lane);
    return noise->rows[input] * LOAD(noise->columns + lane);
}

static void compose(const rb_panel_place *place, const rb_panel_noise *noise, float scale)
{
    const int step = record_floats(place), sigma = (1 + place->moments) * RB_PANEL;
    const bool noisy = place->noisy && has_noise(noise);
    for (int input = 0; input < place->inputs; input += TILE_ROWS) {
        const int count = place->inputs - input < TILE_ROWS ? place->inputs - input : TILE_ROWS;
        const float *record = place->record + (ptrdiff_t)input * step;
        tile done;
        for (int r = 0; r < count; r++, record += step) {
            __builtin_prefetch(record + RECORDS_AHEAD);
            if (noisy) __builtin_prefetch(record + RECORDS_AHEAD + sigma);
            UNROLL for (int j = 0; j < RB_PANEL; j += LANES)
            {
                vf w = LOAD(record + j);
                if (noisy) w = multiply_add(w, LOAD(record + sigma + j), noise_at(noise, input + r, j));
                STORE(done[r] + j, w * scale);
            }
        }
        pack_tile(place, false, done, input, count);
    }
}

static void compose_packs(const rb_unit *mu, const rb_unit *sigma, int inputs, const rb_panel_noise *noise,
                          rb_unit *out)
{
    for (int input = 0; input < inputs; input += TOGETHER) {
        UNROLL for (int j = 0; j < RB_PANEL; j += LANES)
        {
            const ptrdiff_t at = (ptrdiff_t)UNITS(input) * RB_PANEL + j;
            const unit_vector m = LOAD_UNITS(mu + at), s = LOAD_UNITS(sigma + at);
            __builtin_prefetch(mu + at + RECORDS_AHEAD);
            __builtin_prefetch(sigma + at + RECORDS_AHEAD);
            const vf first = multiply_add(first_of(m), first_of(s), noise_at(noise, input, j));
            const vf second =
                multiply_add(second_of(m), second_of(s), noise_at(noise, input + TOGETHER - 1, j));
            store_units(out + at, pair_of(first, second));
        }
    }
}

// --- update ---

// The gradient of a tile: sum over steps of x[step][i] * y[step][column].
INLINE void gradient_rows(const int rows, const rb_panel_step *s, int input, float (*out)[RB_PANEL])
{
    vf sum[GRADIENT_HEIGHT * ROW_VECTORS];
    UNROLL for (int i = 0; i < rows * ROW_VECTORS; i++) sum[i] = (vf){0};
    const unit *x = (const unit *)s->x + input, *y = (const unit *)s->y;
    for (int step = 0; step < s->steps; step++, x += s->x_step, y += s->y_step) {
        unit_vector ys[ROW_VECTORS];
        UNROLL for (int j = 0; j < ROW_VECTORS; j++) ys[j] = LOAD_UNITS(y + j * LANES);
        UNROLL for (int r = 0; r < rows; r++)
        {
            const spread xr = SPREAD(x[r]);
            UNROLL for (int j = 0; j < ROW_VECTORS; j++) sum[r * ROW_VECTORS + j] =
                MULTIPLY_ADD(sum[r * ROW_VECTORS + j], xr, ys[j]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
    {
        UNROLL for (int j = 0; j < ROW_VECTORS; j++) STORE(out[r] + j * LANES, sum[r * ROW_VECTORS + j]);
    }
}

typedef void gradient_fn(const rb_panel_step *s, int input, float (*out)[RB_PANEL]);
#define GRADIENT_OF(rows)                                                                                    \
    static void gradient_##rows(const rb_panel_step *s, int input, float(*out)[RB_PANEL])                    \
    {                                                                                                        \
        gradient_rows(rows, s, input, out);                                                                  \
    }
// clang-format off
GRADIENT_OF(1) GRADIENT_OF(2) GRADIENT_OF(3)
#if GRADIENT_HEIGHT >= 6
GRADIENT_OF(4) GRADIENT_OF(5) GRADIENT_OF(6)
#endif
#if GRADIENT_HEIGHT == 8
GRADIENT_OF(7) GRADIENT_OF(8)
#endif
static gradient_fn *const gradients[GRADIENT_HEIGHT] = {
    gradient_1, gradient_2, gradient_3,
#if GRADIENT_HEIGHT >= 6
    gradient_4, gradient_5, gradient_6,
#endif
#if GRADIENT_HEIGHT == 8
    gradient_7, gradient_8,
#endif
};
// clang-format on

// Rows are divided into blocks of nearly equal height, as in a product.
static void tile_gradient(const rb_panel_step *s, int input, int count, tile out)
{
    const int blocks = (count + GRADIENT_HEIGHT - 1) / GRADIENT_HEIGHT;
    for (int b = 0, r = 0; b < blocks; b++) {
        const int rows = (count - r) / (blocks - b);
        gradients[rows - 1](s, input + r, out + r);
        r += rows;
    }
}

// A record has w, v and, if the rule uses it, m: 16 floats each.
INLINE vf step_record(const rb_rule_kind kind, const rb_rule *rule, float *record, vf gradient)
{
    vf v = LOAD(record + RB_PANEL), m = {0};
    if (kind != RB_RULE_RMSPROP) m = LOAD(record + 2 * RB_PANEL);
    const vf w = rule_step(kind, rule, LOAD(record), &m, &v, gradient);
    STORE(record, w);
    STORE(record + RB_PANEL, v);
    if (kind != RB_RULE_RMSPROP) STORE(record + 2 * RB_PANEL, m);
    return w;
}

INLINE void step_row(const rb_panel_step *s, const rb_rule *rule, const rb_panel_noise *next,
                     const int moments, const rb_rule_kind kind, const bool noisy, float *record, int input,
                     const float *gradient, float *composed, float (*more)[TILE_ROWS][RB_PANEL])
{
    const ptrdiff_t sigma = (ptrdiff_t)(1 + moments) * RB_PANEL;
    UNROLL for (int j = 0; j < RB_PANEL; j += LANES)
    {
        const vf g = LOAD(gradient + j);
        vf w = step_record(kind, rule, record + j, g);
        if (noisy) {
            const vf sigma_new =
                step_record(kind, rule, record + sigma + j, g * noise_at(&s->noise, input, j));
            for (int e = 0; e < s->more_count; e++)
                STORE(more[e][input % TILE_ROWS] + j,
                      multiply_add(w, sigma_new, noise_at(&s->more[e].noise, input, j)));
            w = multiply_add(w, sigma_new, noise_at(next, input, j));
        }
        STORE(composed + j, w);
    }
}

INLINE void update_as(const rb_panel_place *place, const rb_panel_step *s, const rb_panel_noise *next,
                      const rb_rule_kind kind, const bool noisy)
{
    const int floats = record_floats(place);
    const rb_rule rule = *s->rule;
    for (int input = 0; input < place->inputs; input += TILE_ROWS) {
        const int count = place->inputs - input < TILE_ROWS ? place->inputs - input : TILE_ROWS;
        tile made, done, more[RB_PANEL_MORE_MOST];
        const float *gradient = s->gradient ? s->gradient + (ptrdiff_t)input * RB_PANEL : made[0];
        if (!s->gradient) tile_gradient(s, input, count, made);
        float *record = place->record + (ptrdiff_t)input * floats;
        for (int r = 0; r < count; r++, record += floats) {
            for (int i = 0; i < floats; i += RB_PANEL) __builtin_prefetch(record + RECORDS_AHEAD + i, 1);
            step_row(s, &rule, next, place->moments, kind, noisy, record, input + r, gradient + r * RB_PANEL,
                     done[r], more);
        }
        for (int e = 0; e < s->more_count && noisy; e++)
            pack_rows(more[e], count, place->past_caches, s->more[e].pack + UNITS(input) * RB_PANEL);
        if (place->past_caches)
            pack_tile(place, true, done, input, count);
        else
            pack_tile(place, false, done, input, count);
    }
    if (place->past_caches) end_stream();
}

// If noise is missing in `s` or in `next`, only mu is updated and packed.
static void update(const rb_panel_place *place, const rb_panel_step *s, const rb_panel_noise *next)
{
    const bool noisy = place->noisy && has_noise(&s->noise) && has_noise(next);
    switch (s->rule->kind) {
    case RB_RULE_ADAM:
        noisy ? update_as(place, s, next, RB_RULE_ADAM, true)
              : update_as(place, s, next, RB_RULE_ADAM, false);
        break;
    case RB_RULE_RMSPROP:
        noisy ? update_as(place, s, next, RB_RULE_RMSPROP, true)
              : update_as(place, s, next, RB_RULE_RMSPROP, false);
        break;
    case RB_RULE_RMSPROP_CENTERED:
        noisy ? update_as(place, s, next, RB_RULE_RMSPROP_CENTERED, true)
              : update_as(place, s, next, RB_RULE_RMSPROP_CENTERED, false);
        break;
    }
}

#endif
