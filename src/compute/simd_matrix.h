// Matrix kernels: a tile of the result stays in registers while the sum runs.
//
//     gemm, outer     ROWS x 2 vectors; a step loads 2 vectors, and each row's number, spread over a vector,
//     multiplies both dot             DOT_ROWS x DOT_INPUTS vectors, each the lanes of one sum, added up at
//     the end
//
// 32 registers of 64 bytes hold 12 x 2 accumulators, 16 of 32 or 16 bytes hold 6 x 2. A tile's last vectors
// may be one instead of two where vectors are as wide as a panel. Rows are cut into tiles of nearly equal
// height.
#ifndef RB_COMPUTE_SIMD_MATRIX_H
#define RB_COMPUTE_SIMD_MATRIX_H

#include "compute/simd_vector.h"

#define DOT_ROWS 2
#if RB_VECTOR_BYTES == 64
#define ROWS       12
#define DOT_INPUTS 8
#else
#define ROWS       6
#define DOT_INPUTS 4
#endif

// Where a block of columns begins in panels, and how far its second vector is from the first.
#define PANEL_AT(base, panel, column) ((base) + (column) / RB_PANEL * (panel) + (column) % RB_PANEL)
#define SECOND(panel)                 (LANES < RB_PANEL ? (ptrdiff_t)LANES : (panel))

INLINE void gemm_put(const rb_gemm *job, float *at, vf x)
{
    if (job->relu) x = (vf)((vi)x & ~(x < 0)); // keeps NaN, so that it is seen
    STORE(at, job->add ? LOAD(at) + x : x);
}

INLINE void gemm_tile(const int rows, const int vectors, const bool ahead, const rb_gemm *job, const float *a,
                      const float *w, const float *bias, float *out)
{
    vf sum0[ROWS], sum1[ROWS];
    const ptrdiff_t row = job->a_row, out_row = job->out_row, second = SECOND(job->w_panel);
    UNROLL for (int r = 0; r < rows; r++) sum0[r] = sum1[r] = (vf){0};
    if (job->resume) {
        UNROLL for (int r = 0; r < rows; r++) sum0[r] = LOAD(out + r * out_row);
        if (vectors == 2) {
            UNROLL for (int r = 0; r < rows; r++) sum1[r] = LOAD(out + r * out_row + LANES);
        }
    } else if (bias) {
        UNROLL for (int r = 0; r < rows; r++) sum0[r] = LOAD(bias);
        if (vectors == 2) {
            UNROLL for (int r = 0; r < rows; r++) sum1[r] = LOAD(bias + LANES);
        }
    }

    for (int s = 0; s < job->segments; s++) {
        const float *a0 = a + s * job->a_segment, *a3 = a0 + 3 * row, *a6 = a0 + 6 * row, *a9 = a0 + 9 * row;
        for (int k = 0; k < job->length; k++, w += RB_PANEL) {
            const vf w0 = LOAD(w), w1 = vectors == 2 ? LOAD(w + second) : w0;
            if (ahead) {
                UNROLL for (int i = 0; i < 4; i++) __builtin_prefetch(job->ahead[i] + k * RB_PANEL);
            }
            UNROLL for (int r = 0; r < rows; r++)
            {
                const float *base = r < 3 ? a0 : r < 6 ? a3 : r < 9 ? a6 : a9;
                const float x = base[r % 3 * row];
                sum0[r] += x * w0;
                if (vectors == 2) sum1[r] += x * w1;
            }
            a0++, a3++, a6++, a9++;
            KEEP_POINTERS(a0, a3, a6, a9);
        }
    }

    UNROLL for (int r = 0; r < rows; r++) gemm_put(job, out + r * out_row, sum0[r]);
    if (vectors == 2) {
        UNROLL for (int r = 0; r < rows; r++) gemm_put(job, out + r * out_row + LANES, sum1[r]);
    }
}

