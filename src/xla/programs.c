// See programs.h.
#include "xla/programs.h"

#include <stdio.h>
#include <string.h>

typedef struct sights {                    // observations in a program
    rb_value picture, vector, intensities; // intensities: 0 without
} sights;

static sights observations(rb_hlo *h, const rb_agent_spec *spec, int64_t size, const char *name)
{
    char vector[64];
    const rb_type type = spec->kind == RB_OBS_U8 ? RB_U8 : RB_F32;
    sights s = {.vector = -1};
    s.picture = rb_hlo_input(h, type, RB_SIZES(size, spec->planes, spec->height, spec->width), name);
    snprintf(vector, sizeof vector, "%s_vector", name);
    if (spec->vector)
        s.vector = rb_hlo_input(h, RB_F32, RB_SIZES(size, (int64_t)spec->vector * spec->frames), vector);
    return s;
}

static int draws_of(const rb_xla_shape *shape)
{
    const int draws = rb_net_spec_of(shape->online)->draws;
    return draws ? draws : 1;
}

int rb_xla_key_rows(const rb_xla_shape *shape, bool update)
{
    rb_net_noise layers[RB_NET_NOISE_MOST];
    const int count = rb_net_noise_layers(shape->online, layers);
    return count * draws_of(shape) + (update && shape->target ? count : 0);
}

// ---- update

typedef struct trained { // a tensor that the optimiser changes
    int tensor;
    bool decays;
    int tied; // outputs with one bias: how far apart
    rb_value m, v;
} trained;

typedef struct update {
    rb_hlo *h;
    const rb_xla_shape *shape;
    rb_xla_net online, target;
    int count;
    trained trained[RB_XLA_TENSORS];
    sights states, next_states;
    rb_xla_batch batch;
    rb_value rule, keys, fractions[4];
} update;

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), tail = strlen(end);
    return length >= tail && !strcmp(name + length - tail, end);
}

static void add_moments(update *u)
{
    const rb_net *net = u->shape->online;
    for (int i = 0; i < u->online.tensors; i++) {
        rb_net_tensor info;
        char name[96];
        rb_net_tensor_info(net, i, &info);
        if (info.buffer) continue;
        trained *t = &u->trained[u->count++];
        const bool norm = strstr(info.name, ".norm") != NULL;
        *t = (trained){
            .tensor = i, .tied = rb_net_tied(net, i), .decays = !norm && !strstr(info.name, ".bias")};
        snprintf(name, sizeof name, "%s.m", info.name);
        t->m = rb_hlo_input(u->h, RB_F32, rb_xla_sizes(&info), name);
        snprintf(name, sizeof name, "%s.v", info.name);
        t->v = rb_hlo_input(u->h, RB_F32, rb_xla_sizes(&info), name);
    }
}

static rb_value row(rb_hlo *h, rb_value rows, int i)
{
    const rb_sizes sizes = rb_hlo_sizes(h, rows);
    rb_sizes one = {.rank = sizes.rank - 1};
    for (int d = 1; d < sizes.rank; d++) one.of[d - 1] = sizes.of[d];
    return rb_hlo_reshape(h, rb_hlo_slice(h, rows, 0, i, i + 1), one);
}

static void add_batch(update *u, int size, int with)
{
    rb_hlo *h = u->h;
    const rb_agent_spec *spec = u->shape->spec;
    u->states = observations(h, spec, size, "states");
    if (u->shape->target) u->next_states = observations(h, spec, size, "next_states");
    u->batch = (rb_xla_batch){
        .actions = rb_hlo_input(h, RB_S32, RB_SIZES(size), "actions"), .masks = -1, .next_masks = -1};
    const rb_value numbers = rb_hlo_input(h, RB_F32, RB_SIZES(RB_XLA_NUMBERS, size), "numbers");
    u->batch.returns = row(h, numbers, RB_XLA_RETURNS);
    u->batch.discounts = row(h, numbers, RB_XLA_DISCOUNTS);
    u->batch.weights = row(h, numbers, RB_XLA_WEIGHTS);
    if (with & RB_XLA_MASKS) {
        const rb_value both = rb_hlo_input(h, RB_U8, RB_SIZES(2, size, spec->actions), "masks");
        const rb_value allows = rb_hlo_compare(h, RB_NE, both, rb_hlo_number(h, RB_U8, 0));
        u->batch.masks = row(h, allows, 0), u->batch.next_masks = row(h, allows, 1);
    }
    if (with & RB_XLA_INTENSITIES) {
        const rb_value both = rb_hlo_input(h, RB_F32, RB_SIZES(2, size), "intensities");
        u->states.intensities = row(h, both, 0), u->next_states.intensities = row(h, both, 1);
    }
    u->rule = rb_hlo_input(h, RB_F32, RB_SIZES(RB_XLA_RULE), "rule");
    const int rows = rb_xla_key_rows(u->shape, true);
    if (rows) u->keys = rb_hlo_input(h, RB_U32, RB_SIZES(rows, 2), "keys");
    if (rb_head_of(&spec->agent) != RB_HEAD_IMPLICIT) return;
    const rb_fraction_counts each = rb_fractions_of(spec);
    u->fractions[0] = rb_hlo_input(h, RB_F32, RB_SIZES(size, each.state), "fractions");
    u->fractions[1] = rb_hlo_input(h, RB_F32, RB_SIZES(size, each.next), "next_fractions");
    if (rb_chooses_online(spec))
        u->fractions[2] = rb_hlo_input(h, RB_F32, RB_SIZES(size, each.choice), "choice_fractions");
    if (spec->agent.munchausen)
        u->fractions[3] = rb_hlo_input(h, RB_F32, RB_SIZES(size, each.values), "soft_fractions");
}

