// Networks: a trunk (convolutions, linear layers, normalisations) and a head of one or two streams, ending in
// A actions x Z outputs.
//
//     observation -> trunk -> [hidden -> relu ->] advantage A*Z --+-- dueling, per atom:
//                         \-> [hidden -> relu ->] value       Z --+   V + A - mean of A over the actions
//
// A net with cosines (an implicit quantile network, nn/net_embed.c) gives one row of outputs for each of
// several fractions from 0 to 1 of a sample: their embedding is multiplied with what the trunk made.
//
// Legend: B batch, A actions, Z outputs per action (atoms, or 1). Weights and their moments live in the net;
// what a forward pass stores for its backward pass lives in a tape, so that acting never disturbs learning.
// Batch normalisation uses batch statistics only in passes on a tape with a backward pass; any other pass
// uses the running statistics, and its samples are independent of each other.
#ifndef RB_NN_NET_H
#define RB_NN_NET_H

#include "base/arena.h"
#include "base/rng.h"
#include "base/visit.h"
#include "compute/compute.h"
#include "config/params.h"
#include "nn/optimiser.h"

typedef struct rb_net_spec {
    rb_net_params params;
    bool bytes;                // input is bytes, scaled to 0 .. 1 or -1 .. 1 or not at all; else floats
    int planes, height, width; // of one observation, planar as in replay/batch.h
    int vector,
        frames; // floats behind each of the observation's frames, as in replay/batch.h; 0: only planes
    int actions, outputs; // A, Z
    int cosines;          // of a fraction, if the net gives quantiles at any fraction; else 0
    int normalised; // numbers of a frame, by whose running statistics the caller normalises observations
                    // (rb_net_normalise); 0: it does not
    double clip;    // of the normalised numbers
    int draws;      // noise draws that a network that trains holds at once, for different passes, 1 to
                    // RB_NET_DRAWS; 0 means 1. The first one serves passes with a backward pass
} rb_net_spec;

enum { RB_NET_DRAWS = 3 };

// Added to a variance under its square root. 0 in a spec made by hand means 1e-5.
static inline float rb_net_norm_epsilon(const rb_net_spec *spec)
{
    return spec->params.norm_epsilon > 0 ? (float)spec->params.norm_epsilon : 1e-5f;
}

// The floats of all frames' vectors, which join the picture's features (net.layers: append).
static inline int rb_net_vector(const rb_net_spec *spec)
{
    return spec->vector * spec->frames;
}
// The bytes of one observation.
static inline size_t rb_net_observation_bytes(const rb_net_spec *spec)
{
    const size_t numbers = (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
    return numbers * (spec->bytes ? 1 : sizeof(float)) + (size_t)rb_net_vector(spec) * sizeof(float);
}

typedef struct rb_net rb_net;
typedef struct rb_tape rb_tape;

// `trains`: has moments and can run backward (an online network); a target network has neither.
rb_status rb_net_create(rb_net **out, const rb_net_spec *spec, bool trains, rb_compute *compute,
                        rb_arena *arena, rb_error *error);
rb_status rb_tape_create(rb_tape **out, const rb_net *net, int batch, bool backward, rb_arena *arena,
                         rb_error *error);
// The same for a net with cosines: at most `each` fractions for each sample; rb_tape_create has 1.
rb_status rb_tape_create_each(rb_tape **out, const rb_net *net, int batch, int each, bool backward,
                              rb_arena *arena, rb_error *error);

void rb_net_init(rb_net *net,
                 uint64_t seed); // random weights (net.init); noisy layers as in Fortunato et al. 2017
// Resets it in the middle of a run (shrink and perturb, Ash and Adams 2020): the trunk's weights become keep
// * old + (1 - keep) * new ones, all others new ones, and the moments 0. `number` tells the random weights of
// different resets and networks apart.
void rb_net_renew(rb_net *net, uint64_t seed, uint64_t number, double keep);
void rb_net_copy(rb_net *to, const rb_net *from); // weights only
// Moves each weight of `to` towards that of `from`: to += share * (from - to), with share from 0 to 1. A
// share of 1 makes a bit-identical copy.
void rb_net_blend(rb_net *to, const rb_net *from, double share);
int64_t rb_net_parameters(const rb_net *net); // number of trainable parameters
// Running normalisation of observations, for callers: passes take observations that are normalised already.
// Only a network that trains has the statistics. They change by rb_net_follow alone, which adds `count`
// frames, `stride` floats apart, as one batch.
void rb_net_follow(rb_net *net, const float *frames, int count, size_t stride);
// Normalises `count` observations; `out` may be `observations`.
void rb_net_normalise(const rb_net *net, const float *observations, int count, float *out);
// What is subtracted from each number of a frame, and then the factor: [spec.normalised] each.
void rb_net_normalisation(const rb_net *net, const float **shift, const float **scale);
// Draws new noise for every noisy layer, and for each of its draws (spec.draws), each from its own stream.
void rb_net_draw_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw);

