// Builds a network from a specification: which layers there are, whether they fit, how much memory they take.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nn/net_builder.h"

// What the first linear layer reads: the picture after the last node.
static void keep_picture(rb_net_builder *b)
{
    if (b->net->linears) return;
    b->net->picture =
        (rb_layout){.channels = b->channels, .stride = b->stride, .height = b->height, .width = b->width};
}

static rb_status build_trunk(rb_net *net, const rb_layer_list *list, rb_plan *plan, rb_error *error)
{
    const rb_net_spec *spec = &net->spec;
    const int per_unit = plan->per_unit,
              unit = list->count && !rb_word_has_weights(list->line[0].word) ? RB_PANEL : per_unit;
    rb_net_input_scale(spec, &net->scale, &net->offset);
    net->input_stride = (spec->planes + unit - 1) / unit * unit;
    rb_net_builder b = {.net = net,
                        .list = list,
                        .plan = plan,
                        .channels = spec->planes,
                        .height = spec->height,
                        .width = spec->width,
                        .stride = net->input_stride};
    net->link_numbers[0] = (size_t)b.height * (size_t)b.width * (size_t)b.stride;
    rb_status status = RB_OK;
    for (int i = 0; i < list->count && !status; i++) {
        status = rb_build_check_append(&b, i, error);
        if (status) break;
        switch (list->line[i].word) {
        case RB_WORD_APPEND:
            status = rb_build_append(&b, i, error);
            break;
        case RB_WORD_CONV:
            status = rb_build_conv(&b, i, error);
            break;
        case RB_WORD_MAX_POOL:
        case RB_WORD_ADAPTIVE_MAX:
        case RB_WORD_ADAPTIVE_MEAN:
        case RB_WORD_GLOBAL_POOL:
            status = rb_build_pool(&b, i, error);
            break;
        case RB_WORD_RESIDUAL:
            status = rb_build_residual(&b, i, error);
            break;
        case RB_WORD_LINEAR:
            keep_picture(&b);
            status = rb_build_linear(&b, i);
            break;
        default:
            status = rb_build_norm_line(&b, i, error);
            break;
        }
    }
    keep_picture(&b);
    return status ? status : rb_build_check_appended(&b, error);
}

static rb_status add_running(rb_net *net, rb_plan *plan, rb_error *error)
{
    const rb_net_spec *spec = &net->spec;
    if (!spec->normalised) return RB_OK;
    if (spec->bytes || spec->height > 1 || spec->width > 1)
        return rb_error_set(error, RB_ERR_USAGE,
                            "env.normalise = true: only vectors of floats can be normalised, but this "
                            "environment's observations are %s (%d x %d x %d); set it to false",
                            spec->vector  ? "a picture with a vector"
                            : spec->bytes ? "bytes, which the network scales itself"
                                          : "pictures",
                            spec->planes, spec->height, spec->width);
    if (net->trains) rb_running_take(&net->running, spec->normalised, spec->clip, plan);
    return RB_OK;
}

// All linear layers have their places in arrays of fixed size: the list's, the embedding, and the streams'.
static rb_status check_linears(const rb_net *net, const rb_layer_list *list, rb_error *error)
{
    const rb_net_params *params = &net->spec.params;
    const int streams = params->dueling ? 2 : 1, head = (params->hidden ? 2 : 1) * streams,
              embedding = net->spec.cosines ? 1 : 0;
    int listed = 0;
    for (int i = 0; i < list->count; i++) listed += list->line[i].word == RB_WORD_LINEAR;
    if (listed + embedding + head <= RB_LINEARS_MAX) return RB_OK;
    return rb_error_set(
        error, RB_ERR_USAGE,
        "net.%s: %d linear layers, and %d of the head (net.dueling = %s, net.hidden = %" PRId64
        "%s): a network has at most %d",
        *params->layers ? "layers" : "mlp", listed, embedding + head, params->dueling ? "true" : "false",
        params->hidden, embedding ? ", agent.head = implicit" : "", RB_LINEARS_MAX);
}