// One forward pass. `draw`: of the online network, from 1; the target network has one.
static rb_value forward(update *u, const rb_xla_net *net, const sights *seen, const rb_xla_noise *noise,
                        int fractions, rb_xla_pass *pass)
{
    const bool implicit = rb_head_of(&u->shape->spec->agent) == RB_HEAD_IMPLICIT;
    *pass = (rb_xla_pass){.picture = seen->picture,
                          .vector = seen->vector,
                          .intensities = seen->intensities,
                          .noise = net->noise_layers ? noise : NULL,
                          .learns = fractions == 0,
                          .each = implicit ? (int)rb_hlo_sizes(u->h, u->fractions[fractions]).of[1] : 0,
                          .fractions = u->fractions[fractions]};
    return rb_xla_forward(u->h, net, pass);
}

// All passes; `learns` is that of the states, whose gradient is taken.
static rb_xla_outputs pass_all(update *u, rb_xla_pass *learns)
{
    const rb_agent_spec *spec = u->shape->spec;
    const rb_noise_draws draws = rb_draws_of(spec);
    rb_xla_noise own, other, targets;
    rb_xla_pass rest;
    const bool fresh = u->shape->target && rb_chooses_online(spec) && draws.next != draws.state;
    const rb_xla_draw_of all[RB_XLA_DRAWS] = {
        {&own, &u->online, draws.state - 1, draws.count},
        {&targets, &u->target, u->online.noise_layers * draws.count, 1},
        {&other, &u->online, draws.next - 1, draws.count},
    };
    rb_xla_draw(u->h, u->keys, all, !u->shape->target ? 1 : fresh ? 3 : 2);
    rb_xla_outputs o = {
        .next_online = -1, .next_target = -1, .state_target = -1, .fractions = u->fractions[0]};
    o.state = forward(u, &u->online, &u->states, &own, 0, learns);
    if (!u->shape->target) return o;
    o.next_target = forward(u, &u->target, &u->next_states, &targets, 1, &rest);
    if (rb_chooses_online(spec)) {
        o.next_online = forward(u, &u->online, &u->next_states, fresh ? &other : &own, 2, &rest);
    } else if (spec->agent.munchausen) {
        o.state_target = forward(u, &u->target, &u->states, &targets, 3, &rest);
    }
    return o;
}

// Biases that outputs share have the sum of their gradients; [tied] numbers, each once.
static rb_value tied_gradient(rb_hlo *h, rb_value g, int tied)
{
    const int64_t all = rb_hlo_sizes(h, g).of[0];
    return rb_hlo_sum(h, rb_hlo_reshape(h, g, RB_SIZES(all / tied, tied)), 0);
}

// The factor that brings the norm of the whole gradient down to optim.clip_norm.
static rb_value clip_scale(rb_hlo *h, const rb_value *gradients, int count, double most)
{
    rb_value sum = rb_hlo_number(h, RB_F32, 0);
    for (int i = 0; i < count; i++)
        sum = rb_hlo_add(h, sum, rb_hlo_sum_all(h, rb_hlo_multiply(h, gradients[i], gradients[i])));
    const rb_value norm = rb_hlo_plus(h, rb_hlo_unary(h, RB_SQRT, sum), 1e-6),
                   limit = rb_hlo_number(h, RB_F32, most);
    return rb_hlo_select(h, rb_hlo_compare(h, RB_GE, limit, norm), rb_hlo_number(h, RB_F32, 1),
                         rb_hlo_divide(h, limit, norm));
}

