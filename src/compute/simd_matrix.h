// Matrix kernels: a tile of the result stays in registers while the sum runs over units.
//
//                     2 vectors of w (gemm) or y (outer)
//                     [ . . . . ][ . . . . ]
//     a unit of row 0 -> sum 0,0    sum 0,1
//     a unit of row 1 -> sum 1,0    sum 1,1        each unit is spread over a vector and multiplies both
//         ... up to ROWS
//
// 32 registers of 64 bytes hold 12 x 2 accumulators; 16 registers of 32 or 16 bytes hold 6 x 2. If a vector
// is as wide as a panel, a tile's last block of columns may be one vector instead of two. It then has up to
// twice as many rows: a product needs fewer loads and ends less often, and an outer product reads x and y
// less often again, from a cache further away if they are a picture. Rows are divided into tiles of nearly
// equal height.
#ifndef RB_COMPUTE_SIMD_MATRIX_H
#define RB_COMPUTE_SIMD_MATRIX_H

#include "compute/simd_vector.h"

#if RB_VECTOR_BYTES == 64
#define ROWS 12
#else
#define ROWS 6
#endif

#if RB_VECTOR_BYTES == 64 && defined(__AVX512F__)
#define HIGH_ROWS 24 // of a tile of one vector
#else
#define HIGH_ROWS ROWS
#endif

// The place of a block of columns in panels, and the distance from its first to its second vector.
#define PANEL_AT(base, panel, column) ((base) + (column) / RB_PANEL * (panel) + (column) % RB_PANEL)
#define SECOND(panel)                 (LANES < RB_PANEL ? (ptrdiff_t)LANES : (panel))

// Writes one vector of each row of a tile that begins at `line` and `first`. The usual cases have loops of
// their own, because these few instructions a row are a good part of a convolution's time if the sum is
// short.
INLINE void gemm_put(const int rows, const rb_gemm *job, int line, int first, int column, const vf *sum)
{
    const ptrdiff_t row = job->out_row, at = line * job->out_line + first * row;
    if (job->out_f32) {
        float *out = job->out_f32 + at + column;
        if (job->add) {
            UNROLL_ROWS for (int r = 0; r < rows; r++) STORE(out + r * row, LOAD(out + r * row) + sum[r]);
        } else {
            UNROLL_ROWS for (int r = 0; r < rows; r++) STORE(out + r * row, sum[r]);
        }
        return;
    }
    rb_unit *out = job->out + at + UNITS(column);
    const bool relu = job->relu;
    if (!job->mask && !job->by && !job->positive) {
        if (relu) {
            UNROLL_ROWS for (int r = 0; r < rows; r++) store_numbers(out + r * row, not_negative(sum[r]));
        } else {
            UNROLL_ROWS for (int r = 0; r < rows; r++) store_numbers(out + r * row, sum[r]);
        }
        return;
    }
    const ptrdiff_t mask_row = job->mask_row, by_row = job->by_row, positive_row = job->positive_row;
    const rb_unit *mask = job->mask, *by = job->by;
    rb_unit *positive = job->positive;
    if (mask) mask += line * job->mask_line + first * mask_row + UNITS(column);
    if (by) by += line * job->by_line + first * by_row + UNITS(column);
    if (positive) positive += line * job->positive_line + first * positive_row + UNITS(column);
    UNROLL_ROWS for (int r = 0; r < rows; r++)
    {
        vf x = relu ? not_negative(sum[r]) : sum[r];
        if (mask) x = where_positive(load_numbers(mask + r * mask_row), x);
        if (by) x = rounded(x) + load_numbers(by + r * by_row);
        store_numbers(out + r * row, x);
        if (positive) store_numbers(positive + r * positive_row, positive_or_zero(x));
    }
}