// Runs `count` observations (at most the tape's batch) and returns the outputs, [count][A][Z] without gaps;
// they stay in the tape until its next forward. `noise`: which of the current draws to use, 1 to spec.draws;
// 0: only the means.
const float *rb_net_forward(rb_net *net, rb_tape *tape, const void *observations, int count, int noise);
// The same for several passes at once, of networks of one shape, in two halves. The first half needs only the
// nodes before the linear layers, so it may run during an update of the linear layers.
typedef struct rb_forward {
    rb_net *net;
    rb_tape *tape;
    const void *observations;
    int count;
    int noise;
    int each;                 // with cosines: fractions for each sample; otherwise 0
    const float *fractions;   // [count][each]
    const float *intensities; // [count] factors of the pictures' numbers (replay.intensity); NULL: 1
} rb_forward;
const float *rb_net_forward_pass(const rb_forward *pass); // like rb_net_forward
void rb_net_forward_trunk(const rb_forward *passes, int count);
void rb_net_forward_head(const rb_forward *passes, int count);
const float *rb_tape_output(const rb_tape *tape); // [count][A][Z], with cosines [count][each][A][Z]
// Runs backward from the gradient of the loss with respect to the outputs of the tape's last forward,
// [count][A][Z]. Keeps in the tape what the parameters' gradients need.
void rb_net_backward(rb_net *net, rb_tape *tape, const float *output_gradient);
void rb_net_backward_head(rb_net *net, rb_tape *tape, const float *output_gradient); // the first half
void rb_net_backward_trunk(rb_net *net, rb_tape *tape);                              // the second half
// The norm of the whole gradient; needed only for clipping and tests.
double rb_net_grad_norm(rb_net *net, rb_tape *tape);
// One optimiser step from the tape's last backward. Noise for the following passes must be drawn first,
// because the step packs the new weights with it. The linear layers may still be updated in the background
// until rb_net_finish, or until a function that needs them: forward_head, draw_noise, visit, another update.
// Functions that take a const net must not be called before that.
void rb_net_update_start(rb_net *net, rb_tape *tape, rb_optimiser *optimiser);
void rb_net_finish(rb_net *net);
void rb_net_update(rb_net *net, rb_tape *tape, rb_optimiser *optimiser); // both

// Named parameters in PyTorch's shapes and order, for files and tests: conv [out][in][kh][kw], linear
// [out][in] (a picture's features flattened as C, H, W).
typedef struct rb_net_tensor {
    char name[64]; // "trunk.0.weight", "advantage.0.weight_sigma"
    int dims, shape[4];
    size_t count;
    bool buffer; // a running statistic: saved, but not trained
} rb_net_tensor;
int rb_net_tensor_count(const rb_net *net);
void rb_net_tensor_info(const rb_net *net, int i, rb_net_tensor *out);
void rb_net_tensor_get(const rb_net *net, int i, float *out);
// The same as passes use them: the weights of a convolution with spectral normalisation are divided.
void rb_net_tensor_used(const rb_net *net, int i, float *out);
void rb_net_tensor_set(rb_net *net, int i, const float *values);
void rb_net_tensor_gradient(rb_net *net, rb_tape *tape, int i,
                            float *out); // the explicit gradient of the tape's last backward (for tests)
// The current noise (the first draw), for tests that pass it to other programs: if factorised, f(eps) of the
// inputs, then of the outputs; if independent, one number per weight. Returns the count, 0 if there is none.
size_t rb_net_tensor_noise(const rb_net *net, int i, float *out, size_t most);
void rb_net_tensor_set_noise(rb_net *net, int i,
                             const float *noise); // sets the noise, until the next draw

// The layers as lines of a table for a person: name, kind, output, weights, parameters; without a last '\n'.
enum { RB_NET_TABLE_BYTES = 16384 };
void rb_net_table(const rb_net *net, char *out, size_t bytes);

// RB_ERR_NUMBER: a weight or a running statistic is infinite or not a number; the error names its tensor.
rb_status rb_net_check_finite(const rb_net *net, rb_error *error);

const rb_net_spec *rb_net_spec_of(const rb_net *net);
// The first layer reads observation * scale + offset: bytes become 0 .. 1 or, centred, -1 .. 1, unless
// net.unscaled is on; floats are unscaled.
void rb_net_input_scale(const rb_net_spec *spec, float *scale, float *offset);

void rb_net_visit(rb_net *net, rb_visitor *visitor); // weights, moments, the current draw
// The memory of net and tape, an estimate for the memory plan.
size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch, int threads);
size_t rb_net_bytes_each(const rb_net_spec *spec, bool trains, int batch, int each, int threads);

#endif
