// Exports a trained network for other programs: ONNX, which runs anywhere, one file of C, which needs
// nothing, and safetensors, the weights alone.
#ifndef RAINBOW_EXPORT_H
#define RAINBOW_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RB_EXPORT_DIMS_MAX = 4 };

typedef struct rb_export_result {
    char env[128];
    char checkpoint[1024];  // where the weights came from
    int64_t step;           // the run's step at which they were saved
    int actions, atoms;     // atoms: 1 without a distribution over atoms
    int quantiles;          // quantiles of each action; 0: none
    char action_names[512]; // "NOOP, FIRE, RIGHT, LEFT"; empty if the actions have no names
    int64_t numbers;        // weights in the file
    double bytes;           // the file's size
    // The input of ONNX and C: its sizes, of which the first is free in ONNX, and its type.
    int dims, shape[RB_EXPORT_DIMS_MAX];
    bool floats; // else bytes
    bool masked; // another input of the same type: "Action Mask", N x actions
    // ONNX: the input "Vector" of floats, if numbers stand beside a picture; 0: there is none.
    int vector_dims, vector_shape[RB_EXPORT_DIMS_MAX];
} rb_export_result;

// `path`: a run's directory (its newest checkpoint) or one checkpoint. A failure leaves no partial file.
//
// Writes the network without noise as an ONNX model: input "Image Sequence", N observations as the
// environment gives them (the scaling is in the graph); output "Q-Values" [N][actions]; with atoms also
// "Probabilities" [N][actions][atoms], with quantiles "Quantiles" [N][actions][quantiles]. If the environment
// has numbers beside a picture, there is an input "Vector" [N][numbers], or [N][frames][numbers]; if it
// reports action masks, there is an input "Action Mask" [N][actions], 1 for each allowed action and 0
// for the others, and the Q-value of an action that is not allowed is -infinity. The metadata hold the
// settings that define an observation. RB_ERR_USAGE: bytes were requested, but observations are floats.
// RB_ERR_MISSING: built without protobuf-c.
typedef enum rb_export_input {
    RB_EXPORT_AS_OBSERVED, // bytes or floats, as the environment has them
    RB_EXPORT_UINT8,
    RB_EXPORT_FLOAT32, // bytes as 0 .. 255
} rb_export_input;
rb_status rb_export_onnx(const char *path, const char *file, rb_export_input input, rb_export_result *out,
                         rb_error *error);
// Writes all weights of the online network, the noise parameters too, with PyTorch's names and shapes and the
// same metadata.
rb_status rb_export_safetensors(const char *path, const char *file, rb_export_result *out, rb_error *error);

// Writes the network without noise as one C99 file that includes only <stdint.h>, calls nothing and allocates
// nothing. With NAME as the prefix of all its names it defines:
//     int NAME_act(const NAME_number *observation, const uint8_t *mask)
//         The action of the largest Q-value, the first if several are equal, of those that mask [actions]
//         allows (1; not: 0); mask 0 allows all; -1 if none is allowed.
//     void NAME_q_values(const NAME_number *observation, float *q)      q [actions]; with atoms or
//                                                                   quantiles the expectation
// and the same with the caller's memory; the file's first lines describe all of it. An observation is one of
// the environment's, not scaled: NAME_number is uint8_t or float, in the shape [shape[1]] ... of `out`.
//
// To compare the file with the network, the agent then plays `decisions` steps, with the exploration of the
// run's evaluations (eval.epsilon), and each observation goes through both.
// RB_ERR_USAGE: `name` is not a C identifier of at most RB_EXPORT_NAME_MAX - 1 letters, digits and
// underscores that begins with a letter; fewer than 1 decision; a layer with more than 2^30 weights; an
// implicit quantile network.
// RB_ERR_ENV and others: the environment failed.
enum { RB_EXPORT_NAME_MAX = 48 };
typedef struct rb_export_c_options {
    const char *name;  // NULL: from the file's name: "games/my-agent.c" gives my_agent
    bool int8;         // weights as int8 with one float scale per row (output), else as float
    int64_t decisions; // at least 1; the self-test in the file has one of their observations
} rb_export_c_options;
typedef struct rb_export_c_result {
    char name[RB_EXPORT_NAME_MAX];
    double constant_bytes; // weights and other constants of the compiled file
    double scratch_bytes;  // writable memory that the functions need
    double stack_bytes;    // the last frames, if an observation has several (NAME_stack); else 0
    int64_t decisions;
    double equal;        // share of decisions with the same greedy action, 0 to 1
    double q_difference; // the largest difference of a Q-value
    double q_largest;    // the largest absolute Q-value of the network, to compare with
} rb_export_c_result;
rb_status rb_export_c(const char *path, const char *file, const rb_export_c_options *options,
                      rb_export_result *out, rb_export_c_result *c, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
