// A histogram whose range need not be known before: equal buckets, as wide as a power of two, that are laid
// together in pairs whenever a value does not fit. So the range of the values takes up a quarter at least of
// the buckets (where they are not all the same), adding costs a few operations, and nothing is allocated.
#ifndef RB_IO_HISTOGRAM_H
#define RB_IO_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum { RB_HISTOGRAM_BUCKETS = 128 };

// All zero is an empty one.
typedef struct rb_histogram {
    int64_t count;
    double min, max, sum, sum_squares; // exact
    int exponent;                      // a bucket's width is 2^exponent
    int64_t first;                     // bucket i holds [first + i, first + i + 1) widths
    int64_t buckets[RB_HISTOGRAM_BUCKETS];
} rb_histogram;

void rb_histogram_add(rb_histogram *histogram, double value);   // what is not finite is left out
double rb_histogram_edge(const rb_histogram *histogram, int i); // the left edge of bucket i
// The first and the last bucket that hold something; false where there is nothing.
bool rb_histogram_range(const rb_histogram *histogram, int *first, int *last);

#endif
