// A network as operations of a device's program, from the same list of steps as an exported network
// (nn/net_graph.h).
#ifndef RB_XLA_FORWARD_H
#define RB_XLA_FORWARD_H

#include "nn/net_device.h"
#include "nn/net_graph.h"
#include "xla/hlo.h"

enum { RB_XLA_TENSORS = 320 };

// A tensor that the device keeps, or not: counters and statistics of observations stay where they are.
bool rb_xla_keeps(const rb_net_tensor *info);
rb_sizes rb_xla_sizes(const rb_net_tensor *info);

typedef struct rb_xla_net { // a network's tensors in a program
    const rb_net *net;
    const rb_net_spec *spec;
    bool bf16; // products of numbers in this format
    int steps, tensors, noise_layers;
    rb_net_step step[RB_NET_STEPS_MAX];
    rb_net_noise noise[RB_NET_NOISE_MOST];
    rb_value tensor[RB_XLA_TENSORS]; // by number; -1: not kept
} rb_xla_net;

// The noise of one draw.
typedef struct rb_xla_noise {
    rb_value weights[RB_NET_NOISE_MOST]; // [outputs][inputs]
    rb_value biases[RB_NET_NOISE_MOST];  // [outputs]
} rb_xla_noise;

typedef struct rb_xla_pass {
    rb_value picture;          // [N][planes][H][W] of RB_U8 or RB_F32
    rb_value vector;           // [N][numbers] beside it, or -1
    rb_value intensities;      // [N] factors of the picture's numbers; 0: 1
    const rb_xla_noise *noise; // NULL: means only
    bool learns;               // batch normalisation uses the batch's statistics
    int each;                  // fractions of a sample (implicit head), or 0
    rb_value fractions;        // [N][each], multiples of 2^-24 below 1, or
    const float *fixed;        // [each] the same for all samples; NULL: `fractions`
    // Made: the new running statistics, by tensor; -1: none
    rb_value running[RB_XLA_TENSORS];
} rb_xla_pass;

// Adds the network's tensors as inputs, with `prefix` before their names.
void rb_xla_net_inputs(rb_xla_net *out, rb_hlo *h, const rb_net *net, bool bf16, const char *prefix);
// A draw of a network's noise, whose keys are in rows `row`, `row` + `row_step` ...
typedef struct rb_xla_draw_of {
    rb_xla_noise *out;
    const rb_xla_net *net;
    int row, row_step;
} rb_xla_draw_of;
enum { RB_XLA_DRAWS = 3 }; // the most at once
// Draws all of them in one computation, which is most of what there is to compile. keys: [rows][2] of RB_U32.
void rb_xla_draw(rb_hlo *h, rb_value keys, const rb_xla_draw_of *draws, int count);
// The outputs, [N][A][Z], or with fractions [N][each][A].
rb_value rb_xla_forward(rb_hlo *h, const rb_xla_net *net, rb_xla_pass *pass);

// The divisor of weights with spectral normalisation: u' W v, or 1 if that is 0 (all weights are).
rb_value rb_xla_sigma(rb_hlo *h, rb_value w, rb_value u, rb_value v);

// A product with operands of the network's format.
rb_value rb_xla_product(rb_hlo *h, bool bf16, rb_value a, rb_value b, int ka, int kb);

#endif
