// The sizes of a convolution or a pool in an exported C file, whose text this is too (c_maths.h).
#ifndef RB_ROLLOUT_C_SHAPE_H
#define RB_ROLLOUT_C_SHAPE_H

typedef struct agent_shape { // of a convolution or a pool: its input, its output, its window (kernel 0:
                             // adaptive)
    int planes, height, width;
    int outputs, out_height, out_width;
    int kernel, stride, pad;
} agent_shape;

#endif
