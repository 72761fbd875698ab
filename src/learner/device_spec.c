// See device_spec.h.
#include "learner/device_spec.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "xla/find.h"
#include "xla/xla.h"

// compute.device = auto found none.
static rb_status no_device(const rb_params *params, rb_error *error)
{
    if (!params->replay.on_device) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "replay.on_device is true, but compute.device = %.200s finds no device: set "
                        "replay.on_device to false",
                        params->compute.device);
}

rb_status rb_device_make(rb_device **out, const rb_params *params, rb_error *error)
{
    char path[RB_PATH_MAX];
    const char *device = params->compute.device;
    *out = NULL;
    rb_status status = rb_xla_find(path, sizeof path, device, error);
    if (!status && !*path) status = no_device(params, error);
    if (status || !*path) return status;
    const rb_xla_options options = {.bf16 = params->compute.precision == RB_PRECISION_BF16};
    status = rb_xla_create(out, path, &options, error);
    if (status == RB_ERR_MISSING && !strcmp(device, "auto")) { // a plugin, but no device for it
        if (error) *error = (rb_error){0};
        return no_device(params, error);
    }
    return status ? rb_error_context(error, status, "compute.device = %.200s", device) : RB_OK;
}

void rb_device_destroy(rb_device *device)
{
    if (device) device->class->destroy(device);
}

rb_compute_params rb_beside_device(const rb_compute_params *params, const rb_device *device)
{
    rb_compute_params beside = *params;
    if (device) beside.precision = RB_PRECISION_F32;
    return beside;
}

void rb_device_memory_text(rb_device *device, char *out, size_t bytes)
{
    char text[256] = "";
    if (bytes) *out = 0;
    if (!device) return;
    device->class->memory(device, text, sizeof text);
    snprintf(out, bytes, "\nmemory of the device: %s", text);
}

const char *rb_computed_by(const rb_device *device, const char *kernels)
{
    return device ? device->class->name(device) : kernels;
}
