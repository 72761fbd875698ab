// A device that an agent computes on instead of the processor: its interface, for which the agent does not
// need to know what kind of device it is (src/xla implements it).
//
// Weights, moments and the target network live in the device's memory. The agent's own networks are a copy
// for all that reads or changes them here: checkpoints, evaluations, exports, resets. The agent keeps track
// of which of the two is newer (agent_device.c).
#ifndef RB_AGENT_DEVICE_H
#define RB_AGENT_DEVICE_H

#include "agent/agent.h"
#include "compute/kernels.h"

enum { RB_DEVICE_KEYS = 3 * 16 }; // of noise: layers, each with its draws

typedef struct rb_device_update {
    const rb_batch *batch;              // read during the call
    bool loaded;                        // it was the last one given to `load`
    rb_rule rule;                       // without clipping by norm, which the device does
    const uint32_t *keys, *target_keys; // of the noise: [layers][draws][2], [layers][2]
    const float *fractions[4]; // implicit head: of s, of s' by target, of s' by online, of s by target
} rb_device_update;

typedef struct rb_device_act {
    const void *observations;
    int count;
    int noise; // which draw; 0: none
    const uint32_t *keys;
    float *q; // [count][A]
} rb_device_act;

typedef struct rb_device_class {
    // Makes everything for one agent, before its first step. RB_ERR_USAGE: the settings need what the device
    // lacks, and the sentence says what. RB_ERR_MEMORY: more than it has free. `target` may be NULL.
    rb_status (*prepare)(rb_device *device, const rb_agent_spec *spec, const rb_net *online,
                         const rb_net *target, rb_error *error);
    rb_status (*send)(rb_device *device, const rb_net *online, const rb_net *target, rb_error *error);
    rb_status (*fetch)(rb_device *device, rb_net *online, rb_net *target, rb_error *error);
    // Copies all of it aside on the device, without waiting; `kept` gets that copy, in any thread, and frees
    // it. What the device does meanwhile does not change it.
    rb_status (*keep)(rb_device *device, rb_error *error);
    rb_status (*kept)(rb_device *device, rb_net *online, rb_net *target, rb_error *error);
    rb_status (*act)(rb_device *device, const rb_device_act *act, rb_error *error);
    // Writes frames into the device's copy of replay, of rb_agent_spec.slots; read during the call.
    rb_status (*store)(rb_device *device, const int32_t *slots, const void *frames, int count,
                       rb_error *error);
    // Sends a batch there that will be learned from, read during the call; an update may be running. If the
    // batch has slots, its observations are taken from that copy of replay as it is now.
    rb_status (*load)(rb_device *device, const rb_batch *batch, rb_error *error);
    // Begins one update, and ends it: waits for it, and gets its numbers and the batch's priorities. Between
    // the two, `load` and what uses the new weights may be called. If the loss or a target is not finite,
    // nothing changes; if the update can't begin, neither.
    rb_status (*learn)(rb_device *device, const rb_device_update *update, rb_error *error);
    rb_status (*learned)(rb_device *device, float *priorities, rb_learned *learned, float *largest,
                         rb_error *error);
    rb_status (*blend)(rb_device *device, double share, rb_error *error); // the target network
    void (*destroy)(rb_device *device);
    const char *(*name)(const rb_device *device); // for people
    // The memory there that the prepared agent takes, for people.
    void (*memory)(rb_device *device, char *out, size_t bytes);
} rb_device_class;

struct rb_device {
    const rb_device_class *class;
};

#endif
