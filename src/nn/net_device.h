// What a device needs of a network that it trains in its own memory, beyond the steps (nn/net_graph.h) and
// the tensors: the optimiser's moments, and where the numbers of noise go.
#ifndef RB_NN_NET_DEVICE_H
#define RB_NN_NET_DEVICE_H

#include "nn/net.h"

// The moments m (0) and v (1) of tensor `i`, in its shape and order; only of networks that train, and of
// tensors that are trained.
void rb_net_moment_get(const rb_net *net, int i, int moment, float *out);
void rb_net_moment_set(rb_net *net, int i, int moment, const float *values);

// The noise of one linear layer. Its numbers are those of a stream of normal numbers (rb_kernels.normal) with
// a key for each draw: from number 2^32 on those of the outputs; from number 0 on either those of the inputs,
// or, if independent, those of the weights, [panels][inputs][16].
typedef struct rb_net_noise {
    int tensor; // its first one: mu, bias_mu, sigma, bias_sigma
    bool independent;
    int outputs, panels; // of 16 outputs
    int inputs;          // of the stream: lines x pixels x stride, then extra_stride
    int panel_numbers;   // from one panel to the next
    int height, width, channels, stride, extra, extra_stride;
} rb_net_noise;
enum { RB_NET_NOISE_MOST = 16 };
int rb_net_noise_layers(const rb_net *net, rb_net_noise out[RB_NET_NOISE_MOST]);
// The keys of a draw, [layers][draws][2], as in rb_net_draw_noise.
void rb_net_noise_keys(const rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw,
                       uint32_t *keys);
// Notes the draw as the current one, for a network whose noise is drawn elsewhere: a saved state names it.
void rb_net_note_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw);
// Adds `updates` to the batches that running statistics have seen.
void rb_net_count_batches(rb_net *net, uint64_t updates);
// What is not a tensor on a device, as in `from`: the draw of noise, batches, statistics of observations.
void rb_net_same_rest(rb_net *to, const rb_net *from);
void rb_net_same_batches(rb_net *to, const rb_net *from); // as many as `from`
// Whether outputs share their biases (net.shared_bias): those a multiple of the result apart; 0: none do.
int rb_net_tied(const rb_net *net, int tensor);

#endif
