// A family's table, from the sources that are compiled for it. The file that includes this sets
// RB_VECTOR_BYTES, RB_FAMILY and RB_FAMILY_NAME.
#include "compute/simd_arrays.h"
#include "compute/simd_matrix.h"
#include "compute/simd_noise.h"

const rb_kernels RB_FAMILY = {
    .name = RB_FAMILY_NAME,
    .gemm = gemm,
    .dot = dot,
    .outer = outer,
    .gram = gram,
    .square_sum = square_sum,
    .step = step,
    .sum_rows = sum_rows,
    .add = add,
    .relu_mask = relu_mask,
    .compose_outer = compose_outer,
    .compose = compose,
    .scale_outer = scale_outer,
    .multiply = multiply,
    .normal = normal,
    .signed_root = signed_root,
    .picture = picture,
};
