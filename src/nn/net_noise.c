// Draws noise for all layers of a network. A network can hold several draws at once, each for other passes:
// each has streams of its own.
#include "nn/net_impl.h"

typedef struct draw_pass {
    rb_net *net;
    uint32_t key[RB_LINEARS_MAX][RB_NET_DRAWS][2];
} draw_pass;

static int pieces_of(const rb_linear *linear) // of each draw
{
    return linear->noise ? rb_linear_draw_pieces(linear) : 0;
}

static void draw_piece(void *context, int piece)
{
    const draw_pass *p = context;
    int i = 0;
    for (; piece >= pieces_of(&p->net->layer[i].linear) * rb_net_draws(p->net); i++)
        piece -= pieces_of(&p->net->layer[i].linear) * rb_net_draws(p->net);
    rb_linear *linear = &p->net->layer[i].linear;
    const int which = piece / pieces_of(linear), slot = rb_linear_slot(RB_PACK_NOISY + which, p->net->draw);
    rb_linear_draw(linear, p->net->kernels, slot, p->key[i][which], piece % pieces_of(linear));
}

static const uint64_t streams_apart = UINT64_C(1) << 56; // from the streams of one draw to those of the next

void rb_net_noise_key(uint64_t seed, rb_rng_purpose purpose, uint64_t draw, int layer, int which,
                      uint32_t key[2])
{
    rb_rng rng = rb_rng_stream(seed, purpose,
                               draw * RB_LINEARS_MAX + (uint64_t)layer + (uint64_t)which * streams_apart);
    key[0] = rb_rng_u32(&rng);
    key[1] = rb_rng_u32(&rng);
}

void rb_net_draw_noise(rb_net *net, uint64_t seed, rb_rng_purpose purpose, uint64_t draw)
{
    draw_pass p = {.net = net};
    rb_job job = {.phase = "noise", .fn = draw_piece, .context = &p};
    rb_net_finish(net);
    for (int i = 0; i < net->linears; i++) {
        const rb_linear *linear = &net->layer[i].linear;
        if (!linear->noise) continue;
        for (int which = 0; which < rb_net_draws(net); which++)
            rb_net_noise_key(seed, purpose, draw, i, which, p.key[i][which]);
        job.pieces += rb_linear_draw_pieces(linear) * rb_net_draws(net);
        job.products += 8.0 * rb_net_draws(net) *
                        (linear->noise == RB_NOISE_INDEPENDENT ? (double)rb_layout_numbers(&linear->layout, 1)
                                                               : linear->inputs);
    }
    if (!job.pieces) return;
    net->draw = (net->draw + 1) % RB_DRAWS;
    net->draws++;
    rb_compute_for(net->compute, &job);
    net->drawn = true;
    for (int pack = RB_PACK_NOISY; pack < RB_PACKS && net->trains; pack++)
        net->stale[pack] = true; // if it does not train, no pack contains noise
    net->draw_seed = seed, net->draw_number = draw, net->draw_purpose = (uint32_t)purpose;
}
