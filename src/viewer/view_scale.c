#include "viewer/view_scale.h"

#include <math.h>
#include <stdlib.h>

#include "base/mask.h"

static const double much = 0.5;          // of the width that is shown
static const float least_share = 0.004F; // an atom with less is not seen
enum { ATOMS_LEAST = 11 };

bool rb_view_scale_create(rb_view_scale *out, int atoms)
{
    *out = (rb_view_scale){.seen = calloc((size_t)atoms + 1, sizeof *out->seen)};
    return out->seen != NULL;
}

void rb_view_scale_destroy(rb_view_scale *scale)
{
    free(scale->seen);
    scale->seen = NULL;
}

void rb_view_scale_follow(rb_view_scale *scale, const float *q, const uint8_t *allowed, int actions,
                          rb_range *range)
{
    const int place = (int)(scale->moments++ % RB_TRACE_STEPS);
    float low = INFINITY, high = -INFINITY;
    for (int a = 0; a < actions; a++)
        if (rb_mask_allows(allowed, a)) low = fminf(low, q[a]), high = fmaxf(high, q[a]);
    scale->lows[place] = low, scale->highs[place] = high;
    rb_range needed = {0, RB_VALUE_NOISE};
    const int64_t count = scale->moments < RB_TRACE_STEPS ? scale->moments : RB_TRACE_STEPS;
    for (int i = 0; i < count; i++) {
        rb_range_grow(&needed, (double)scale->lows[i]);
        rb_range_grow(&needed, (double)scale->highs[i]);
    }
    const bool narrow = needed.high - needed.low <= much * (range->high - range->low);
    range->low = narrow ? needed.low : fmin(range->low, needed.low);
    range->high = narrow ? needed.high : fmax(range->high, needed.high);
}

// Widens first .. last to a least number of atoms.
static void widen(int count, int *first, int *last)
{
    if (*first > *last) *first = 0, *last = count - 1;
    while (*last - *first + 1 < ATOMS_LEAST && (*first > 0 || *last < count - 1)) {
        if (*first > 0) --*first;
        if (*last < count - 1) ++*last;
    }
}

void rb_view_scale_follow_atoms(rb_view_scale *scale, const float *probabilities, int actions,
                                rb_view_atoms *atoms)
{
    double top = 0.02;
    int first = atoms->count, last = -1;
    for (int i = 0; i < actions * atoms->count; i++) {
        top = fmax(top, (double)probabilities[i]);
        if (probabilities[i] >= least_share) scale->seen[i % atoms->count] = scale->moments;
    }
    for (int z = 0; z < atoms->count; z++) {
        if (!scale->seen[z] || scale->moments - scale->seen[z] >= RB_TRACE_STEPS) continue;
        if (first > z) first = z;
        last = z;
    }
    widen(atoms->count, &first, &last);
    const bool narrow = last - first + 1 <= much * (atoms->last - atoms->first + 1);
    atoms->first = narrow || first < atoms->first ? first : atoms->first;
    atoms->last = narrow || last > atoms->last ? last : atoms->last;
    atoms->top = top > atoms->top ? top : atoms->top + 0.05 * (top - atoms->top);
}