INLINE void gemm_tile(const int rows, const int vectors, const rb_gemm *job, const rb_unit *panel, int line,
                      int first, int column)
{
    vf sum0[HIGH_ROWS], sum1[ROWS];
    const ptrdiff_t row = job->a_row, second = SECOND(job->w_panel), segment = job->a_segment;
    const int segments = job->segments, length = job->length;
    const unit *w = (const unit *)panel, *a = (const unit *)job->a + line * job->a_line + first * row;
    const float *bias = job->bias;
    UNROLL_ROWS for (int r = 0; r < rows; r++) sum0[r] = bias ? LOAD(bias + column) : (vf){0};
    if (vectors == 2) {
        UNROLL_ROWS for (int r = 0; r < rows; r++) sum1[r] = bias ? LOAD(bias + column + LANES) : (vf){0};
    }
    for (int s = 0; s < segments; s++, a += segment) {
        const unit *base[HIGH_ROWS / 3];
        UNROLL_ROWS for (int i = 0; i < HIGH_ROWS / 3; i++) base[i] = a + 3 * i * row;
        for (int k = 0; k < length; k++, w += RB_PANEL) {
            const unit_vector w0 = LOAD_UNITS(w), w1 = vectors == 2 ? LOAD_UNITS(w + second) : w0;
            UNROLL_ROWS for (int r = 0; r < rows; r++)
            {
                const spread x = SPREAD(base[r / 3][r % 3 * row]);
                sum0[r] = MULTIPLY_ADD(sum0[r], x, w0);
                if (vectors == 2) sum1[r] = MULTIPLY_ADD(sum1[r], x, w1);
            }
            UNROLL_ROWS for (int i = 0; i < (rows + 2) / 3; i++)
            {
                base[i]++;
                KEEP_POINTER(base[i]);
            }
        }
    }
    gemm_put(rows, job, line, first, column, sum0);
    if (vectors == 2) gemm_put(rows, job, line, first, column + LANES, sum1);
}

INLINE void outer_tile(const int rows, const int vectors, const rb_outer *job, const rb_unit *first_x,
                       const rb_unit *first_y, float *out)
{
    vf sum0[HIGH_ROWS], sum1[HIGH_ROWS];
    UNROLL_ROWS for (int r = 0; r < rows; r++) sum0[r] = sum1[r] = (vf){0};

    for (int line = 0; line < job->lines; line++) {
        const unit *x = (const unit *)first_x + line * job->x_line;
        const unit *y = (const unit *)first_y + line * job->y_line;
        for (int step = 0; step < job->steps; step++, x += job->x_step, y += job->y_step) {
            const unit_vector y0 = LOAD_UNITS(y), y1 = vectors == 2 ? LOAD_UNITS(y + LANES) : y0;
            UNROLL_ROWS for (int r = 0; r < rows; r++)
            {
                const spread xr = SPREAD(x[r]);
                sum0[r] = MULTIPLY_ADD(sum0[r], xr, y0);
                if (vectors == 2) sum1[r] = MULTIPLY_ADD(sum1[r], xr, y1);
            }
        }
    }

    float *out1 = out + SECOND(job->out_panel);
    if (job->add) {
        UNROLL_ROWS for (int r = 0; r < rows; r++) sum0[r] += LOAD(out + r * RB_PANEL);
        if (vectors == 2) {
            UNROLL_ROWS for (int r = 0; r < rows; r++) sum1[r] += LOAD(out1 + r * RB_PANEL);
        }
    }
    UNROLL_ROWS for (int r = 0; r < rows; r++) STORE(out + r * RB_PANEL, sum0[r]);
    if (vectors == 2) {
        UNROLL_ROWS for (int r = 0; r < rows; r++) STORE(out1 + r * RB_PANEL, sum1[r]);
    }
}

// One function for each height of a tile, so that the accumulators' indices are constants.
typedef void gemm_tile_fn(const rb_gemm *job, const rb_unit *panel, int line, int first, int column);
typedef void outer_tile_fn(const rb_outer *job, const rb_unit *x, const rb_unit *y, float *out);
#define GEMM_TILE(rows, vectors)                                                                             \
    static void gemm_##rows##x##vectors(const rb_gemm *job, const rb_unit *panel, int line, int first,       \
                                        int column)                                                          \
    {                                                                                                        \
        gemm_tile(rows, vectors, job, panel, line, first, column);                                           \
    }
#define OUTER_TILE(rows, vectors)                                                                            \
    static void outer_##rows##x##vectors(const rb_outer *job, const rb_unit *x, const rb_unit *y,            \
                                         float *out)                                                         \
    {                                                                                                        \
        outer_tile(rows, vectors, job, x, y, out);                                                           \
    }
#define TILE(rows) GEMM_TILE(rows, 1) GEMM_TILE(rows, 2) OUTER_TILE(rows, 1) OUTER_TILE(rows, 2)
#define HIGH(rows) GEMM_TILE(rows, 1) OUTER_TILE(rows, 1)