INLINE void outer_tile(const int rows, const int vectors, const rb_outer *job, const float *x, const float *y,
                       float *out)
{
    vf sum0[ROWS], sum1[ROWS];
    UNROLL for (int r = 0; r < rows; r++) sum0[r] = sum1[r] = (vf){0};

    for (int line = 0; line < job->lines; line++) {
        const float *xs = x + line * job->x_line, *ys = y + line * job->y_line;
        for (int step = 0; step < job->steps; step++, xs += job->x_step, ys += job->y_step) {
            const vf y0 = LOAD(ys), y1 = vectors == 2 ? LOAD(ys + LANES) : y0;
            UNROLL for (int r = 0; r < rows; r++)
            {
                sum0[r] += xs[r] * y0;
                if (vectors == 2) sum1[r] += xs[r] * y1;
            }
        }
    }

    float *out1 = out + SECOND(job->out_panel);
    if (job->add) {
        UNROLL for (int r = 0; r < rows; r++) sum0[r] += LOAD(out + r * RB_PANEL);
        if (vectors == 2) {
            UNROLL for (int r = 0; r < rows; r++) sum1[r] += LOAD(out1 + r * RB_PANEL);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) STORE(out + r * RB_PANEL, sum0[r]);
    if (vectors == 2) {
        UNROLL for (int r = 0; r < rows; r++) STORE(out1 + r * RB_PANEL, sum1[r]);
    }
}

// A function for each height of a tile, so that its accumulators have literal places.
#define TILE(rows)                                                                                           \
    static void gemm_##rows##x1(const rb_gemm *j, const float *a, const float *w, const float *b, float *o)  \
    {                                                                                                        \
        gemm_tile(rows, 1, false, j, a, w, b, o);                                                            \
    }                                                                                                        \
    static void gemm_##rows##x2(const rb_gemm *j, const float *a, const float *w, const float *b, float *o)  \
    {                                                                                                        \
        gemm_tile(rows, 2, false, j, a, w, b, o);                                                            \
    }                                                                                                        \
    static void gemm_##rows##x2_ahead(const rb_gemm *j, const float *a, const float *w, const float *b,      \
                                      float *o)                                                              \
    {                                                                                                        \
        gemm_tile(rows, 2, true, j, a, w, b, o);                                                             \
    }                                                                                                        \
    static void outer_##rows##x1(const rb_outer *j, const float *x, const float *y, float *o)                \
    {                                                                                                        \
        outer_tile(rows, 1, j, x, y, o);                                                                     \
    }                                                                                                        \
    static void outer_##rows##x2(const rb_outer *j, const float *x, const float *y, float *o)                \
    {                                                                                                        \
        outer_tile(rows, 2, j, x, y, o);                                                                     \
    }

// clang-format off
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if ROWS == 12
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define EACH_HEIGHT(f) f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12)
#else
#define EACH_HEIGHT(f) f(1), f(2), f(3), f(4), f(5), f(6)
#endif

#define GEMM_NAMES(rows)  { gemm_##rows##x1, gemm_##rows##x2, gemm_##rows##x2_ahead }
#define OUTER_NAMES(rows) { outer_##rows##x1, outer_##rows##x2 }
static void (*const gemm_tiles[ROWS][3])(const rb_gemm *, const float *, const float *, const float *, float *) = {
    EACH_HEIGHT(GEMM_NAMES)};
static void (*const outer_tiles[ROWS][2])(const rb_outer *, const float *, const float *, float *) = {
    EACH_HEIGHT(OUTER_NAMES)};
// clang-format on

static void gemm(const rb_gemm *job)
{
    const int columns = job->panels * RB_PANEL, tiles = (job->rows + ROWS - 1) / ROWS;
    for (int c = 0; c < columns; c += 2 * LANES) {
        const int vectors = columns - c >= 2 * LANES ? 2 : 1;
        const float *w = PANEL_AT(job->w, job->w_panel, c), *bias = job->bias ? job->bias + c : NULL;
        for (int line = 0; line < job->lines; line++) {
            const float *a = job->a + line * job->a_line;
            float *out = job->out + line * job->out_line + c;
            for (int t = 0, r = 0; t < tiles; t++) {
                const int rows = (job->rows - r) / (tiles - t);
                gemm_tiles[rows - 1][vectors == 1    ? 0
                                     : job->ahead[0] ? 2
                                                     : 1](job, a + r * job->a_row, w, bias,
                                                          out + r * job->out_row);
                r += rows;
            }
        }
    }
}

