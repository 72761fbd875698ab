// Weights, moments and the target network, to the device and back.
#include <stdlib.h>

#include "xla/xla_impl.h"

static rb_status send_one(xla *x, rb_buffer **place, const tensor *t, rb_error *error)
{
    rb_buffer *fresh = NULL;
    rb_status status = rb_buffer_upload(&fresh, x->plugin, RB_F32, t->sizes, x->floats, error);
    if (status) return status;
    rb_buffer_free(*place, x->plugin);
    *place = fresh;
    return RB_OK;
}

rb_status rb_xla_send(rb_device *device, const rb_net *online, const rb_net *target, rb_error *error)
{
    xla *x = of(device);
    rb_status status = RB_OK;
    for (int i = 0; i < x->tensors && !status; i++) {
        tensor *t = &x->tensor[i];
        if (!t->kept) continue;
        rb_net_tensor_get(online, i, x->floats);
        status = send_one(x, &t->online, t, error);
        for (int k = 0; t->trained && k < 2 && !status; k++) {
            rb_net_moment_get(online, i, k, x->floats);
            status = send_one(x, &t->moments[k], t, error);
        }
        if (!target || status) continue;
        rb_net_tensor_get(target, i, x->floats);
        status = send_one(x, &t->target, t, error);
    }
    return status;
}

// From buffers in the order of programs.h; all of `count` numbers fit into `floats`.
static rb_status take(const xla *x, rb_buffer *const *from, float *floats, rb_net *online, rb_net *target,
                      rb_error *error)
{
    rb_status status = RB_OK;
    for (int pass = 0; pass < 3; pass++) { // online, moments, target
        if (pass == 2 && !target) break;
        for (int i = 0; i < x->tensors && !status; i++) {
            const tensor *t = &x->tensor[i];
            const int copies = !t->kept ? 0 : pass != 1 ? 1 : t->trained ? 2 : 0;
            for (int k = 0; k < copies && !status; k++) {
                status = rb_buffer_download(*from++, x->plugin, floats, t->count * sizeof *floats, error);
                if (status) break;
                if (pass == 1)
                    rb_net_moment_set(online, i, k, floats);
                else
                    rb_net_tensor_set(pass ? target : online, i, floats);
            }
        }
    }
    return status;
}

rb_status rb_xla_fetch(rb_device *device, rb_net *online, rb_net *target, rb_error *error)
{
    xla *x = of(device);
    job j = {.x = x, .error = error};
    rb_xla_add_tensors(&j, true, true, true);
    return take(x, j.input, x->floats, online, target, error);
}

// ---- a copy that stays while the weights change

void rb_xla_forget_kept(xla *x)
{
    for (int i = 0; i < x->kept_count; i++) rb_buffer_free(x->kept[i], x->plugin);
    x->kept_count = 0;
}

rb_status rb_xla_keep(rb_device *device, rb_error *error)
{
    xla *x = of(device);
    made *m = NULL;
    rb_status status = rb_xla_program_of(x, &m, KEEP, 0, 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    rb_xla_add_tensors(&j, true, true, true);
    rb_xla_forget_kept(x);
    status = rb_program_run(m->program, j.input, j.count, x->kept, m->outputs, error);
    if (!status) x->kept_count = m->outputs;
    return status;
}

// In a thread of its own: it touches nothing that the agent's calls do.
rb_status rb_xla_kept(rb_device *device, rb_net *online, rb_net *target, rb_error *error)
{
    xla *x = of(device);
    size_t most = 1;
    if (!x->kept_count) return rb_error_set(error, RB_ERR_USAGE, "the device keeps no copy of the weights");
    for (int i = 0; i < x->tensors; i++)
        if (x->tensor[i].count > most) most = x->tensor[i].count;
    float *floats = malloc(most * sizeof *floats);
    const rb_status status =
        floats ? take(x, x->kept, floats, online, target, error)
               : rb_error_set(error, RB_ERR_MEMORY, "not enough memory to copy weights from a device");
    free(floats);
    rb_xla_forget_kept(x);
    return status;
}
