// A sum tree: draws an index in proportion to its value, in log N steps.
//
// A complete binary tree over a power of two of leaves, kept in one array: node k has the children 2k and
// 2k+1, node 1 is the root, leaf i is node `leaves` + i. Every inner node is the sum of its two children,
// *recomputed* from them whenever one changes: no difference is ever added to it, so nothing drifts, and the
// whole tree is a function of its leaves (saving them saves it, bit for bit).
#ifndef RB_REPLAY_SUM_TREE_H
#define RB_REPLAY_SUM_TREE_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

typedef struct rb_sum_tree {
    double *nodes;  // [2 * leaves]; node 0 is not used
    int64_t leaves; // a power of two, at least `size`
    int64_t size;   // leaves in use; those above stay 0
} rb_sum_tree;

size_t rb_sum_tree_bytes(int64_t size); // that rb_sum_tree_init takes
void rb_sum_tree_init(rb_sum_tree *tree, int64_t size,
                      rb_arena *arena); // all 0; out of memory shows in the arena

double rb_sum_tree_total(const rb_sum_tree *tree);
double rb_sum_tree_get(const rb_sum_tree *tree, int64_t index);
void rb_sum_tree_set(rb_sum_tree *tree, int64_t index, double value); // finite, 0 or more

// For each of `count` places in [0, total): the leaf on whose stretch of the running sum it lies. A place may
// be off by rounding, even at or above the total: a leaf of 0 is never returned. The total must be above 0.
// The descents go level by level together, so their reads of memory overlap.
void rb_sum_tree_find(const rb_sum_tree *tree, const double *places, int count, int64_t *indices);

double *rb_sum_tree_leaves(rb_sum_tree *tree); // [size], to write many at once; then
void rb_sum_tree_rebuild(rb_sum_tree *tree);   // sums them anew

#endif