static void outer(const rb_outer *job)
{
    const int columns = job->panels * RB_PANEL, tiles = (job->inputs + ROWS - 1) / ROWS;
    for (int c = 0; c < columns; c += 2 * LANES) {
        const int vectors = columns - c >= 2 * LANES ? 2 : 1;
        float *out = PANEL_AT(job->out, job->out_panel, c);
        for (int t = 0, i = 0; t < tiles; t++) {
            const int rows = (job->inputs - i) / (tiles - t);
            outer_tiles[rows - 1][vectors - 1](job, job->x + i, job->y + c, out + i * RB_PANEL);
            i += rows;
        }
    }
}

INLINE float lanes_sum(vf x)
{
    float lane[LANES];
    memcpy(lane, &x, sizeof(lane));
    UNROLL for (int half = LANES / 2; half > 0; half /= 2)
    {
        UNROLL for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    }
    return lane[0];
}

// Sums of the lanes of LANES vectors, sum i in lane i: each level folds two vectors into one, in groups of 2s
// lanes whose lower s come from the first.
#define LOW(l, s)                                                                                            \
    ((l) / (2 * (s)) * 2 * (s) + ((l) % (2 * (s)) < (s) ? (l) % (2 * (s)) : LANES - (s) + (l) % (2 * (s))))
#define HIGH(l, s) (LOW(l, s) + (s))
#if RB_VECTOR_BYTES == 64
#define EACH_LANE(f, s)                                                                                      \
    f(0, s), f(1, s), f(2, s), f(3, s), f(4, s), f(5, s), f(6, s), f(7, s), f(8, s), f(9, s), f(10, s),      \
        f(11, s), f(12, s), f(13, s), f(14, s), f(15, s)
#elif RB_VECTOR_BYTES == 32
#define EACH_LANE(f, s) f(0, s), f(1, s), f(2, s), f(3, s), f(4, s), f(5, s), f(6, s), f(7, s)
#else
#define EACH_LANE(f, s) f(0, s), f(1, s), f(2, s), f(3, s)
#endif
#define FOLD(s)                                                                                              \
    UNROLL for (int j = 0; j < (s); j++)                                                                     \
    {                                                                                                        \
        x[j] = __builtin_shufflevector(x[j], x[j + (s)], EACH_LANE(LOW, s)) +                                \
               __builtin_shufflevector(x[j], x[j + (s)], EACH_LANE(HIGH, s));                                \
    }

INLINE vf lanes_sums(vf x[LANES])
{
#if LANES == 16
    FOLD(8)
#endif
#if LANES >= 8
    FOLD(4)
#endif
    FOLD(2)
    FOLD(1)
    return x[0];
}

INLINE void dot_tile(const int rows, const int inputs, const rb_dot *job, const float *y, const float *w,
                     float *out)
{
    vf sum[DOT_ROWS * DOT_INPUTS];
    UNROLL for (int t = 0; t < DOT_ROWS * DOT_INPUTS; t++) sum[t] = (vf){0};
    for (int p = 0; p < job->panels; p++, y += RB_PANEL, w += job->w_panel) {
        UNROLL for (int part = 0; part < RB_PANEL; part += LANES)
        {
            const vf y0 = LOAD(y + part), y1 = rows == 2 ? LOAD(y + job->y_row + part) : y0;
            UNROLL for (int i = 0; i < inputs; i++)
            {
                const vf x = LOAD(w + i * RB_PANEL + part);
                sum[i] += y0 * x;
                if (rows == 2) sum[DOT_INPUTS + i] += y1 * x;
            }
        }
    }
    float total[DOT_ROWS * DOT_INPUTS];
    UNROLL for (int t = 0; t < DOT_ROWS * DOT_INPUTS; t += LANES) STORE(total + t, lanes_sums(sum + t));
    for (int r = 0; r < rows; r++, out += job->out_row) {
        for (int i = 0; i < inputs; i++)
            out[i] = job->add ? out[i] + total[r * DOT_INPUTS + i] : total[r * DOT_INPUTS + i];
    }
}

