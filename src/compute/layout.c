#include "compute/layout.h"

#include <math.h>
#include <string.h>

int rb_layout_panels(const rb_layout *l)
{
    return (l->outputs + RB_PANEL - 1) / RB_PANEL;
}
int rb_layout_inputs(const rb_layout *l)
{
    return l->height * l->width * l->stride + l->extra_stride;
}
ptrdiff_t rb_layout_panel(const rb_layout *l, int vectors)
{
    return (ptrdiff_t)(rb_layout_inputs(l) | 1) * RB_PANEL * vectors;
}
ptrdiff_t rb_layout_pack(const rb_layout *l, int per_unit)
{
    return (ptrdiff_t)(rb_layout_inputs(l) / per_unit | 1) * RB_PANEL;
}

size_t rb_layout_numbers(const rb_layout *l, int vectors)
{
    return (size_t)rb_layout_panels(l) * (size_t)rb_layout_panel(l, vectors);
}

int rb_layout_outputs(const rb_layout *l)
{
    return l->out_pixels ? l->out_channels * l->out_pixels + l->out_extra : l->outputs;
}

// The column of an output of PyTorch's.
static size_t column_of(const rb_layout *l, size_t output)
{
    if (!l->out_pixels) return output;
    const size_t pixels = (size_t)l->out_pixels, picture = pixels * (size_t)l->out_channels;
    if (output >= picture) return pixels * (size_t)l->out_stride + output - picture;
    return output % pixels * (size_t)l->out_stride + output / pixels;
}

// The output of PyTorch's in a column; false if the column is padding.
static bool output_of(const rb_layout *l, size_t column, size_t *output)
{
    *output = column;
    if (!l->out_pixels) return column < (size_t)l->outputs;
    const size_t picture = (size_t)l->out_pixels * (size_t)l->out_stride;
    const size_t channel = column % (size_t)l->out_stride, channels = (size_t)l->out_channels;
    *output = column < picture ? channel * (size_t)l->out_pixels + column / (size_t)l->out_stride
                               : channels * (size_t)l->out_pixels + column - picture;
    return column < picture ? channel < channels : column - picture < (size_t)l->out_extra;
}

int rb_layout_width(const rb_layout *l)
{
    return l->channels * l->height * l->width + l->extra;
}

size_t rb_layout_count(const rb_layout *l)
{
    return (size_t)rb_layout_outputs(l) * (size_t)rb_layout_width(l);
}

// The place of number i of PyTorch's order in the records; `input` is its input's index in the panel.
static size_t place(const rb_layout *l, int vectors, size_t i, size_t *input)
{
    const size_t area = (size_t)l->height * (size_t)l->width, window = area * (size_t)l->channels,
                 width = window + (size_t)l->extra, at = i % width;
    const size_t output = column_of(l, i / width);
    *input = at < window ? at % area * (size_t)l->stride + at / area : area * (size_t)l->stride + at - window;
    return output / RB_PANEL * (size_t)rb_layout_panel(l, vectors) + *input * RB_PANEL * (size_t)vectors +
           output % RB_PANEL;
}

void rb_layout_get(const rb_layout *layout, const float *panels, int vectors, float *torch)
{
    const size_t count = rb_layout_count(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) torch[i] = panels[place(layout, vectors, i, &input)];
}

void rb_layout_set(const rb_layout *layout, float *panels, int vectors, const float *torch)
{
    const size_t count = rb_layout_count(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) panels[place(layout, vectors, i, &input)] = torch[i];
}

static void mix(float *old, float keep, float new)
{
    *old = keep > 0 ? keep * *old + (1 - keep) * new : new;
}

void rb_layout_fill(const rb_layout *layout, float *panels, int vectors, float keep, float value)
{
    const size_t count = rb_layout_count(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) mix(&panels[place(layout, vectors, i, &input)], keep, value);
}

void rb_layout_uniform(const rb_layout *layout, float *panels, int vectors, float keep, double low,
                       double high, rb_rng *rng)
{
    const size_t count = rb_layout_count(layout);
    size_t input;
    for (size_t i = 0; i < count; i++)
        mix(&panels[place(layout, vectors, i, &input)], keep, (float)rb_rng_range(rng, low, high));
}

void rb_layout_normal(const rb_layout *layout, float *panels, int vectors, float keep, double deviation,
                      rb_rng *rng)
{
    static const double kept = 0.87962566103423978; // the deviation of a standard normal cut at -2 and 2
    const size_t count = rb_layout_count(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) {
        float x;
        do rb_rng_normal_fill(rng, &x, 1);
        while (fabsf(x) > 2);
        mix(&panels[place(layout, vectors, i, &input)], keep, (float)(x * deviation / kept));
    }
}

void rb_layout_copy(const rb_layout *l, float *to, int to_vectors, const float *from, int from_vectors)
{
    const int inputs = rb_layout_inputs(l);
    for (int panel = 0; panel < rb_layout_panels(l); panel++) {
        float *line = to + panel * rb_layout_panel(l, to_vectors);
        const float *source = from + panel * rb_layout_panel(l, from_vectors);
        for (int i = 0; i < inputs; i++, line += to_vectors * RB_PANEL, source += from_vectors * RB_PANEL)
            memcpy(line, source, RB_PANEL * sizeof(float));
    }
}

