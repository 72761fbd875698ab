// The device that a run's settings name.
#ifndef RB_LEARNER_DEVICE_SPEC_H
#define RB_LEARNER_DEVICE_SPEC_H

#include "agent/device.h"
#include "config/params.h"

// Opens the device that compute.device names: NULL is the processor. The caller destroys it, after the agent.
// RB_ERR_USAGE: the device has not what the settings need, and the sentence says what.
rb_status rb_device_make(rb_device **out, const rb_params *params, rb_error *error);
void rb_device_destroy(rb_device *device); // NULL is fine
// The settings of the kernels beside a device: evaluations and all else on the processor compute in f32.
rb_compute_params rb_beside_device(const rb_compute_params *params, const rb_device *device);
// The line of the device's memory that a made agent takes there, with a newline before it; "" without one.
void rb_device_memory_text(rb_device *device, char *out, size_t bytes);
// What computed the numbers so far, for a checkpoint: the device's name, or `kernels`.
const char *rb_computed_by(const rb_device *device, const char *kernels);

#endif