static rb_value fine_or_old(rb_hlo *h, rb_value fine, rb_value new, rb_value old) // fine -1: always new
{
    return fine < 0 ? new : rb_hlo_select(h, fine, new, old);
}

static void apply(update *u, const rb_xla_verdict *verdict, rb_value *changed)
{
    rb_hlo *h = u->h;
    const rb_optim_params *optim = &u->shape->spec->optim;
    rb_value weights[RB_XLA_TENSORS], gradients[RB_XLA_TENSORS];
    for (int i = 0; i < u->count; i++) weights[i] = u->online.tensor[u->trained[i].tensor];
    rb_hlo_scope(h, "gradients");
    rb_hlo_gradients(h, verdict->loss, weights, u->count, gradients);
    rb_hlo_scope(h, "optimiser");
    for (int i = 0; i < u->count; i++)
        if (u->trained[i].tied) gradients[i] = tied_gradient(h, gradients[i], u->trained[i].tied);
    rb_value scale = -1;
    if (optim->clip_norm > 0) scale = clip_scale(h, gradients, u->count, optim->clip_norm);
    for (int i = 0; i < u->count; i++) {
        trained *t = &u->trained[i];
        rb_value g = gradients[i], m = t->m, v = t->v;
        if (t->tied) {
            const int64_t all = rb_hlo_sizes(h, weights[i]).of[0];
            g = rb_hlo_reshape(h, rb_hlo_spread(h, g, RB_SIZES(all / t->tied, t->tied), (const int[]){1}),
                               RB_SIZES(all));
        }
        if (scale >= 0) g = rb_hlo_multiply(h, g, scale);
        changed[t->tensor] = rb_xla_step(h, optim, u->rule, t->decays, weights[i], g, &m, &v);
        rb_hlo_replace(h, weights[i], fine_or_old(h, verdict->fine, changed[t->tensor], weights[i]));
        if (m != t->m) rb_hlo_replace(h, t->m, fine_or_old(h, verdict->fine, m, t->m));
        rb_hlo_replace(h, t->v, fine_or_old(h, verdict->fine, v, t->v));
    }
}

// x / its norm
static rb_value unit(rb_hlo *h, rb_value x, rb_value *norm)
{
    *norm = rb_hlo_unary(h, RB_SQRT, rb_hlo_sum_all(h, rb_hlo_multiply(h, x, x)));
    return rb_hlo_divide(h, x, rb_hlo_binary(h, RB_MAXIMUM, *norm, rb_hlo_number(h, RB_F32, 1e-12)));
}

// Of spectral normalisation, one step of the power iteration with the new weights; u and v come after all
// other tensors, in pairs, in the order of their convolutions. v stays if the weights are all zero.
static void iterate(rb_hlo *h, const rb_net *net, const rb_xla_net *values, rb_value fine,
                    const rb_value *changed)
{
    for (int i = 0; i < values->tensors; i++) {
        rb_net_tensor info, weight;
        rb_net_tensor_info(net, i, &info);
        if (!ends_with(info.name, ".weight_u")) continue;
        const size_t length = strlen(info.name) - 2;
        for (int w = 0; w < values->tensors; w++) {
            rb_net_tensor_info(net, w, &weight);
            if (strlen(weight.name) != length || strncmp(weight.name, info.name, length)) continue;
            const int64_t outputs = weight.shape[0], inputs = (int64_t)weight.count / outputs;
            const rb_sizes sizes = RB_SIZES(outputs, inputs);
            const rb_value rows = rb_hlo_reshape(h, changed[w], sizes), old = values->tensor[i + 1];
            rb_value norm, none;
            const rb_value left = unit(
                h, rb_hlo_sum(h, rb_hlo_multiply(h, rows, rb_hlo_spread(h, old, sizes, (const int[]){1})), 1),
                &norm);
            const rb_value right = unit(
                h,
                rb_hlo_sum(h, rb_hlo_multiply(h, rows, rb_hlo_spread(h, left, sizes, (const int[]){0})), 0),
                &none);
            const rb_value zero = rb_hlo_compare(h, RB_EQ, norm, rb_hlo_number(h, RB_F32, 0));
            rb_hlo_replace(h, values->tensor[i], fine_or_old(h, fine, left, values->tensor[i]));
            rb_hlo_replace(h, old, fine_or_old(h, fine, rb_hlo_select(h, zero, old, right), old));
        }
    }
}