rb_status rb_net_build(rb_net *net, rb_plan *plan, rb_error *error)
{
    const rb_net_params *params = &net->spec.params;
    if (params->centre && !net->spec.bytes)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "net.centre = true: only bytes can be centred, but this environment's observations are "
            "floats; set it to false");
    net->embedding = -1;
    rb_layer_list list;
    rb_status status = add_running(net, plan, error);
    if (!status) status = rb_layer_list_make(&list, &net->spec, error);
    if (!status) status = check_linears(net, &list, error);
    if (!status) status = build_trunk(net, &list, plan, error);
    if (status) return status;
    static const char *const one[] = {"head"}, *const two[] = {"advantage", "value"};
    const int streams = params->dueling ? 2 : 1, hidden = (int)params->hidden;
    const char *const *names = params->dueling ? two : one;
    const bool noisy = params->noisy != RB_NOISY_OFF;
    if (net->spec.cosines) rb_build_embedding(net, plan);
    // Each layer of a stage reads its counterpart in the previous stage. The trunk's last layer is a stage of
    // one, which both streams read.
    if (hidden) {
        rb_build_stage(net, names, 0, (int[]){hidden, hidden}, streams, true, noisy, plan);
        rb_build_hidden_norms(net, net->linears - streams, streams, plan);
    }
    const int q = net->spec.actions * net->spec.outputs;
    rb_build_stage(net, names, hidden ? 1 : 0, (int[]){q, net->spec.outputs}, streams, false, noisy, plan);
    if (params->shared_bias && streams == 1 && !noisy)
        net->layer[net->linears - 1].linear.tied = net->spec.outputs;
    rb_build_scratch(net, plan);
    return RB_OK;
}

rb_status rb_net_create(rb_net **out, const rb_net_spec *spec, bool trains, rb_compute *compute,
                        rb_arena *arena, rb_error *error)
{
    rb_net *net = RB_TAKE(arena, rb_net, 1);
    if (!net) return rb_arena_check(arena, error);
    *net =
        (rb_net){.spec = *spec, .compute = compute, .kernels = rb_compute_family(compute), .trains = trains};
    for (int pack = 0; pack < RB_PACKS; pack++) net->stale[pack] = true;
    rb_plan count = {.per_unit = net->kernels->per_unit,
                     .threads = rb_pool_threads(rb_compute_pool(compute))},
            take = count;
    take.arena = arena;
    rb_net plan = *net;
    rb_status status =
        rb_net_build(&plan, &count, error); // finds errors in the settings before any memory is taken
    if (!status) status = rb_net_build(net, &take, error);
    if (!status) status = rb_arena_check(arena, error);
    if (status) return status;
    for (int i = 0; i < net->norms; i++) rb_norm_reset(&net->norm[i]), rb_norm_derive(&net->norm[i]);
    rb_running_reset(&net->running);
    *out = net;
    return RB_OK;
}

rb_status rb_tape_create(rb_tape **out, const rb_net *net, int batch, bool backward, rb_arena *arena,
                         rb_error *error)
{
    return rb_tape_create_each(out, net, batch, 1, backward, arena, error);
}

rb_status rb_tape_create_each(rb_tape **out, const rb_net *net, int batch, int each, bool backward,
                              rb_arena *arena, rb_error *error)
{
    for (int i = 0; i < net->norms && backward && batch < 2; i++) {
        if (net->norm[i].kind == RB_NORM_BATCH)
            return rb_error_set(error, RB_ERR_USAGE,
                                "agent.batch = %d: batch normalisation needs at least 2 samples", batch);
    }
    rb_tape *tape = RB_TAKE(arena, rb_tape, 1);
    if (!tape) return rb_arena_check(arena, error);
    *tape = (rb_tape){.batch = batch, .most_each = each, .backward = backward && net->trains, .norm = -1};
    rb_plan take = {.arena = arena,
                    .per_unit = net->kernels->per_unit,
                    .threads = rb_pool_threads(rb_compute_pool(net->compute))};
    rb_tape_build(tape, net, &take);
    *out = tape;
    return rb_arena_check(arena, error);
}

size_t rb_net_bytes(const rb_net_spec *spec, bool trains, int batch, int threads)
{
    return rb_net_bytes_each(spec, trains, batch, 1, threads);
}

size_t rb_net_bytes_each(const rb_net_spec *spec, bool trains, int batch, int each, int threads)
{
    rb_plan count = {.per_unit = 1, .threads = threads}; // bf16 takes less
    rb_net net = {.spec = *spec, .trains = trains};
    if (rb_net_build(&net, &count, NULL)) return 0; // rb_net_create reports the error
    rb_tape tape = {.batch = batch, .most_each = each, .backward = trains};
    rb_tape_build(&tape, &net, &count);
    return count.bytes + sizeof net + sizeof tape;
}
