// Draws noise for all layers of a network.
#include "nn/net_impl.h"

typedef struct draw_pass {
    rb_net *net;
    uint32_t key[RB_LINEARS_MAX][2];
} draw_pass;

static void draw_piece(void *context, int piece)
{
    const draw_pass *p = context;
    int i = 0;
    for (;; i++) {
        const rb_linear *linear = &p->net->layer[i].linear;
        const int pieces = linear->noise ? rb_linear_draw_pieces(linear) : 0;
        if (piece < pieces) break;
        piece -= pieces;
    }
    rb_linear_draw(&p->net->layer[i].linear, p->net->kernels, p->net->draw, p->key[i], piece);
}

void rb_net_draw_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw)
{
    draw_pass p = {.net = net};
    rb_job job = {.phase = "noise", .fn = draw_piece, .context = &p};
    rb_net_finish(net);
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (!linear->noise) continue;
        rb_rng rng = rb_rng_stream(seed, purpose, draw * RB_LINEARS_MAX + (uint64_t)i);
        p.key[i][0] = rb_rng_u32(&rng);
        p.key[i][1] = rb_rng_u32(&rng);
        job.pieces += rb_linear_draw_pieces(linear);
        job.products +=
            8 * (linear->noise == RB_NOISE_INDEPENDENT ? (double)rb_layout_numbers(&linear->layout, 1)
                                                       : linear->inputs);
    }
    if (!job.pieces) return;
    net->draw = (net->draw + 1) % RB_DRAWS;
    net->draws++;
    rb_compute_for(net->compute, &job);
    net->drawn = true;
    if (net->trains) net->stale[RB_PACK_NOISY] = true; // otherwise no pack contains noise
    net->draw_seed = seed, net->draw_number = draw, net->draw_purpose = (uint32_t)purpose;
}
