// A histogram whose range need not be known in advance: equal buckets, with a power of two as their width,
// that are merged in pairs whenever a value does not fit. So the values span at least a quarter of the
// buckets (unless all are equal), adding costs a few operations, and nothing is allocated.
#ifndef RB_IO_HISTOGRAM_H
#define RB_IO_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum { RB_HISTOGRAM_BUCKETS = 128 };

// All zero is an empty histogram.
typedef struct rb_histogram {
    int64_t count;
    double min, max, sum, sum_squares; // exact
    int exponent;                      // a bucket's width is 2^exponent
    int64_t first;                     // bucket i covers [first + i, first + i + 1) widths
    int64_t buckets[RB_HISTOGRAM_BUCKETS];
} rb_histogram;

void rb_histogram_add(rb_histogram *histogram, double value);   // non-finite values are ignored
double rb_histogram_edge(const rb_histogram *histogram, int i); // the left edge of bucket i
// The first and the last non-empty bucket; false if all are empty.
bool rb_histogram_range(const rb_histogram *histogram, int *first, int *last);

#endif
