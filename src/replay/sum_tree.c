// See sum_tree.h.
#include "replay/sum_tree.h"

#include <assert.h>
#include <math.h>

enum {
    WAYS = RB_SUM_TREE_WAYS,
    TOGETHER = 64
}; // descents done together; their state fits in the first-level cache

static int64_t lines_of(int64_t values)
{
    return (values + WAYS - 1) / WAYS;
}

size_t rb_sum_tree_bytes(int64_t size)
{
    int64_t lines = 0, level = size;
    do {
        level = lines_of(level);
        lines += level;
    } while (level > 1);
    return (size_t)lines * WAYS * sizeof(double);
}

void rb_sum_tree_init(rb_sum_tree *tree, int64_t size, rb_arena *arena)
{
    assert(size >= 1);
    *tree = (rb_sum_tree){.size = size};
    double *nodes = rb_arena_take(arena, rb_sum_tree_bytes(size));
    if (!nodes) return;
    int64_t lines = size;
    do {
        lines = lines_of(lines);
        tree->level[tree->levels++] = nodes;
        nodes += lines * WAYS;
    } while (lines > 1);
}

double rb_sum_tree_total(const rb_sum_tree *tree)
{
    return tree->total;
}

double rb_sum_tree_get(const rb_sum_tree *tree, int64_t index)
{
    assert(index >= 0 && index < tree->size);
    return tree->level[0][index];
}

static double sum_line(const double c[WAYS])
{
    return ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + (c[6] + c[7]));
}

void rb_sum_tree_set(rb_sum_tree *tree, int64_t index, double value)
{
    assert(index >= 0 && index < tree->size && isfinite(value) && value >= 0);
    tree->level[0][index] = value;
    for (int k = 1; k < tree->levels; k++) {
        double sum = sum_line(&tree->level[k - 1][index / WAYS * WAYS]);
        index /= WAYS;
        if (sum == tree->level[k][index]) return; // higher levels depend on this sum only
        tree->level[k][index] = sum;
    }
    tree->total = sum_line(tree->level[tree->levels - 1]);
}

void rb_sum_tree_prefetch(const rb_sum_tree *tree, int64_t index)
{
    for (int k = 0; k < 3 && k < tree->levels; k++, index /= WAYS)
        __builtin_prefetch(&tree->level[k][index], 1);
}

// Chooses between two neighbours: right only if the place is beyond the left sum *and* the right sum is above
// 0. So a sum above 0 always leads to one above 0: left is taken if place < left sum (which is then above 0)
// or if the right sum is 0 (then the left carries the sum).
static inline int64_t go_right(double left, double right, double *place)
{
    int beyond = (*place >= left) & (right > 0);
    *place -= beyond ? left : 0.0;
    return beyond;
}

// Finds the child in a line, through pairs of pairs.
static inline int64_t find_in_line(const double c[WAYS], double *place)
{
    double s01 = c[0] + c[1], s23 = c[2] + c[3], s45 = c[4] + c[5], s67 = c[6] + c[7];
    int64_t at = 4 * go_right(s01 + s23, s45 + s67, place);
    at += 2 * go_right(at ? s45 : s01, at ? s67 : s23, place);
    return at + go_right(c[at], c[at + 1], place);
}

static void find_together(const rb_sum_tree *tree, const double *places, int count, int64_t *indices)
{
    double place[TOGETHER];
    int64_t at[TOGETHER];
    for (int i = 0; i < count; i++) {
        place[i] = places[i];
        at[i] = 0; // the line's index in its level
    }
    for (int k = tree->levels - 1; k >= 0; k--) {
        const double *level = tree->level[k], *below = k ? tree->level[k - 1] : level;
        for (int i = 0; i < count; i++) {
            at[i] = at[i] * WAYS + find_in_line(&level[at[i] * WAYS], &place[i]);
            if (k) __builtin_prefetch(&below[at[i] * WAYS]);
        }
    }
    for (int i = 0; i < count; i++) indices[i] = at[i];
}

void rb_sum_tree_find(const rb_sum_tree *tree, const double *places, int count, int64_t *indices)
{
    assert(tree->total > 0);
    for (int i = 0; i < count; i += TOGETHER) {
        int some = count - i < TOGETHER ? count - i : TOGETHER;
        find_together(tree, places + i, some, indices + i);
    }
}

double *rb_sum_tree_leaves(rb_sum_tree *tree)
{
    return tree->level[0];
}

void rb_sum_tree_rebuild(rb_sum_tree *tree)
{
    int64_t lines = tree->size;
    for (int k = 1; k < tree->levels; k++) {
        lines = lines_of(lines);
        for (int64_t i = 0; i < lines; i++) tree->level[k][i] = sum_line(&tree->level[k - 1][i * WAYS]);
    }
    tree->total = sum_line(tree->level[tree->levels - 1]);
}
