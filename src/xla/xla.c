// See xla.h. Weights, moments and the target network stay in the device's memory; an update gives back a few
// numbers and the priorities.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xla/xla_impl.h"

// ---- the agent's calls

static void forget_batch(xla *x)
{
    for (int i = 0; i < x->sent_count; i++) rb_buffer_free(x->sent[i], x->plugin);
    x->sent_count = 0;
}

// `gather`: the observations are in the copy of replay's frames.
static rb_status send_batch(xla *x, const rb_batch *b, bool gather, rb_error *error)
{
    const int64_t size = b->size;
    const rb_agent_spec *spec = &x->spec;
    job j = {.x = x, .error = error};
    forget_batch(x);
    if (gather) {
        j.status = rb_xla_gather(x, b, j.input, error);
        j.count = j.status ? 0 : 2;
    } else {
        rb_xla_add_observations(&j, b->states, size);
        if (x->shape.target) rb_xla_add_observations(&j, b->next_states, size);
    }
    rb_xla_add_data(&j, RB_S32, RB_SIZES(size), b->actions);
    const float *rows[] = {
        [RB_XLA_RETURNS] = b->returns, [RB_XLA_DISCOUNTS] = b->discounts, [RB_XLA_WEIGHTS] = b->weights};
    for (int i = 0; i < RB_XLA_NUMBERS; i++)
        memcpy(x->floats + i * size, rows[i], (size_t)size * sizeof(float));
    rb_xla_add_data(&j, RB_F32, RB_SIZES(RB_XLA_NUMBERS, size), x->floats);
    if (b->masks) {
        const size_t bytes = (size_t)size * (size_t)spec->actions;
        memcpy(x->floats, b->masks, bytes);
        memcpy((char *)x->floats + bytes, b->next_masks, bytes);
        rb_xla_add_data(&j, RB_U8, RB_SIZES(2, size, spec->actions), x->floats);
    }
    if (b->intensities) {
        memcpy(x->floats, b->intensities, (size_t)size * sizeof(float));
        memcpy(x->floats + size, b->next_intensities, (size_t)size * sizeof(float));
        rb_xla_add_data(&j, RB_F32, RB_SIZES(2, size), x->floats);
    }
    memcpy(x->sent, j.input, (size_t)j.count * sizeof *x->sent);
    x->sent_count = j.count, x->sent_size = b->size, x->sent_with = rb_xla_with_of(b->masks, b->intensities);
    if (j.status) forget_batch(x);
    return j.status;
}

static rb_status load(rb_device *device, const rb_batch *b, rb_error *error)
{
    xla *x = of(device);
    return send_batch(x, b, b->slots && x->frames, error);
}

static void add_sent(job *j)
{
    xla *x = j->x;
    for (int i = 0; i < x->sent_count; i++) j->input[j->count++] = x->sent[i];
    x->sent_count = 0;
}

static rb_status learn(rb_device *device, const rb_device_update *u, rb_error *error)
{
    xla *x = of(device);
    const rb_batch *b = u->batch;
    const int64_t size = b->size;
    const rb_agent_spec *spec = &x->spec;
    made *m = NULL;
    rb_status status =
        rb_xla_program_of(x, &m, UPDATE, b->size, rb_xla_with_of(b->masks, b->intensities), error);
    const bool there = u->loaded && x->sent_count && x->sent_size == b->size &&
                       x->sent_with == rb_xla_with_of(b->masks, b->intensities);
    if (!status && !there) status = send_batch(x, b, false, error); // drawn before a resume
    if (status) return status;
    job j = {.x = x, .error = error};
    rb_xla_add_tensors(&j, true, true, true);
    add_sent(&j);
    const float rule[RB_XLA_RULE] = {u->rule.rate, u->rule.root, u->rule.epsilon, u->rule.under,
                                     u->rule.keep};
    rb_xla_add_data(&j, RB_F32, RB_SIZES(RB_XLA_RULE), rule);
    const int keys = rb_xla_key_rows(&x->shape, true), own = rb_xla_key_rows(&x->shape, false);
    uint32_t all[4 * RB_DEVICE_KEYS] = {0};
    memcpy(all, u->keys, (size_t)own * 2 * sizeof *all);
    memcpy(all + 2 * own, u->target_keys, (size_t)(keys - own) * 2 * sizeof *all);
    if (keys) rb_xla_add_data(&j, RB_U32, RB_SIZES(keys, 2), all);
    if (rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT) {
        const rb_fraction_counts each = rb_fractions_of(spec);
        rb_xla_add_data(&j, RB_F32, RB_SIZES(size, each.state), u->fractions[0]);
        rb_xla_add_data(&j, RB_F32, RB_SIZES(size, each.next), u->fractions[1]);
        if (rb_chooses_online(spec))
            rb_xla_add_data(&j, RB_F32, RB_SIZES(size, each.choice), u->fractions[2]);
        if (spec->agent.munchausen) rb_xla_add_data(&j, RB_F32, RB_SIZES(size, each.values), u->fractions[3]);
    }
    rb_buffer_free(x->facts, x->plugin); // of an update that nobody asked for
    x->facts_size = b->size;
    return rb_xla_start(&j, m, &x->facts);
}

