// The agent's programs, compiled when they are first needed, and what one run of them reads and replaces.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xla/xla_impl.h"

// ---- programs

static void build(const xla *x, rb_hlo *h, program_kind kind, int size, int variant)
{
    if (kind == UPDATE)
        rb_xla_update_build(h, &x->shape, size, variant);
    else if (kind == ACT)
        rb_xla_act_build(h, &x->shape, size, variant);
    else if (kind == FRAMES)
        rb_xla_frames_build(h, &x->shape);
    else if (kind == STORE)
        rb_xla_store_build(h, &x->shape, size);
    else if (kind == GATHER)
        rb_xla_gather_build(h, &x->shape, size);
    else if (kind == KEEP)
        rb_xla_keep_build(h, &x->shape);
    else
        rb_xla_blend_build(h, &x->shape, kind == COPY);
}

static rb_status compile(xla *x, made *m, rb_error *error)
{
    static const char *const names[] = {"update", "act",    "blend", "copy",
                                        "keep",   "frames", "store", "gather"};
    char name[64], dump[RB_PATH_MAX + 80];
    rb_hlo *h;
    rb_status status = rb_hlo_create(&h, error);
    if (status) return status;
    build(x, h, m->kind, m->size, m->variant);
    snprintf(name, sizeof name, m->size ? "%s_%d_%d" : "%s", names[m->kind], m->size, m->variant);
    snprintf(dump, sizeof dump, "%s/%s.mlir", x->dump, name);
    status = rb_hlo_check(h, error);
    m->inputs = rb_hlo_inputs(h), m->outputs = rb_hlo_outputs(h);
    if (!status && (m->inputs > INPUTS_MOST || m->outputs > INPUTS_MOST))
        status = rb_error_set(error, RB_ERR_USAGE, "the network has too many tensors for a device's program");
    for (int i = 0; !status && i < m->outputs; i++) m->replaced[i] = rb_hlo_replaced(h, i);
    if (!status) status = rb_program_compile(&m->program, x->plugin, h, name, *x->dump ? dump : NULL, error);
    rb_hlo_destroy(h);
    return status;
}

rb_status rb_xla_program_of(xla *x, made **out, program_kind kind, int size, int variant, rb_error *error)
{
    for (int i = 0; i < x->programs; i++) {
        made *m = *out = x->program[i];
        if (m->kind == kind && m->size == size && m->variant == variant) return RB_OK;
    }
    made *m = calloc(1, sizeof *m);
    if (!m) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for a device's program");
    m->kind = kind, m->size = size, m->variant = variant;
    const rb_status status = compile(x, m, error);
    if (status) {
        free(m);
        return status;
    }
    if (x->programs == PROGRAMS) { // a batch of one more size: the first of the others is compiled again
        int old = 0;
        while (old < PROGRAMS - 1 && x->program[old]->kind != kind) old++;
        rb_program_destroy(x->program[old]->program);
        free(x->program[old]);
        x->program[old] = x->program[--x->programs];
    }
    *out = x->program[x->programs++] = m;
    return RB_OK;
}

// ---- running one

void rb_xla_add_state(job *j, rb_buffer **place)
{
    j->place[j->count] = place;
    j->input[j->count++] = *place;
    j->state = j->count;
}

void rb_xla_add_tensors(job *j, bool online, bool moments, bool target)
{
    xla *x = j->x;
    for (int i = 0; online && i < x->tensors; i++)
        if (x->tensor[i].kept) rb_xla_add_state(j, &x->tensor[i].online);
    for (int i = 0; moments && i < x->tensors; i++)
        for (int k = 0; x->tensor[i].trained && k < 2; k++) rb_xla_add_state(j, &x->tensor[i].moments[k]);
    for (int i = 0; target && i < x->tensors; i++)
        if (x->tensor[i].target) rb_xla_add_state(j, &x->tensor[i].target);
}

void rb_xla_add_data(job *j, rb_type type, rb_sizes sizes, const void *data)
{
    if (j->status) return;
    j->status = rb_buffer_upload(&j->input[j->count], j->x->plugin, type, sizes, data, j->error);
    if (!j->status) j->count++;
}

// Observations of pictures with vectors are frames of both; a program reads all pictures, then all vectors.
static void split(xla *x, const char *from, int64_t count)
{
    const rb_agent_spec *spec = &x->spec;
    const size_t frames = (size_t)spec->frames, vector = (size_t)spec->vector * sizeof(float);
    const size_t picture = x->picture_bytes / frames;
    char *vectors = (char *)x->vectors;
    for (size_t i = 0; i < (size_t)count * frames; i++) {
        memcpy(x->pictures + i * picture, from, picture);
        memcpy(vectors + i * vector, from + picture, vector);
        from += picture + vector;
    }
}

void rb_xla_add_observations(job *j, const void *data, int64_t count)
{
    xla *x = j->x;
    const rb_agent_spec *spec = &x->spec;
    const rb_type type = spec->kind == RB_OBS_U8 ? RB_U8 : RB_F32;
    if (spec->vector) split(x, data, count);
    rb_xla_add_data(j, type, RB_SIZES(count, spec->planes, spec->height, spec->width),
                    spec->vector ? x->pictures : data);
    if (spec->vector)
        rb_xla_add_data(j, RB_F32, RB_SIZES(count, (int64_t)spec->vector * spec->frames), x->vectors);
}

// Starts it, keeps what replaces state, and gives the last output if that replaces none.
rb_status rb_xla_start(job *j, made *m, rb_buffer **last)
{
    xla *x = j->x;
    rb_buffer *out[INPUTS_MOST] = {NULL};
    rb_status status = j->status;
    if (!status) status = rb_program_run(m->program, j->input, j->count, out, m->outputs, j->error);
    for (int i = j->state; i < j->count; i++) rb_buffer_free(j->input[i], x->plugin);
    for (int i = 0; !status && i < m->outputs; i++) {
        if (m->replaced[i] < 0) continue;
        rb_buffer_free(j->input[m->replaced[i]], x->plugin);
        *j->place[m->replaced[i]] = out[i];
    }
    *last = status || m->replaced[m->outputs - 1] >= 0 ? NULL : out[m->outputs - 1];
    return status;
}

// And copies that output, when it is there.
rb_status rb_xla_run(job *j, made *m, float *to, size_t count)
{
    rb_buffer *last;
    rb_status status = rb_xla_start(j, m, &last);
    if (last) status = rb_buffer_download(last, j->x->plugin, to, count * sizeof *to, j->error);
    rb_buffer_free(last, j->x->plugin);
    return status;
}