#define DOT_TILE(name, rows, inputs)                                                                         \
    static void name(const rb_dot *job, const float *y, const float *w, float *out)                          \
    {                                                                                                        \
        dot_tile(rows, inputs, job, y, w, out);                                                              \
    }
DOT_TILE(dot_tall, 2, DOT_INPUTS)
DOT_TILE(dot_tall_narrow, 2, 1)
DOT_TILE(dot_row, 1, DOT_INPUTS)
DOT_TILE(dot_row_narrow, 1, 1)

// Inputs outside, rows inside: the weights of a few inputs stay in the first cache while all rows pass.
// Meanwhile the next inputs' weights are brought nearer: too many streams, one a panel, for the processor to
// foresee.
static void dot(const rb_dot *job)
{
    const int tiles = (job->rows + 1) / 2;
    for (int i = 0; i < job->inputs;) {
        const bool wide = job->inputs - i >= DOT_INPUTS;
        const float *w = job->w + (ptrdiff_t)i * RB_PANEL;
        for (int t = 0; t < tiles; t++) {
            for (int p = t; p < job->panels && wide; p += tiles) {
                const float *next = w + p * job->w_panel + DOT_INPUTS * RB_PANEL;
                UNROLL for (int n = 0; n < DOT_INPUTS; n++) __builtin_prefetch(next + n * RB_PANEL);
            }
            const float *y = job->y + 2 * t * job->y_row;
            float *out = job->out + 2 * t * job->out_row + i;
            if (job->rows - 2 * t >= 2) {
                (wide ? dot_tall : dot_tall_narrow)(job, y, w, out);
            } else {
                (wide ? dot_row : dot_row_narrow)(job, y, w, out);
            }
        }
        i += wide ? DOT_INPUTS : 1;
    }
}

// Partial sums of at most 512 terms are float, their total is double.
INLINE void gram_tile(const int n, const float *x, const float *y, ptrdiff_t row, int length,
                      const float *weights, double *out, ptrdiff_t out_row)
{
    for (int at = 0; at < length; at += 512) {
        const int end = length - at < 512 ? length : at + 512;
        vf sum[3][3];
        UNROLL for (int r = 0; r < n; r++)
        {
            UNROLL for (int c = 0; c < n; c++) sum[r][c] = (vf){0};
        }
        for (int i = at; i < end; i += LANES) {
            vf ys[3];
            UNROLL for (int c = 0; c < n; c++) ys[c] = LOAD(y + c * row + i);
            UNROLL for (int r = 0; r < n; r++)
            {
                vf xs = LOAD(x + r * row + i);
                if (weights) xs *= LOAD(weights + i);
                UNROLL for (int c = 0; c < n; c++) sum[r][c] += xs * ys[c];
            }
        }
        UNROLL for (int r = 0; r < n; r++)
        {
            UNROLL for (int c = 0; c < n; c++)
            {
                const double x0 = lanes_sum(sum[r][c]);
                out[r * out_row + c] = at ? out[r * out_row + c] + x0 : x0;
            }
        }
    }
}

static void gram(const float *x, ptrdiff_t row, int rows, int length, const float *weights, double *out)
{
    for (int r = 0; r < rows;) {
        const int high = rows - r >= 3 ? 3 : 1;
        for (int c = 0; c < r + high;) { // the part on and below the diagonal
            const bool whole = high == 3 && rows - c >= 3;
            if (whole) {
                gram_tile(3, x + r * row, x + c * row, row, length, weights, out + (ptrdiff_t)r * rows + c,
                          rows);
            } else {
                for (int h = 0; h < high; h++) {
                    gram_tile(1, x + (r + h) * row, x + c * row, row, length, weights,
                              out + (ptrdiff_t)(r + h) * rows + c, rows);
                }
            }
            c += whole ? 3 : 1;
        }
        r += high;
    }
    for (int r = 0; r < rows; r++) {
        for (int c = r + 1; c < rows; c++) out[(ptrdiff_t)r * rows + c] = out[(ptrdiff_t)c * rows + r];
    }
}

#endif