// clang-format off
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if ROWS == 12
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define EACH_HEIGHT(f) f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12)
#else
#define EACH_HEIGHT(f) f(1), f(2), f(3), f(4), f(5), f(6)
#endif
#if HIGH_ROWS == 24
HIGH(13) HIGH(14) HIGH(15) HIGH(16) HIGH(17) HIGH(18) HIGH(19) HIGH(20) HIGH(21) HIGH(22) HIGH(23) HIGH(24)
#define EACH_MORE(f) f(13), f(14), f(15), f(16), f(17), f(18), f(19), f(20), f(21), f(22), f(23), f(24),
#else
#define EACH_MORE(f)
#endif

#define GEMM_NAMES(rows)  { gemm_##rows##x1, gemm_##rows##x2 }
#define GEMM_NAME(rows)   { gemm_##rows##x1 }
#define OUTER_NAMES(rows) { outer_##rows##x1, outer_##rows##x2 }
#define OUTER_NAME(rows)  { outer_##rows##x1 }
static gemm_tile_fn *const gemm_tiles[HIGH_ROWS][2] = {EACH_HEIGHT(GEMM_NAMES), EACH_MORE(GEMM_NAME)};
static outer_tile_fn *const outer_tiles[HIGH_ROWS][2] = {EACH_HEIGHT(OUTER_NAMES), EACH_MORE(OUTER_NAME)};
// clang-format on

// Rows are divided into tiles of nearly equal height. A tile's last vectors may be one instead of two.
static void gemm(const rb_gemm *job)
{
    const int columns = job->panels * RB_PANEL;
    for (int c = 0; c < columns; c += 2 * LANES) {
        const int vectors = columns - c >= 2 * LANES ? 2 : 1, most = vectors == 2 ? ROWS : HIGH_ROWS,
                  tiles = (job->rows + most - 1) / most;
        const rb_unit *panel = PANEL_AT(job->w, job->w_panel, c);
        for (int line = 0; line < job->lines; line++) {
            for (int t = 0, r = 0; t < tiles; t++) {
                const int rows = (job->rows - r) / (tiles - t);
                gemm_tiles[rows - 1][vectors - 1](job, panel, line, r, c);
                r += rows;
            }
        }
    }
}

