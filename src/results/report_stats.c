// Statistics over games and seeds: see report_stats.h.
#include "results/report_stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/sort.h"

static double mean_of(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) sum += values[i];
    return sum / count;
}

// ---- the figures of one set of scores ----

// `scratch` [first[games]].
static void aggregate(const rb_scores *s, double *scratch, double out[RB_AGGREGATES])
{
    const int count = s->first[s->games], cut = count / 4;
    double below = 0; // sum over games of the mean of min(score, 1)
    for (int g = 0; g < s->games; g++) {
        const int from = s->first[g], runs = s->first[g + 1] - from;
        double sum = 0;
        for (int i = from; i < from + runs; i++) sum += s->values[i] < 1 ? s->values[i] : 1;
        below += sum / runs;
        scratch[g] = mean_of(s->values + from, runs);
    }
    out[RB_GAP] = 1 - below / s->games;
    out[RB_MEAN] = mean_of(scratch, s->games);
    rb_sort_ascending(scratch, s->games);
    out[RB_MEDIAN] = (scratch[(s->games - 1) / 2] + scratch[s->games / 2]) / 2;
    memcpy(scratch, s->values, (size_t)count * sizeof *scratch);
    rb_sort_ascending(scratch, count);
    out[RB_IQM] = mean_of(scratch + cut, count - 2 * cut);
}

static double share_above(const rb_scores *s, double t)
{
    double sum = 0;
    for (int g = 0; g < s->games; g++) {
        int above = 0;
        for (int i = s->first[g]; i < s->first[g + 1]; i++) above += s->values[i] > t;
        sum += (double)above / (s->first[g + 1] - s->first[g]);
    }
    return sum / s->games;
}

static double improvement(const rb_scores *x, const rb_scores *y)
{
    double sum = 0;
    for (int g = 0; g < x->games; g++) {
        double wins = 0;
        for (int i = x->first[g]; i < x->first[g + 1]; i++)
            for (int j = y->first[g]; j < y->first[g + 1]; j++)
                wins += x->values[i] > y->values[j] ? 1 : x->values[i] < y->values[j] ? 0 : 0.5;
        sum += wins / (x->first[g + 1] - x->first[g]) / (y->first[g + 1] - y->first[g]);
    }
    return sum / x->games;
}

// ---- the bootstrap ----

static void resample(const rb_scores *s, rb_rng *rng, double *out)
{
    for (int g = 0; g < s->games; g++) {
        const int from = s->first[g], runs = s->first[g + 1] - from;
        for (int i = 0; i < runs; i++) out[from + i] = s->values[from + rb_rng_below(rng, (uint32_t)runs)];
    }
}

// The percentile of sorted values, 0 <= share <= 1.
static double percentile(const double *sorted, int count, double share)
{
    const double at = share * (count - 1);
    const int low = (int)at, high = low + 1 < count ? low + 1 : low;
    return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

static void set_ends(double *figures, int count, rb_interval *out)
{
    rb_sort_ascending(figures, count);
    out->low = percentile(figures, count, 0.025);
    out->high = percentile(figures, count, 0.975);
}

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report's resamples");
}

rb_status rb_scores_aggregate(const rb_scores *scores, const rb_bootstrap *how, rb_interval *out,
                              rb_error *error)
{
    const size_t count = (size_t)scores->first[scores->games], resamples = (size_t)how->resamples;
    double *drawn = malloc((2 * count + RB_AGGREGATES * resamples) * sizeof *drawn), one[RB_AGGREGATES];
    if (!drawn) return no_memory(error);
    double *scratch = drawn + count, *figures = scratch + count; // [RB_AGGREGATES][resamples]
    aggregate(scores, scratch, one);
    for (int a = 0; a < RB_AGGREGATES; a++) out[a].value = one[a];
    const rb_scores copy = {scores->games, scores->first, drawn};
    for (size_t r = 0; r < resamples; r++) {
        rb_rng rng = rb_rng_stream(how->seed, RB_RNG_BOOTSTRAP, r);
        resample(scores, &rng, drawn);
        aggregate(&copy, scratch, one);
        for (size_t a = 0; a < RB_AGGREGATES; a++) figures[a * resamples + r] = one[a];
    }
    for (int a = 0; a < RB_AGGREGATES; a++)
        set_ends(figures + (size_t)a * resamples, how->resamples, &out[a]);
    free(drawn);
    return RB_OK;
}

rb_status rb_scores_profile(const rb_scores *scores, const rb_bootstrap *how, const double *t, int points,
                            rb_interval *out, rb_error *error)
{
    const size_t count = (size_t)scores->first[scores->games], resamples = (size_t)how->resamples;
    double *drawn = malloc((count + (size_t)points * resamples) * sizeof *drawn);
    if (!drawn) return no_memory(error);
    double *shares = drawn + count; // [points][resamples]
    const rb_scores copy = {scores->games, scores->first, drawn};
    for (size_t r = 0; r < resamples; r++) {
        rb_rng rng = rb_rng_stream(how->seed, RB_RNG_BOOTSTRAP, r);
        resample(scores, &rng, drawn);
        for (size_t i = 0; i < (size_t)points; i++) shares[i * resamples + r] = share_above(&copy, t[i]);
    }
    for (int i = 0; i < points; i++) {
        out[i].value = share_above(scores, t[i]);
        set_ends(shares + (size_t)i * resamples, how->resamples, &out[i]);
    }
    free(drawn);
    return RB_OK;
}

rb_status rb_scores_improvement(const rb_scores *x, const rb_scores *y, const rb_bootstrap *how,
                                rb_interval *out, rb_error *error)
{
    const size_t of_x = (size_t)x->first[x->games], of_y = (size_t)y->first[y->games];
    double *drawn = malloc((of_x + of_y + (size_t)how->resamples) * sizeof *drawn);
    if (!drawn) return no_memory(error);
    double *figures = drawn + of_x + of_y;
    const rb_scores copy_x = {x->games, x->first, drawn}, copy_y = {y->games, y->first, drawn + of_x};
    for (int r = 0; r < how->resamples; r++) {
        rb_rng rng = rb_rng_stream(how->seed, RB_RNG_BOOTSTRAP, (uint64_t)r);
        resample(x, &rng, drawn);
        resample(y, &rng, drawn + of_x);
        figures[r] = improvement(&copy_x, &copy_y);
    }
    out->value = improvement(x, y);
    set_ends(figures, how->resamples, out);
    free(drawn);
    return RB_OK;
}