void rb_layout_get_inputs(const rb_layout *layout, const float *inputs, float *torch)
{
    const size_t count = rb_layout_count(layout) / (size_t)rb_layout_outputs(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) {
        place(layout, 1, i, &input);
        torch[i] = inputs[input];
    }
}

void rb_layout_set_inputs(const rb_layout *layout, float *inputs, const float *torch)
{
    const size_t count = rb_layout_count(layout) / (size_t)rb_layout_outputs(layout);
    size_t input;
    for (size_t i = 0; i < count; i++) {
        place(layout, 1, i, &input);
        inputs[input] = torch[i];
    }
}

void rb_layout_scatter(const rb_layout *l, int panel, int input, int count, const float *rows, float *torch)
{
    const int area = l->height * l->width, window = area * l->stride;
    for (int i = input; i < input + count; i++, rows += RB_PANEL) {
        const int channel = i % l->stride, pixel = i / l->stride;
        if (i < window ? channel >= l->channels : i - window >= l->extra) continue;
        const int at = i < window ? channel * area + pixel : l->channels * area + i - window;
        for (int c = 0; c < RB_PANEL; c++) {
            size_t output;
            if (panel * RB_PANEL + c >= l->outputs) break;
            if (output_of(l, (size_t)(panel * RB_PANEL + c), &output))
                torch[output * (size_t)rb_layout_width(l) + (size_t)at] = rows[c];
        }
    }
}

void rb_floats_square(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = x[i] * x[i];
}

void rb_floats_scale(float *x, float factor, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] *= factor;
}

double rb_doubles_dot(const double *x, const double *y, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * y[i];
    return sum;
}

void rb_rows_pack(const float *rows, ptrdiff_t row, int count, int columns, float *packed)
{
    for (int r = 0; r < count; r++)
        memcpy(packed + (size_t)r * (size_t)columns, rows + r * row, (size_t)columns * sizeof(float));
}

void rb_bytes_scale(const uint8_t *bytes, float scale, float offset, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = scale * (float)bytes[i] + offset;
}

void rb_floats_relu(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0 ? 0 : x[i]; // keeps NaN, so that it is noticed
}

void rb_floats_mask(float *out, const float *x, const float *activation, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = activation[i] > 0 ? x[i] : 0;
}

void rb_planes_get(const float *picture, int channels, int columns, int pixels, float *torch)
{
    for (int c = 0; c < channels; c++) {
        for (int i = 0; i < pixels; i++)
            torch[(size_t)c * (size_t)pixels + (size_t)i] = picture[(ptrdiff_t)i * columns + c];
    }
}

void rb_planes_set(float *picture, int channels, int columns, int pixels, const float *torch)
{
    for (int c = 0; c < channels; c++) {
        for (int i = 0; i < pixels; i++)
            picture[(ptrdiff_t)i * columns + c] = torch[(size_t)c * (size_t)pixels + (size_t)i];
    }
}

static void sum_actions(const float *x, int actions, int outputs, int some, float *restrict sum)
{
    for (int i = 0; i < some; i++) sum[i] = 0;
    for (int a = 0; a < actions; a++, x += outputs)
        for (int i = 0; i < some; i++) sum[i] += x[i];
}

// Outputs in blocks, each number summed over the actions in their order: so the loops over a block are
// vectors.
enum { OUTPUTS_AT_ONCE = 64 };

void rb_dueling_join(const float *advantage, ptrdiff_t advantage_row, const float *value, ptrdiff_t value_row,
                     int count, int actions, int outputs, float *q)
{
    float base[OUTPUTS_AT_ONCE];
    for (int b = 0; b < count; b++, advantage += advantage_row, value += value_row, q += actions * outputs) {
        for (int z = 0; z < outputs; z += OUTPUTS_AT_ONCE) {
            const int some = outputs - z < OUTPUTS_AT_ONCE ? outputs - z : OUTPUTS_AT_ONCE;
            sum_actions(advantage + z, actions, outputs, some, base);
            for (int i = 0; i < some; i++) base[i] = value[z + i] - base[i] / (float)actions;
            for (int a = 0; a < actions; a++) {
                const float *restrict from = advantage + a * outputs + z;
                float *restrict to = q + a * outputs + z;
                for (int i = 0; i < some; i++) to[i] = base[i] + from[i];
            }
        }
    }
}

void rb_dueling_split(const float *q_gradient, int count, int actions, int outputs, float *advantage,
                      ptrdiff_t advantage_row, float *value, ptrdiff_t value_row)
{
    float sum[OUTPUTS_AT_ONCE];
    for (int b = 0; b < count;
         b++, advantage += advantage_row, value += value_row, q_gradient += actions * outputs) {
        for (int z = 0; z < outputs; z += OUTPUTS_AT_ONCE) {
            const int some = outputs - z < OUTPUTS_AT_ONCE ? outputs - z : OUTPUTS_AT_ONCE;
            sum_actions(q_gradient + z, actions, outputs, some, sum);
            memcpy(value + z, sum, (size_t)some * sizeof *sum);
            for (int i = 0; i < some; i++) sum[i] /= (float)actions;
            for (int a = 0; a < actions; a++) {
                const float *restrict from = q_gradient + a * outputs + z;
                float *restrict to = advantage + a * outputs + z;
                for (int i = 0; i < some; i++) to[i] = from[i] - sum[i];
            }
        }
    }
}
