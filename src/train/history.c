#include "train/history.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void join(rb_history_part *a, const rb_history_part *b)
{
    if (b->games) a->epsilon = b->epsilon;
    a->games += b->games;
    a->learned += b->learned;
    a->returns += b->returns;
    a->loss += b->loss;
    a->q += b->q;
}

static void halve(rb_history *h)
{
    for (int i = 0; i < RB_HISTORY_PARTS; i += 2) {
        rb_history_part both = h->parts[i];
        join(&both, &h->parts[i + 1]);
        h->parts[i / 2] = both;
    }
    memset(h->parts + RB_HISTORY_PARTS / 2, 0, sizeof h->parts / 2);
    h->used = (h->used + 1) / 2;
    h->width *= 2;
}

void rb_history_add(rb_history *h, int64_t step, double game_return, double epsilon, double loss, double q)
{
    if (step < 1) return; // a game ends at its first step or later
    if (!h->width) h->width = 1;
    while ((step - 1) / h->width >= RB_HISTORY_PARTS) halve(h);
    const int at = (int)((step - 1) / h->width);
    const bool learned = !isnan(loss) && !isnan(q);
    const rb_history_part game = {.games = 1,
                                  .learned = learned,
                                  .returns = game_return,
                                  .loss = learned ? loss : 0,
                                  .q = learned ? q : 0,
                                  .epsilon = epsilon};
    join(&h->parts[at], &game);
    if (at >= h->used) h->used = at + 1;
}

void rb_history_returns(const rb_history *h, int64_t end, int points, float *out)
{
    int last = -1;
    for (int i = 0; i < points; i++) out[i] = NAN;
    if (end < 1 || !h->used) return;
    double before = NAN;
    for (int i = 0; i < points; i++) {
        // Each part is weighted by the share of it that lies in the piece.
        const double from = (double)end * i / points / (double)h->width,
                     to = (double)end * (i + 1) / points / (double)h->width;
        double sum = 0, games = 0;
        for (int p = (int)from; p < h->used && p < to; p++) {
            const double share = fmin(to, p + 1) - fmax(from, p);
            sum += share * h->parts[p].returns;
            games += share * (double)h->parts[p].games;
        }
        if (games > 0) last = i;
        if (games > 0) before = sum / games;
        out[i] = (float)before;
    }
    for (int i = last + 1; i < points; i++) out[i] = NAN;
}
