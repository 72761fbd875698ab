// A family's table and the sources compiled for it. The including file sets RB_VECTOR_BYTES, RB_FAMILY and
// RB_FAMILY_NAME, and RB_BF16 for that format.
#include "compute/simd_arrays.h"
#include "compute/simd_matrix.h"
#include "compute/simd_noise.h"
#include "compute/simd_norm.h"
#include "compute/simd_panel.h"
#include "compute/simd_pool.h"
#include "compute/simd_rows.h"

const rb_kernels RB_FAMILY = {
    .name = RB_FAMILY_NAME,
    .per_unit = TOGETHER,
    .gemm = gemm,
    .outer = outer,
    .gram = gram,
    .compose = compose,
    .compose_packs = compose_packs,
    .update = update,
    .square_sum = square_sum,
    .step = step,
    .sum_rows = sum_rows,
    .add = add,
    .blend = blend,
    .multiply = multiply,
    .round = round_numbers,
    .round_masked = round_masked,
    .pair = pair,
    .normal = normal,
    .signed_root = signed_root,
    .picture = picture,
    .moments = moments,
    .normalise = normalise,
    .normalise_sums = normalise_sums,
    .normalise_back = normalise_back,
    .normalise_rows = normalise_rows,
    .normalise_rows_back = normalise_rows_back,
    .pool = pool,
    .pool_back = pool_back,
    .pool_spread = pool_spread,
    .join = join,
    .mix = mix,
    .mix_back = mix_back,
    .spin = spin,
    .touch = touch,
};
