// See xla.h. Weights, moments and the target network stay in the device's memory; an update gives back a few
// numbers and the priorities.
#include "xla/xla.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "xla/programs.h"

enum { PROGRAMS = 24, BATCH_MOST = 12, INPUTS_MOST = 4 * RB_XLA_TENSORS + 16 };

typedef enum program_kind { UPDATE, ACT, BLEND, COPY } program_kind;

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
    char *pictures;
    float *vectors;
    size_t picture_bytes, observation_bytes;
} xla;

static xla *of(rb_device *device)
{
    return (xla *)device;
}

// ---- programs

static void build(const xla *x, rb_hlo *h, program_kind kind, int size, int variant)
{
    if (kind == UPDATE)
        rb_xla_update_build(h, &x->shape, size, variant);
    else if (kind == ACT)
        rb_xla_act_build(h, &x->shape, size, variant);
    else
        rb_xla_blend_build(h, &x->shape, kind == COPY);
}

static rb_status compile(xla *x, made *m, rb_error *error)
{
    static const char *const names[] = {"update", "act", "blend", "copy"};
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

static rb_status program_of(xla *x, made **out, program_kind kind, int size, int variant, rb_error *error)
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

typedef struct job {
    xla *x;
    rb_status status;
    rb_error *error;
    int state, count; // buffers that stay on the device come first
    rb_buffer **place[INPUTS_MOST], *input[INPUTS_MOST];
} job;

static void add_state(job *j, rb_buffer **place)
{
    j->place[j->count] = place;
    j->input[j->count++] = *place;
    j->state = j->count;
}

static void add_tensors(job *j, bool online, bool moments, bool target)
{
    xla *x = j->x;
    for (int i = 0; online && i < x->tensors; i++)
        if (x->tensor[i].kept) add_state(j, &x->tensor[i].online);
    for (int i = 0; moments && i < x->tensors; i++)
        for (int k = 0; x->tensor[i].trained && k < 2; k++) add_state(j, &x->tensor[i].moments[k]);
    for (int i = 0; target && i < x->tensors; i++)
        if (x->tensor[i].target) add_state(j, &x->tensor[i].target);
}

static void add_data(job *j, rb_type type, rb_sizes sizes, const void *data)
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

static void add_observations(job *j, const void *data, int64_t count)
{
    xla *x = j->x;
    const rb_agent_spec *spec = &x->spec;
    const rb_type type = spec->kind == RB_OBS_U8 ? RB_U8 : RB_F32;
    if (spec->vector) split(x, data, count);
    add_data(j, type, RB_SIZES(count, spec->planes, spec->height, spec->width),
             spec->vector ? x->pictures : data);
    if (spec->vector) add_data(j, RB_F32, RB_SIZES(count, (int64_t)spec->vector * spec->frames), x->vectors);
}

// Starts it, keeps what replaces state, and gives the last output if that replaces none.
static rb_status start(job *j, made *m, rb_buffer **last)
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
static rb_status run(job *j, made *m, float *to, size_t count)
{
    rb_buffer *last;
    rb_status status = start(j, m, &last);
    if (last) status = rb_buffer_download(last, j->x->plugin, to, count * sizeof *to, j->error);
    rb_buffer_free(last, j->x->plugin);
    return status;
}

// ---- the agent's calls

static int with_of(bool masks, bool intensities)
{
    return (masks ? RB_XLA_MASKS : 0) | (intensities ? RB_XLA_INTENSITIES : 0);
}

static void forget_batch(xla *x)
{
    for (int i = 0; i < x->sent_count; i++) rb_buffer_free(x->sent[i], x->plugin);
    x->sent_count = 0;
}

static rb_status load(rb_device *device, const rb_batch *b, rb_error *error)
{
    xla *x = of(device);
    const int64_t size = b->size;
    const rb_agent_spec *spec = &x->spec;
    job j = {.x = x, .error = error};
    forget_batch(x);
    add_observations(&j, b->states, size);
    if (x->shape.target) add_observations(&j, b->next_states, size);
    add_data(&j, RB_S32, RB_SIZES(size), b->actions);
    const float *rows[] = {
        [RB_XLA_RETURNS] = b->returns, [RB_XLA_DISCOUNTS] = b->discounts, [RB_XLA_WEIGHTS] = b->weights};
    for (int i = 0; i < RB_XLA_NUMBERS; i++)
        memcpy(x->floats + i * size, rows[i], (size_t)size * sizeof(float));
    add_data(&j, RB_F32, RB_SIZES(RB_XLA_NUMBERS, size), x->floats);
    if (b->masks) {
        const size_t bytes = (size_t)size * (size_t)spec->actions;
        memcpy(x->floats, b->masks, bytes);
        memcpy((char *)x->floats + bytes, b->next_masks, bytes);
        add_data(&j, RB_U8, RB_SIZES(2, size, spec->actions), x->floats);
    }
    if (b->intensities) {
        memcpy(x->floats, b->intensities, (size_t)size * sizeof(float));
        memcpy(x->floats + size, b->next_intensities, (size_t)size * sizeof(float));
        add_data(&j, RB_F32, RB_SIZES(2, size), x->floats);
    }
    memcpy(x->sent, j.input, (size_t)j.count * sizeof *x->sent);
    x->sent_count = j.count, x->sent_size = b->size, x->sent_with = with_of(b->masks, b->intensities);
    if (j.status) forget_batch(x);
    return j.status;
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
    rb_status status = program_of(x, &m, UPDATE, b->size, with_of(b->masks, b->intensities), error);
    const bool there = u->loaded && x->sent_count && x->sent_size == b->size &&
                       x->sent_with == with_of(b->masks, b->intensities);
    if (!status && !there) status = load(device, b, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    add_tensors(&j, true, true, true);
    add_sent(&j);
    const float rule[RB_XLA_RULE] = {u->rule.rate, u->rule.root, u->rule.epsilon, u->rule.under,
                                     u->rule.keep};
    add_data(&j, RB_F32, RB_SIZES(RB_XLA_RULE), rule);
    const int keys = rb_xla_key_rows(&x->shape, true), own = rb_xla_key_rows(&x->shape, false);
    uint32_t all[4 * RB_DEVICE_KEYS] = {0};
    memcpy(all, u->keys, (size_t)own * 2 * sizeof *all);
    memcpy(all + 2 * own, u->target_keys, (size_t)(keys - own) * 2 * sizeof *all);
    if (keys) add_data(&j, RB_U32, RB_SIZES(keys, 2), all);
    if (rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT) {
        const rb_fraction_counts each = rb_fractions_of(spec);
        add_data(&j, RB_F32, RB_SIZES(size, each.state), u->fractions[0]);
        add_data(&j, RB_F32, RB_SIZES(size, each.next), u->fractions[1]);
        if (rb_chooses_online(spec)) add_data(&j, RB_F32, RB_SIZES(size, each.choice), u->fractions[2]);
        if (spec->agent.munchausen) add_data(&j, RB_F32, RB_SIZES(size, each.values), u->fractions[3]);
    }
    rb_buffer_free(x->facts, x->plugin); // of an update that nobody asked for
    x->facts_size = b->size;
    return start(&j, m, &x->facts);
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
    rb_status status = program_of(x, &m, ACT, size, rows ? a->noise : 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    add_tensors(&j, true, false, false);
    const void *seen = a->observations;
    char *padded = NULL;
    if (size > a->count) {
        padded = calloc((size_t)size, x->observation_bytes);
        if (!padded) return rb_error_set(error, RB_ERR_MEMORY, "not enough memory for observations");
        memcpy(padded, a->observations, (size_t)a->count * x->observation_bytes);
        seen = padded;
    }
    add_observations(&j, seen, size);
    if (rows && a->noise) add_data(&j, RB_U32, RB_SIZES(rows, 2), a->keys);
    float *q = x->floats;
    status = run(&j, m, q, (size_t)size * actions);
    if (!status) memcpy(a->q, q, (size_t)a->count * actions * sizeof *q);
    free(padded);
    return status;
}

static rb_status blend(rb_device *device, double share, rb_error *error)
{
    xla *x = of(device);
    const float as_float = (float)share;
    made *m = NULL;
    rb_status status = program_of(x, &m, share == 1 ? COPY : BLEND, 0, 0, error);
    if (status) return status;
    job j = {.x = x, .error = error};
    add_tensors(&j, true, false, true);
    if (share != 1) add_data(&j, RB_F32, RB_SCALAR, &as_float);
    return run(&j, m, NULL, 0);
}

// ---- weights to the device and back

static rb_status send_one(xla *x, rb_buffer **place, const tensor *t, rb_error *error)
{
    rb_buffer *fresh = NULL;
    rb_status status = rb_buffer_upload(&fresh, x->plugin, RB_F32, t->sizes, x->floats, error);
    if (status) return status;
    rb_buffer_free(*place, x->plugin);
    *place = fresh;
    return RB_OK;
}

static rb_status send(rb_device *device, const rb_net *online, const rb_net *target, rb_error *error)
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

static rb_status fetch_one(const xla *x, rb_buffer *from, const tensor *t, rb_error *error)
{
    return rb_buffer_download(from, x->plugin, x->floats, t->count * sizeof(float), error);
}

static rb_status fetch(rb_device *device, rb_net *online, rb_net *target, rb_error *error)
{
    xla *x = of(device);
    rb_status status = RB_OK;
    for (int i = 0; i < x->tensors && !status; i++) {
        const tensor *t = &x->tensor[i];
        if (!t->kept) continue;
        status = fetch_one(x, t->online, t, error);
        if (!status) rb_net_tensor_set(online, i, x->floats);
        for (int k = 0; t->trained && k < 2 && !status; k++) {
            status = fetch_one(x, t->moments[k], t, error);
            if (!status) rb_net_moment_set(online, i, k, x->floats);
        }
        if (!target || status) continue;
        status = fetch_one(x, t->target, t, error);
        if (!status) rb_net_tensor_set(target, i, x->floats);
    }
    return status;
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

// ---- the memory of the device

typedef struct needs {
    double weights, batches, update, free; // update, free: below 0 if the plugin does not tell
} needs;

static needs needs_of(xla *x)
{
    made *m = NULL;
    needs n = {.update = -1, .free = rb_plugin_facts_of(x->plugin).free};
    for (int i = 0; i < x->tensors; i++) {
        const tensor *t = &x->tensor[i];
        const int copies = 1 + (x->shape.target != NULL) + (t->trained ? 2 : 0);
        if (t->kept) n.weights += (double)(t->count * sizeof(float)) * copies;
    }
    // Of an update's batch, and of the next one, which is sent while it runs.
    const double samples = 2.0 * (double)x->spec.agent.batch;
    n.batches = samples * (double)x->observation_bytes * (x->shape.target ? 2 : 1);
    const int with = with_of(x->spec.masked, x->spec.intense);
    if (!program_of(x, &m, UPDATE, (int)x->spec.agent.batch, with, NULL))
        n.update = rb_program_needs(m->program);
    return n;
}

static void memory_text(const needs *n, char *out, size_t bytes)
{
    char weights[32], batches[32], update[64] = "", available[64] = "";
    rb_text_bytes(weights, sizeof weights, n->weights);
    rb_text_bytes(batches, sizeof batches, n->batches);
    snprintf(out, bytes, "weights, moments and target %s, batches %s", weights, batches);
    if (n->update >= 0) rb_text_bytes(update, sizeof update, n->update);
    if (n->free >= 0) rb_text_bytes(available, sizeof available, n->free);
    const size_t used = strlen(out);
    if (used < bytes)
        snprintf(out + used, bytes - used, "%s%s%s%s%s", *update ? ", an update " : "", update,
                 *available ? "; " : "", available, *available ? " free" : "");
}

static void memory(rb_device *device, char *out, size_t bytes)
{
    const needs n = needs_of(of(device));
    memory_text(&n, out, bytes);
}

static rb_status check_memory(xla *x, rb_error *error)
{
    char text[256], all[32];
    const needs n = needs_of(x);
    const double need = n.weights + n.batches + (n.update > 0 ? n.update : 0);
    if (n.free < 0 || need <= n.free) return RB_OK;
    memory_text(&n, text, sizeof text);
    rb_text_bytes(all, sizeof all, need);
    return rb_error_set(error, RB_ERR_MEMORY,
                        "this agent needs %s of the device's memory (%s); a smaller agent.batch or network "
                        "needs less",
                        all, text);
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
        status =
            program_of(x, &m, UPDATE, (int)spec->agent.batch, with_of(spec->masked, spec->intense), error);
    if (!status) status = check_memory(x, error);
    if (!status) status = send(device, online, target, error);
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
    forget_batch(x);
    rb_buffer_free(x->facts, x->plugin);
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
    static const rb_device_class class = {prepare, send,  fetch,   act,  load,  learn,
                                          learned, blend, destroy, name, memory};
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
