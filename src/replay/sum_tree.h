// A sum tree: draws an index with probability proportional to its value, in log N steps.
//
// A node has eight children, which together are one cache line (64 bytes): a tree of a million leaves has
// seven levels, and all but the last two stay in the caches.
//
//     level 2   [ total's children: at most 8 ]                      the total is the sum of the top level
//     level 1   [ 8 ] [ 8 ] ...                each the sum of a line below
//     level 0   [ 8 ] [ 8 ] [ 8 ] ...          the leaves, padded with zeros to whole lines
//
// A line is summed as ((0+1) + (2+3)) + ((4+5) + (6+7)), and a descent goes through the same pairs: sums and
// draws are bit-identical to those of a binary tree. Every sum is *recomputed* whenever a value in its line
// changes. No difference is ever added to a sum, so nothing drifts, and the whole tree is a function of its
// leaves (saving the leaves saves the tree bit for bit).
#ifndef RB_REPLAY_SUM_TREE_H
#define RB_REPLAY_SUM_TREE_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

enum { RB_SUM_TREE_WAYS = 8, RB_SUM_TREE_LEVELS = 21 }; // 8^21 is 2^63

typedef struct rb_sum_tree {
    double *level[RB_SUM_TREE_LEVELS]; // [levels]: level[0] holds the leaves; each is a whole number of lines
    int levels;
    int64_t size; // leaves in use; the padding stays 0
    double total;
} rb_sum_tree;

size_t rb_sum_tree_bytes(int64_t size); // the memory that rb_sum_tree_init takes
void rb_sum_tree_init(rb_sum_tree *tree, int64_t size,
                      rb_arena *arena); // all 0; the arena reports a lack of memory

double rb_sum_tree_total(const rb_sum_tree *tree);
double rb_sum_tree_get(const rb_sum_tree *tree, int64_t index);
void rb_sum_tree_set(rb_sum_tree *tree, int64_t index, double value); // finite, 0 or more
// Prefetch hint: `index` will soon be set. Fetches the lines that are in no cache.
void rb_sum_tree_prefetch(const rb_sum_tree *tree, int64_t index);

// For each of `count` places in [0, total), finds the leaf whose segment of the running sum contains it. A
// place may be off by rounding, even at or above the total: a leaf of 0 is never returned. The total must be
// above 0. The descents advance together level by level, so their memory reads overlap.
void rb_sum_tree_find(const rb_sum_tree *tree, const double *places, int count, int64_t *indices);

double *rb_sum_tree_leaves(rb_sum_tree *tree); // [size], for writing many values, followed by
void rb_sum_tree_rebuild(rb_sum_tree *tree);   // this, which recomputes all sums

#endif
