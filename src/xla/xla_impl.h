// The inside of the device: its agent's tensors and programs, shared by xla.c (the agent's calls),
// xla_job.c (programs and their runs), xla_weights.c (weights to the device and back) and xla_memory.c (what
// it takes there).
#ifndef RB_XLA_XLA_IMPL_H
#define RB_XLA_XLA_IMPL_H

#include "base/file.h"
#include "xla/programs.h"
#include "xla/xla.h"

enum { PROGRAMS = 24, BATCH_MOST = 12, INPUTS_MOST = 4 * RB_XLA_TENSORS + 16 };

typedef enum program_kind { UPDATE, ACT, BLEND, COPY, KEEP, FRAMES, STORE, GATHER } program_kind;

typedef struct made { // a compiled program
    rb_program *program;
    program_kind kind;
    int size, variant; // UPDATE: what its batch comes with; ACT: the draw
    int inputs, outputs;
    int replaced[INPUTS_MOST]; // by output: the input that it replaces, or -1
} made;

typedef struct tensor {
    bool kept, trained;
    rb_sizes sizes;
    size_t count;
    rb_buffer *online, *target, *moments[2];
} tensor;

typedef struct xla {
    rb_device base;
    rb_plugin *plugin;
    rb_xla_options options;
    char name[320];
    char dump[RB_PATH_MAX];
    rb_agent_spec spec;
    rb_xla_shape shape;
    int tensors, programs;
    tensor tensor[RB_XLA_TENSORS];
    made *program[PROGRAMS];
    float *floats;               // as many as the largest tensor has
    rb_buffer *sent[BATCH_MOST]; // of the next update's batch
    int sent_count, sent_size, sent_with;
    rb_buffer *facts; // of the update that is running, with the priorities of so many samples
    int facts_size;
    rb_buffer *kept[INPUTS_MOST]; // a copy of all weights, for a checkpoint
    int kept_count;
    rb_buffer *frames; // the copy of replay's; NULL: none
    char *pictures;
    float *vectors;
    size_t picture_bytes, observation_bytes;
} xla;

static inline xla *of(rb_device *device)
{
    return (xla *)device;
}

typedef struct job {
    xla *x;
    rb_status status;
    rb_error *error;
    int state, count; // buffers that stay on the device come first
    rb_buffer **place[INPUTS_MOST], *input[INPUTS_MOST];
} job;

// xla_job.c
// The program of that kind, compiled if it is the first time. size: of its batch.
rb_status rb_xla_program_of(xla *x, made **out, program_kind kind, int size, int variant, rb_error *error);
// Inputs of the job: the agent's tensors that are named, in the order of programs.h; and data that is sent.
void rb_xla_add_tensors(job *j, bool online, bool moments, bool target);
void rb_xla_add_state(job *j, rb_buffer **place); // a buffer that stays on the device
void rb_xla_add_data(job *j, rb_type type, rb_sizes sizes, const void *data);
void rb_xla_add_observations(job *j, const void *data, int64_t count);
// Starts it, keeps what replaces state, and gives the last output if that replaces none; or also copies it.
rb_status rb_xla_start(job *j, made *m, rb_buffer **last);
rb_status rb_xla_run(job *j, made *m, float *to, size_t count);

static inline int rb_xla_with_of(bool masks, bool intensities) // what a batch comes with
{
    return (masks ? RB_XLA_MASKS : 0) | (intensities ? RB_XLA_INTENSITIES : 0);
}

// xla_weights.c
rb_status rb_xla_send(rb_device *device, const rb_net *online, const rb_net *target, rb_error *error);
rb_status rb_xla_fetch(rb_device *device, rb_net *online, rb_net *target, rb_error *error);
rb_status rb_xla_keep(rb_device *device, rb_error *error);
rb_status rb_xla_kept(rb_device *device, rb_net *online, rb_net *target, rb_error *error);
void rb_xla_forget_kept(xla *x);

// xla_frames.c: the copy of replay's frames, if the agent has slots; and a batch's states and next states.
rb_status rb_xla_make_frames(xla *x, rb_error *error);
rb_status rb_xla_store(rb_device *device, const int32_t *slots, const void *frames, int count,
                       rb_error *error);
rb_status rb_xla_gather(xla *x, const rb_batch *batch, rb_buffer *out[2], rb_error *error);

// xla_memory.c
void rb_xla_memory(rb_device *device, char *out, size_t bytes);
rb_status rb_xla_check_memory(xla *x, rb_error *error);

#endif
