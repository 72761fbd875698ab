// Shared by the tests of small networks: their specification, an optimiser, and tensors by name.
#ifndef RB_TESTS_SMALL_NET_H
#define RB_TESTS_SMALL_NET_H

#include "nn/net_graph.h"
#include "nn/net_kit.h"

static inline rb_net_spec spec_of(int32_t trunk, int planes, int size, bool dueling, int32_t noisy,
                                  int actions, int outputs)
{
    rb_net_spec spec = {.bytes = size > 1,
                        .planes = planes,
                        .height = size,
                        .width = size,
                        .actions = actions,
                        .outputs = outputs};
    spec.params.trunk = trunk;
    snprintf(spec.params.mlp, sizeof spec.params.mlp, "32");
    spec.params.hidden = 64;
    spec.params.dueling = dueling;
    spec.params.noisy = noisy;
    spec.params.sigma0 = 0.5;
    return spec;
}

static inline rb_optimiser adam(double clip_norm)
{
    return rb_optimiser_make(&(rb_optim_params){.kind = RB_OPTIM_ADAM,
                                                .learning_rate = 1e-3,
                                                .beta1 = 0.9,
                                                .beta2 = 0.999,
                                                .epsilon = 1e-4,
                                                .clip_norm = clip_norm});
}

static inline int tensor_named(const rb_net *net, const char *name, rb_net_tensor *info)
{
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor_info(net, i, info);
        if (!strcmp(info->name, name)) return i;
    }
    fail_msg("no tensor %s", name);
    return -1;
}

#endif
