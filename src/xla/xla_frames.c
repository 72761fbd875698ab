// The copy of replay's frames on the device (replay.on_device). Frames are written as they come, a few in one
// program, and batches are assembled when they are drawn, so that what replay overwrites later changes none.
#include <stdlib.h>
#include <string.h>

#include "xla/xla_impl.h"

rb_status rb_xla_make_frames(xla *x, rb_error *error)
{
    made *m = NULL;
    if (!x->spec.slots) return RB_OK;
    if (x->spec.vector)
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.on_device is true, but observations of a picture and a vector are taken "
                            "apart on the processor: set it to false");
    rb_status status = rb_xla_program_of(x, &m, FRAMES, 0, 0, error);
    return status ? status : rb_program_run(m->program, NULL, 0, &x->frames, 1, error);
}

rb_status rb_xla_store(rb_device *device, const int32_t *slots, const void *frames, int count,
                       rb_error *error)
{
    xla *x = of(device);
    const rb_agent_spec *spec = &x->spec;
    const rb_sizes sizes = rb_xla_frames_sizes(spec);
    const size_t bytes = x->picture_bytes / (size_t)spec->frames;
    int32_t places[RB_FRAMES_MOST];
    int size = 1;
    made *m = NULL;
    rb_buffer *last;
    while (size < count) size *= 2;
    rb_status status = rb_xla_program_of(x, &m, STORE, size, 0, error);
    if (status) return status;
    char *filled = calloc((size_t)size, bytes);
    if (!filled) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for frames");
    memcpy(filled, frames, (size_t)count * bytes);
    for (int i = 0; i < size; i++) places[i] = i < count ? slots[i] : (int32_t)(spec->slots + 1);
    job j = {.x = x, .error = error};
    rb_xla_add_state(&j, &x->frames);
    rb_xla_add_data(&j, RB_S32, RB_SIZES(size), places);
    rb_xla_add_data(&j, spec->kind == RB_OBS_U8 ? RB_U8 : RB_F32, RB_SIZES(size, sizes.of[1]), filled);
    status = rb_xla_start(&j, m, &last);
    free(filled);
    return status;
}

rb_status rb_xla_gather(xla *x, const rb_batch *batch, rb_buffer *out[2], rb_error *error)
{
    made *m = NULL;
    rb_status status = rb_xla_program_of(x, &m, GATHER, batch->size, 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    rb_xla_add_state(&j, &x->frames);
    rb_xla_add_data(&j, RB_S32, RB_SIZES(2 * (int64_t)batch->size * x->spec.frames), batch->slots);
    if (j.status) return j.status;
    status = rb_program_run(m->program, j.input, j.count, out, 2, error);
    rb_buffer_free(j.input[1], x->plugin);
    return status;
}