static void outer(const rb_outer *job)
{
    const int columns = job->panels * RB_PANEL;
    for (int c = 0; c < columns; c += 2 * LANES) {
        const int vectors = columns - c >= 2 * LANES ? 2 : 1, most = vectors == 2 ? ROWS : HIGH_ROWS,
                  tiles = (job->inputs + most - 1) / most;
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

// As many sums as fit into 16 registers with four operands, and a product if there is no instruction for
// both. Eight sums are too few: each addition takes 4 cycles and two can begin in each, so a processor must
// find all eight ready at the right moment, and tiles would be faster than this "peak".
#define SPUN (LANES == 4 ? 8 : 12)
static double spin(int rounds)
{
    rb_unit operands[4][16] = {{0}}, begin[SPUN][16] = {{0}};
    const rb_unit *operand = operands[0], *zero = begin[0]; // the compiler must not know that all is 0
    __asm__ volatile("" : "+r"(operand), "+r"(zero) : : "memory");
    vf sum[SPUN];
    UNROLL for (int i = 0; i < SPUN; i++) sum[i] = LOAD(zero + 16 * i);
    for (int round = 0; round < rounds; round++) {
        KEEP_POINTER(operand); // other products each round, else they would be computed only once
        const unit_vector x[2] = {LOAD_UNITS(operand), LOAD_UNITS(operand + 16)},
                          w[2] = {LOAD_UNITS(operand + 32), LOAD_UNITS(operand + 48)};
        UNROLL for (int i = 0; i < SPUN; i++) sum[i] = MULTIPLY_ADD(sum[i], x[i % 2], w[i / 2 % 2]);
    }
    volatile float kept = 0;
    UNROLL for (int i = 0; i < SPUN; i++) kept = sum[i][0];
    (void)kept;
    return (double)SPUN * LANES * TOGETHER * rounds;
}

// Without weights, multiplies and adds two rows unit by unit; with weights, number by number. n is
// GRAM_HEIGHT or 1; both add a sum's lanes in the same order.
#define GRAM_HEIGHT 4
INLINE void gram_tile(const int n, const rb_unit *x, const rb_unit *y, ptrdiff_t row, int length,
                      const float *weights, double *out, ptrdiff_t out_row)
{
    const int step = weights ? LANES : LANES * TOGETHER;
    for (int at = 0; at < length; at += 1024) { // partial sums of at most 1024 / LANES terms are float
        const int end = length - at < 1024 ? length : at + 1024;
        vf sum[GRAM_HEIGHT * GRAM_HEIGHT];
        UNROLL for (int s = 0; s < n * n; s++) sum[s] = (vf){0};
        int i = at;
        for (; i + step <= end; i += step) {
            if (weights) {
                vf ys[GRAM_HEIGHT];
                UNROLL for (int c = 0; c < n; c++) ys[c] = load_numbers(y + c * row + UNITS(i));
                UNROLL for (int r = 0; r < n; r++)
                {
                    const vf xs = load_numbers(x + r * row + UNITS(i)) * LOAD(weights + i);
                    UNROLL for (int c = 0; c < n; c++) sum[r * n + c] =
                        multiply_add(sum[r * n + c], xs, ys[c]);
                }
            } else {
                unit_vector ys[GRAM_HEIGHT];
                UNROLL for (int c = 0; c < n; c++) ys[c] = LOAD_UNITS(y + c * row + UNITS(i));
                UNROLL for (int r = 0; r < n; r++)
                {
                    const unit_vector xs = LOAD_UNITS(x + r * row + UNITS(i));
                    UNROLL for (int c = 0; c < n; c++) sum[r * n + c] =
                        MULTIPLY_ADD(sum[r * n + c], xs, ys[c]);
                }
            }
        }
        if (i < end) { // half a vector of units is left
            UNROLL for (int r = 0; r < n; r++)
            {
                const vf xs = load_numbers(x + r * row + UNITS(i));
                UNROLL for (int c = 0; c < n; c++) sum[r * n + c] =
                    multiply_add(sum[r * n + c], xs, load_numbers(y + c * row + UNITS(i)));
            }
        }
        float done[GRAM_HEIGHT * GRAM_HEIGHT];
        if (n == GRAM_HEIGHT) {
            UNROLL for (int s = 0; s < n * n; s += LANES) STORE(done + s, sums_of(sum + s));
        } else {
            done[0] = lanes_sum(sum[0]);
        }
        for (int r = 0; r < n; r++) {
            double *to = out + r * out_row;
            for (int c = 0; c < n; c++)
                to[c] = at ? to[c] + (double)done[r * n + c] : (double)done[r * n + c];
        }
    }
}

static void gram_whole(const rb_unit *x, const rb_unit *y, ptrdiff_t row, int length, const float *weights,
                       double *out, ptrdiff_t out_row)
{
    if (weights)
        gram_tile(GRAM_HEIGHT, x, y, row, length, weights, out, out_row);
    else
        gram_tile(GRAM_HEIGHT, x, y, row, length, NULL, out, out_row);
}
static void gram_one(const rb_unit *x, const rb_unit *y, ptrdiff_t row, int length, const float *weights,
                     double *out, ptrdiff_t out_row)
{
    gram_tile(1, x, y, row, length, weights, out, out_row);
}

// Computes the tiles on and below the diagonal; the rest mirrors them.
static void gram(const rb_unit *x, ptrdiff_t row, int rows, int length, const float *weights, double *out)
{
    for (int r = 0; r < rows;) {
        const int high = rows - r >= GRAM_HEIGHT ? GRAM_HEIGHT : 1;
        for (int c = 0; c < r + high;) {
            const bool whole = high == GRAM_HEIGHT && rows - c >= GRAM_HEIGHT;
            if (whole) {
                gram_whole(x + r * row, x + c * row, row, length, weights, out + (ptrdiff_t)r * rows + c,
                           rows);
            } else {
                for (int h = 0; h < high; h++)
                    gram_one(x + (r + h) * row, x + c * row, row, length, weights,
                             out + (ptrdiff_t)(r + h) * rows + c, rows);
            }
            c += whole ? GRAM_HEIGHT : 1;
        }
        r += high;
    }
    for (int r = 0; r < rows; r++) {
        for (int c = r + 1; c < rows; c++) out[(ptrdiff_t)r * rows + c] = out[(ptrdiff_t)c * rows + r];
    }
}

#endif