static rb_status learned(rb_device *device, float *priorities, rb_learned *out, float *largest,
                         rb_error *error)
{
    xla *x = of(device);
    const float *facts = x->floats;
    const size_t size = (size_t)x->facts_size;
    if (!x->facts) return rb_error_set(error, RB_ERR_USAGE, "the device computes no update");
    const rb_status status =
        rb_buffer_download(x->facts, x->plugin, x->floats, (RB_XLA_FACTS + size) * sizeof *x->floats, error);
    rb_buffer_free(x->facts, x->plugin);
    x->facts = NULL;
    if (status) return status;
    *out = (rb_learned){.loss = facts[RB_XLA_LOSS],
                        .q_mean = facts[RB_XLA_Q_MEAN],
                        .clipped = facts[RB_XLA_CLIPPED],
                        .above = facts[RB_XLA_ABOVE]};
    *largest = facts[RB_XLA_LARGEST];
    memcpy(priorities, facts + RB_XLA_FACTS, size * sizeof *priorities);
    return RB_OK;
}

// One program serves as many observations, or the next power of two: the rest of them are computed in vain.
static int acting_size(const xla *x, int count)
{
    int size = 1;
    while (size < count) size *= 2;
    return size < x->spec.streams ? size : x->spec.streams;
}

static rb_status act(rb_device *device, const rb_device_act *a, rb_error *error)
{
    xla *x = of(device);
    const int size = acting_size(x, a->count), rows = rb_xla_key_rows(&x->shape, false);
    const size_t actions = (size_t)x->spec.actions;
    made *m = NULL;
    rb_status status = rb_xla_program_of(x, &m, ACT, size, rows ? a->noise : 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    rb_xla_add_tensors(&j, true, false, false);
    const void *seen = a->observations;
    char *padded = NULL;
    if (size > a->count) {
        padded = calloc((size_t)size, x->observation_bytes);
        if (!padded) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for observations");
        memcpy(padded, a->observations, (size_t)a->count * x->observation_bytes);
        seen = padded;
    }
    rb_xla_add_observations(&j, seen, size);
    if (rows && a->noise) rb_xla_add_data(&j, RB_U32, RB_SIZES(rows, 2), a->keys);
    float *q = x->floats;
    status = rb_xla_run(&j, m, q, (size_t)size * actions);
    if (!status) memcpy(a->q, q, (size_t)a->count * actions * sizeof *q);
    free(padded);
    return status;
}

static rb_status blend(rb_device *device, double share, rb_error *error)
{
    xla *x = of(device);
    const float as_float = (float)share;
    made *m = NULL;
    rb_status status = rb_xla_program_of(x, &m, share == 1 ? COPY : BLEND, 0, 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    rb_xla_add_tensors(&j, true, false, true);
    if (share != 1) rb_xla_add_data(&j, RB_F32, RB_SCALAR, &as_float);
    return rb_xla_run(&j, m, NULL, 0);
}

// ---- begun and ended

static rb_status describe_tensors(xla *x, rb_error *error)
{
    size_t most = (size_t)x->spec.agent.batch * ((size_t)x->spec.actions + RB_XLA_NUMBERS) + RB_XLA_FACTS;
    if (most < (size_t)x->spec.streams * (size_t)x->spec.actions)
        most = (size_t)x->spec.streams * (size_t)x->spec.actions;
    x->tensors = rb_net_tensor_count(x->shape.online);
    if (x->tensors > RB_XLA_TENSORS)
        return rb_error_set(error, RB_ERR_USAGE,
                            "the network has %d tensors, but a device's program can have %d", x->tensors,
                            RB_XLA_TENSORS);
    for (int i = 0; i < x->tensors; i++) {
        rb_net_tensor info;
        rb_net_tensor_info(x->shape.online, i, &info);
        x->tensor[i] = (tensor){.kept = rb_xla_keeps(&info),
                                .trained = !info.buffer,
                                .sizes = rb_xla_sizes(&info),
                                .count = info.count};
        if (info.count > most) most = info.count;
    }
    x->floats = calloc(most, sizeof *x->floats);
    return x->floats ? RB_OK
                     : rb_error_set(error, RB_ERR_MEMORY, "not enough memory to copy weights to a device");
}

static rb_status prepare(rb_device *device, const rb_agent_spec *spec, const rb_net *online,
                         const rb_net *target, rb_error *error)
{
    xla *x = of(device);
    made *m = NULL;
    x->spec = *spec;
    x->shape = (rb_xla_shape){.spec = &x->spec, .online = online, .target = target, .bf16 = x->options.bf16};
    const size_t numbers = (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
    const size_t vectors = (size_t)(spec->vector * spec->frames),
                 most = (size_t)(spec->agent.batch > spec->streams ? spec->agent.batch : spec->streams);
    x->picture_bytes = rb_obs_bytes(spec->kind, numbers);
    x->observation_bytes = x->picture_bytes + vectors * sizeof(float);
    rb_status status = describe_tensors(x, error);
    if (!status && spec->vector) {
        x->pictures = calloc(most, x->picture_bytes), x->vectors = calloc(most, vectors * sizeof(float));
        if (!x->pictures || !x->vectors)
            status = rb_error_set(error, RB_ERR_MEMORY, "not enough memory for observations");
    }
    if (!status)
        status = rb_xla_program_of(x, &m, UPDATE, (int)spec->agent.batch,
                                   rb_xla_with_of(spec->masked, spec->intense), error);
    if (!status) status = rb_xla_check_memory(x, error);
    if (!status) status = rb_xla_make_frames(x, error);
    if (!status) status = rb_xla_send(device, online, target, error);
    return status;
}

static void destroy(rb_device *device)
{
    xla *x = of(device);
    for (int i = 0; i < x->programs; i++) {
        rb_program_destroy(x->program[i]->program);
        free(x->program[i]);
    }
    for (int i = 0; i < x->tensors; i++) {
        tensor *t = &x->tensor[i];
        rb_buffer_free(t->online, x->plugin);
        rb_buffer_free(t->target, x->plugin);
        for (int k = 0; k < 2; k++) rb_buffer_free(t->moments[k], x->plugin);
    }
    forget_batch(x), rb_xla_forget_kept(x);
    rb_buffer_free(x->facts, x->plugin);
    rb_buffer_free(x->frames, x->plugin);
    free(x->floats), free(x->pictures), free(x->vectors);
    rb_plugin_close(x->plugin);
    free(x);
}

static const char *name(const rb_device *device)
{
    return ((const xla *)device)->name;
}

rb_status rb_xla_create(rb_device **out, const char *path, const rb_xla_options *options, rb_error *error)
{
    static const rb_device_class class = {prepare, rb_xla_send,  rb_xla_fetch, rb_xla_keep,  rb_xla_kept,
                                          act,     rb_xla_store, load,         learn,        learned,
                                          blend,   destroy,      name,         rb_xla_memory};
    xla *x = calloc(1, sizeof *x);
    if (!x) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for a device");
    x->base.class = &class;
    x->options = *options;
    const char *dump = getenv("RAINBOW_XLA_DUMP");
    if (dump) snprintf(x->dump, sizeof x->dump, "%s", dump);
    rb_status status = *x->dump ? rb_file_make_directories(x->dump, error) : RB_OK;
    if (!status) status = rb_plugin_open(&x->plugin, path, error);
    if (status) {
        free(x);
        return status;
    }
    const rb_plugin_facts facts = rb_plugin_facts_of(x->plugin);
    snprintf(x->name, sizeof x->name, "pjrt %s, %s", facts.platform, facts.kind);
    *out = &x->base;
    return RB_OK;
}
