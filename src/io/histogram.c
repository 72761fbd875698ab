#include "io/histogram.h"

#include <math.h>
#include <string.h>

enum { FINEST = 20 };                      // the first bucket's width is about 2^-20 of the first value
static const double most_buckets = 0x1p52; // counted from zero; a double still holds these counts exactly

static double place(const rb_histogram *h, double value)
{
    return floor(ldexp(value, -h->exponent));
}

// Doubles the width: buckets 2k and 2k + 1 become k. Halving rounds down, also below zero.
static void fold(rb_histogram *h)
{
    int64_t wider[RB_HISTOGRAM_BUCKETS] = {0};
    const int64_t first = h->first >> 1;
    for (int i = 0; i < RB_HISTOGRAM_BUCKETS; i++) wider[((h->first + i) >> 1) - first] += h->buckets[i];
    memcpy(h->buckets, wider, sizeof wider);
    h->first = first;
    h->exponent++;
}

// Moves the buckets so that `low` to `high`, which must include every non-empty one, are in the middle.
static void centre(rb_histogram *h, int64_t low, int64_t high)
{
    int64_t moved[RB_HISTOGRAM_BUCKETS] = {0};
    const int64_t first = low - (RB_HISTOGRAM_BUCKETS - (high - low + 1)) / 2;
    for (int i = 0; i < RB_HISTOGRAM_BUCKETS; i++)
        if (h->buckets[i]) moved[h->first + i - first] = h->buckets[i];
    memcpy(h->buckets, moved, sizeof moved);
    h->first = first;
}

void rb_histogram_add(rb_histogram *h, double value)
{
    if (!isfinite(value)) return;
    if (!h->count) {
        h->exponent = (fabs(value) < 0x1p-900 ? 0 : ilogb(value)) - FINEST;
        h->min = h->max = value;
        h->first = (int64_t)place(h, value) - RB_HISTOGRAM_BUCKETS / 2;
    }
    h->count++;
    h->sum += value;
    h->sum_squares += value * value;
    h->min = fmin(h->min, value);
    h->max = fmax(h->max, value);
    while (fabs(place(h, value)) > most_buckets) fold(h);
    int64_t k = (int64_t)place(h, value);
    if (k < h->first || k >= h->first + RB_HISTOGRAM_BUCKETS) {
        while (place(h, h->max) - place(h, h->min) >= RB_HISTOGRAM_BUCKETS) fold(h);
        centre(h, (int64_t)place(h, h->min), (int64_t)place(h, h->max));
        k = (int64_t)place(h, value);
    }
    h->buckets[k - h->first]++;
}

double rb_histogram_edge(const rb_histogram *h, int i)
{
    return ldexp((double)(h->first + i), h->exponent);
}

bool rb_histogram_range(const rb_histogram *h, int *first, int *last)
{
    *first = 0;
    *last = RB_HISTOGRAM_BUCKETS - 1;
    if (!h->count) return false;
    while (!h->buckets[*first]) ++*first;
    while (!h->buckets[*last]) --*last;
    return true;
}