void rb_xla_update_build(rb_hlo *h, const rb_xla_shape *shape, int size, int with)
{
    update u = {.h = h, .shape = shape};
    rb_value changed[RB_XLA_TENSORS];
    rb_xla_pass learns;
    rb_xla_net_inputs(&u.online, h, shape->online, shape->bf16, "");
    if (rb_hlo_check(h, NULL)) return;
    add_moments(&u);
    if (shape->target) rb_xla_net_inputs(&u.target, h, shape->target, shape->bf16, "target.");
    add_batch(&u, size, with);
    const rb_xla_outputs outputs = pass_all(&u, &learns);
    const rb_xla_verdict verdict = rb_xla_judge(h, shape->spec, &u.batch, &outputs);
    if (rb_hlo_check(h, NULL)) return;
    apply(&u, &verdict, changed);
    rb_hlo_scope(h, "running statistics");
    iterate(h, shape->online, &u.online, verdict.fine, changed);
    for (int i = 0; i < u.online.tensors; i++)
        if (learns.running[i] >= 0)
            rb_hlo_replace(h, u.online.tensor[i],
                           fine_or_old(h, verdict.fine, learns.running[i], u.online.tensor[i]));
    rb_hlo_output(h, rb_hlo_join(h, (const rb_value[]){verdict.facts, verdict.priorities}, 2, 0), "facts");
}

// ---- act

void rb_xla_act_build(rb_hlo *h, const rb_xla_shape *shape, int size, int noise)
{
    const rb_agent_spec *spec = shape->spec;
    rb_xla_net net;
    rb_xla_noise draw;
    float fixed[1024];
    const int values = (int)spec->agent.tau_values;
    const bool implicit = rb_head_of(&spec->agent) == RB_HEAD_IMPLICIT;
    rb_xla_net_inputs(&net, h, shape->online, shape->bf16, "");
    const sights s = observations(h, spec, size, "observations");
    const bool noisy = net.noise_layers && noise;
    if (noisy) {
        const rb_value keys = rb_hlo_input(h, RB_U32, RB_SIZES(rb_xla_key_rows(shape, false), 2), "keys");
        rb_xla_draw(h, keys, &(rb_xla_draw_of){&draw, &net, noise - 1, draws_of(shape)}, 1);
    }
    for (int k = 0; implicit && k < values; k++) fixed[k] = (float)(((double)k + 0.5) / values);
    rb_xla_pass pass = {.picture = s.picture,
                        .vector = s.vector,
                        .noise = noisy ? &draw : NULL,
                        .each = implicit ? values : 0,
                        .fixed = fixed};
    const rb_value outputs = rb_xla_forward(h, &net, &pass);
    rb_hlo_output(h, rb_xla_values(h, spec, outputs, values), "q");
}

// ---- the target network

void rb_xla_blend_build(rb_hlo *h, const rb_xla_shape *shape, bool copies)
{
    rb_xla_net online, target;
    rb_xla_net_inputs(&online, h, shape->online, false, "");
    rb_xla_net_inputs(&target, h, shape->target, false, "target.");
    const rb_value share = copies ? -1 : rb_hlo_input(h, RB_F32, RB_SCALAR, "share");
    rb_value changed[RB_XLA_TENSORS];
    for (int i = 0; i < target.tensors; i++) { // the target network has no statistics of observations
        rb_net_tensor info;
        rb_net_tensor_info(shape->target, i, &info);
        rb_value new = online.tensor[i];
        const bool vector = ends_with(info.name, ".weight_u") || ends_with(info.name, ".weight_v");
        if (new < 0 || (vector && !copies)) continue;
        if (!copies)
            new = rb_hlo_add(h, target.tensor[i],
                             rb_hlo_multiply(h, rb_hlo_subtract(h, new, target.tensor[i]), share));
        rb_hlo_replace(h, target.tensor[i], changed[i] = new);
    }
    if (!copies) iterate(h, shape->target, &target, -1, changed);
}

// ---- a checkpoint

void rb_xla_keep_build(rb_hlo *h, const rb_xla_shape *shape)
{
    update u = {.h = h, .shape = shape}; // the same inputs in the same order
    rb_xla_net_inputs(&u.online, h, shape->online, false, "");
    add_moments(&u);
    if (shape->target) rb_xla_net_inputs(&u.target, h, shape->target, false, "target.");
    const int count = rb_hlo_inputs(h);
    for (int i = 0; i < count; i++) rb_hlo_output(h, rb_hlo_input_at(h, i), "kept");
}
