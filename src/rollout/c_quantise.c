#include "rollout/c_quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rainbow/env.h"
#include "rollout/c_run.h"

enum {
    LANES = 16, // sums side by side; samples are padded to a multiple
    WAYS = 2,   // through a row; a third one gains nothing
    FITS = 10,  // the same for the layers that end the network
};
static const double scratch_bytes_most = 256e6; // of all samples together

static const float hold = 0.1f, room = 1.2f;
static const double work_most = 2e9; // weights times samples

typedef struct calibration {
    rb_c_plan *plan;
    const rb_c_plan *exact; // the same network in float
    int64_t weights;        // of all layers
    int count, padded;      // samples
    const uint8_t *observations;
    size_t observation_bytes;
    float *scratch[2]; // [count][plan->scratch] of the exact and of the quantised network, so far
} calibration;

// What one layer reads, number by number: [inputs of a row][padded samples].
typedef struct columns {
    float *exact, *given; // in the float network, and in the quantised one
    float *square;        // [inputs]: the sum of squares of `given`
    float *left;          // [padded]: what a row's output still lacks
} columns;

static float dot(const float *a, const float *b, int count)
{
    float sum[LANES] = {0}, total = 0;
    for (int i = 0; i < count; i += LANES)
        for (int k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
    for (int k = 0; k < LANES; k++) total += sum[k];
    return total;
}

// The number at `index` of what a layer reads for sample `s`.
static float read_number(const calibration *c, int which, int layer, int s, int index)
{
    const rb_c_layer *l = &c->plan->layer[layer];
    if (l->source >= 0)
        return c->scratch[which][(int64_t)s * c->plan->scratch + c->plan->layer[l->source].at + index];
    const uint8_t *observation = c->observations + (size_t)s * c->observation_bytes;
    if (c->plan->bytes) return observation[index];
    float value;
    memcpy(&value, observation + sizeof value * (size_t)index, sizeof value);
    return value;
}

// A convolution's row reads a window: one per sample, at places that are spread over the picture.
static float read_window(const calibration *c, int which, int layer, int s, int input)
{
    const agent_shape *shape = &c->plan->layer[layer].shape;
    const uint32_t place = (uint32_t)s * 2654435761u;
    const int row = (int)((place >> 16) % (uint32_t)shape->out_height) * shape->stride - shape->pad;
    const int column = (int)((place & 0xffff) % (uint32_t)shape->out_width) * shape->stride - shape->pad;
    const int window = shape->kernel * shape->kernel, plane = input / window;
    const int y = row + input % window / shape->kernel, x = column + input % shape->kernel;
    if (y < 0 || x < 0 || y >= shape->height || x >= shape->width) return 0;
    return read_number(c, which, layer, s, (plane * shape->height + y) * shape->width + x);
}

static void fill(const calibration *c, int layer, int inputs, columns *out)
{
    const bool conv = c->plan->layer[layer].kind == RB_C_CONV;
    for (int which = 0; which < 2; which++)
        for (int i = 0; i < inputs; i++) {
            float *column = (which ? out->given : out->exact) + (size_t)i * (size_t)c->padded;
            for (int s = 0; s < c->count; s++)
                column[s] = conv ? read_window(c, which, layer, s, i) : read_number(c, which, layer, s, i);
        }
    for (int i = 0; i < inputs; i++) {
        const float *column = out->given + (size_t)i * (size_t)c->padded;
        out->square[i] = dot(column, column, c->padded);
    }
}

// Gives each weight, one after the other, the integer that brings the row's output nearest to what is wanted
// of it, given the integers of all others; on the first way through, those that follow are still exact. With
// 8 bits it is an integer beside the weight's own value. `loose`: any integer, but `hold` pulls it to its own
// value, so that it fits the games to come too.
static void round_row(const calibration *c, const columns *in, int inputs, const float *weight, float scale,
                      bool loose, int16_t *out)
{
    const size_t padded = (size_t)c->padded;
    memset(in->left, 0, padded * sizeof *in->left);
    for (int way = 0; way < (loose ? FITS : WAYS); way++)
        for (int i = 0; i < inputs; i++) {
            const float *exact = in->exact + (size_t)i * padded, *given = in->given + (size_t)i * padded;
            const float here = weight[i] / scale, held = way ? (float)out[i] : 0, square = in->square[i];
            if (!way)
                for (size_t s = 0; s < padded; s++) in->left[s] += weight[i] * exact[s];
            float wanted = here;
            if (square > 0) wanted = held + dot(given, in->left, c->padded) / square / scale;
            if (loose) wanted = (wanted + hold * here) / (1 + hold);
            const float least = loose ? -INT16_MAX : fmaxf(floorf(here), -INT8_MAX);
            const float most = loose ? INT16_MAX : fminf(ceilf(here), INT8_MAX);
            out[i] = (int16_t)fminf(fmaxf(rintf(wanted), least), most);
            const float taken = scale * ((float)out[i] - held);
            if (taken != 0)
                for (size_t s = 0; s < padded; s++) in->left[s] -= taken * given[s];
        }
}

// Returns the row's scale. `fine`: a row of 16 bits, with room above its largest weight.
static float quantise_row(const calibration *c, const columns *in, int inputs, const float *weight, bool fine,
                          int16_t *out, float *bias)
{
    float largest = 0;
    for (int i = 0; i < inputs; i++) largest = fmaxf(largest, fabsf(weight[i]));
    const float scale = fine ? room * largest / INT16_MAX : largest / INT8_MAX;
    memset(out, 0, (size_t)inputs * sizeof *out);
    if (!(scale > 0)) return 0;
    round_row(c, in, inputs, weight, scale, fine, out);
    double left = 0;
    for (int s = 0; s < c->count; s++) left += in->left[s];
    *bias += (float)(left / c->count);
    return scale;
}

static rb_status quantise_layer(const calibration *c, int layer, rb_arena *arena, rb_error *error)
{
    rb_c_layer *l = &c->plan->layer[layer];
    const int rows = l->planes, inputs = l->weights / rows;
    if (inputs < RB_C_SHORT_ROW || l->weights < c->weights / 50) return RB_OK;
    const bool fine = layer == c->plan->advantage || layer == c->plan->value;
    int8_t *int8 = fine ? NULL : RB_TAKE(arena, int8_t, l->weights);
    int16_t *int16 = fine ? RB_TAKE(arena, int16_t, l->weights) : NULL;
    int16_t *row = RB_TAKE(arena, int16_t, inputs);
    float *scale = RB_TAKE(arena, float, rows), *bias = RB_TAKE(arena, float, rows);
    rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    memcpy(bias, l->bias, (size_t)rows * sizeof *bias);
    const size_t numbers = (size_t)inputs * (size_t)c->padded;
    columns in = {calloc(numbers, sizeof(float)), calloc(numbers, sizeof(float)),
                  calloc((size_t)inputs, sizeof(float)), calloc((size_t)c->padded, sizeof(float))};
    if (in.exact && in.given && in.square && in.left) {
        fill(c, layer, inputs, &in);
        for (int r = 0; r < rows; r++) {
            const size_t at = (size_t)r * (size_t)inputs;
            scale[r] = quantise_row(c, &in, inputs, l->weight + at, fine, row, &bias[r]);
            for (size_t i = 0; i < (size_t)inputs; i++)
                if (fine)
                    int16[at + i] = row[i];
                else
                    int8[at + i] = (int8_t)row[i];
        }
        l->type = fine ? RB_C_INT16 : RB_C_INT8;
        l->int8 = int8, l->int16 = int16, l->scale = scale, l->bias = bias, l->weight = NULL;
    } else {
        status =
            rb_error_set(error, RB_ERR_MEMORY, "no memory to quantise a layer of %d weights", l->weights);
    }
    free(in.exact), free(in.given), free(in.square), free(in.left);
    return status;
}

// Both networks go through the layers side by side, all samples through one layer before the next. With an
// implicit head, each sample has one of the fractions.
static rb_status quantise_layers(const calibration *c, rb_arena *arena, rb_error *error)
{
    for (int i = 0; i < c->plan->count; i++) {
        const rb_c_kind kind = c->plan->layer[i].kind;
        rb_status status = RB_OK;
        if (kind == RB_C_LINEAR || kind == RB_C_CONV) status = quantise_layer(c, i, arena, error);
        if (status) return status;
        for (int s = 0; s < c->count; s++) {
            const uint8_t *observation = c->observations + (size_t)s * c->observation_bytes;
            const int fraction = c->plan->fractions ? s % c->plan->fractions : 0;
            rb_c_run_layer(c->exact, i, fraction, observation, c->scratch[0] + (int64_t)s * c->plan->scratch);
            rb_c_run_layer(c->plan, i, fraction, observation, c->scratch[1] + (int64_t)s * c->plan->scratch);
        }
    }
    return RB_OK;
}

static int64_t count_weights(const rb_c_plan *plan)
{
    int64_t sum = 0;
    for (int i = 0; i < plan->count; i++) sum += plan->layer[i].weights;
    return sum;
}

int rb_c_quantise_samples(const rb_c_plan *plan)
{
    const double fit = work_most / fmax(1, (double)count_weights(plan));
    return (int)fmin(fmax(fit, 256), 2048);
}

rb_status rb_c_quantise(rb_c_plan *plan, const void *observations, int count, rb_arena *arena,
                        rb_error *error)
{
    rb_c_plan *exact = malloc(sizeof *exact);
    calibration c = {.plan = plan,
                     .exact = exact,
                     .weights = count_weights(plan),
                     .count = count,
                     .observations = observations};
    c.observation_bytes =
        rb_obs_bytes(plan->bytes ? RB_OBS_U8 : RB_OBS_F32, (size_t)rb_c_plan_observation(plan));
    const double each = 2 * sizeof(float) * (double)plan->scratch;
    if (c.count * each > scratch_bytes_most) c.count = (int)fmax(1, scratch_bytes_most / each);
    c.padded = (c.count + LANES - 1) / LANES * LANES;
    for (int which = 0; which < 2; which++)
        c.scratch[which] = calloc((size_t)c.count * (size_t)plan->scratch, sizeof(float));
    rb_status status = RB_OK;
    if (exact && c.scratch[0] && c.scratch[1]) {
        *exact = *plan;
        plan->int8 = true;
        status = quantise_layers(&c, arena, error);
    } else {
        status =
            rb_error_set(error, RB_ERR_MEMORY, "no memory to run %d samples through two networks", c.count);
    }
    free(exact), free(c.scratch[0]), free(c.scratch[1]);
    return status;
}
