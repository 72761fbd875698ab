// A network's saved state.
#include <stdio.h>

#include "nn/net_impl.h"

void rb_net_visit(rb_net *net, rb_visitor *visitor)
{
    rb_net_finish(net);
    for (int i = 0; i < net->convs; i++) {
        char name[32];
        snprintf(name, sizeof name, "trunk.%d", i);
        rb_visit_open(visitor, name);
        rb_weights_visit(&net->conv[i].weight, visitor, "weight");
        rb_weights_visit(&net->conv[i].bias, visitor, "bias");
        if (net->conv[i].spectral) {
            rb_visit_f32s(visitor, "weight_u", net->conv[i].u, (size_t)net->conv[i].out_stride);
            rb_visit_f32s(visitor, "weight_v", net->conv[i].v,
                          (size_t)rb_layout_inputs(&net->conv[i].layout));
        }
        rb_visit_close(visitor);
    }
    for (int i = 0; i < net->linears; i++) {
        rb_linear *linear = &net->layer[i].linear;
        rb_visit_open(visitor, net->layer[i].name);
        rb_visit_f32s(visitor, "record", linear->record, rb_layout_numbers(&linear->layout, linear->vectors));
        rb_weights_visit(&linear->bias, visitor, "bias");
        rb_weights_visit(&linear->bias_sigma, visitor, "bias_sigma");
        rb_visit_close(visitor);
    }
    for (int i = 0; i < net->norms; i++) rb_norm_visit(&net->norm[i], visitor);
    if (net->running.numbers) rb_running_visit(&net->running, visitor);
    rb_visit_open(visitor, "noise");
    rb_visit_bool(visitor, "drawn", &net->drawn);
    rb_visit_u64(visitor, "seed", &net->draw_seed);
    rb_visit_u32(visitor, "purpose", &net->draw_purpose);
    rb_visit_u64(visitor, "draw", &net->draw_number);
    rb_visit_close(visitor);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    rb_error error = {0};
    if (rb_net_check_finite(net, &error)) {
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "%s", error.message);
        return;
    }
    rb_net_derive(net);
    if (net->drawn)
        rb_net_draw_noise(net, net->draw_seed, (rb_rng_purpose)net->draw_purpose, net->draw_number);
}
