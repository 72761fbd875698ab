// See sum_tree.h.
#include "replay/sum_tree.h"

#include <assert.h>
#include <math.h>

enum { TOGETHER = 64 }; // descents side by side; their state stays in the first cache

static int64_t power_of_two(int64_t least)
{
    int64_t power = 1;
    while (power < least) power *= 2;
    return power;
}

size_t rb_sum_tree_bytes(int64_t size)
{
    return 2 * (size_t)power_of_two(size) * sizeof(double);
}

void rb_sum_tree_init(rb_sum_tree *tree, int64_t size, rb_arena *arena)
{
    assert(size >= 1);
    tree->size = size;
    tree->leaves = power_of_two(size);
    tree->nodes = rb_arena_take(arena, rb_sum_tree_bytes(size));
}

double rb_sum_tree_total(const rb_sum_tree *tree)
{
    return tree->nodes[1];
}

double rb_sum_tree_get(const rb_sum_tree *tree, int64_t index)
{
    assert(index >= 0 && index < tree->size);
    return tree->nodes[tree->leaves + index];
}

void rb_sum_tree_set(rb_sum_tree *tree, int64_t index, double value)
{
    assert(index >= 0 && index < tree->size && isfinite(value) && value >= 0);
    double *nodes = tree->nodes;
    int64_t k = tree->leaves + index;
    nodes[k] = value;
    for (k /= 2; k >= 1; k /= 2) {
        double sum = nodes[2 * k] + nodes[2 * k + 1];
        if (sum == nodes[k]) return; // what is above depends on this sum only
        nodes[k] = sum;
    }
}

// Right only where the place lies beyond the left sum *and* there is something on the right. A node above 0
// then always leads to a child above 0: left is taken when place < left sum (so that is above 0), or when the
// right is 0 (so the left carries the node).
static void find_together(const rb_sum_tree *tree, const double *places, int count, int64_t *indices)
{
    const double *nodes = tree->nodes;
    double place[TOGETHER];
    int64_t at[TOGETHER];
    for (int i = 0; i < count; i++) {
        place[i] = places[i];
        at[i] = 1;
    }
    for (int64_t width = 1; width < tree->leaves; width *= 2) {
        for (int i = 0; i < count; i++) {
            double left = nodes[2 * at[i]], right = nodes[2 * at[i] + 1];
            int go_right = (place[i] >= left) & (right > 0);
            place[i] -= go_right ? left : 0.0;
            at[i] = 2 * at[i] + go_right;
        }
    }
    for (int i = 0; i < count; i++) indices[i] = at[i] - tree->leaves;
}

void rb_sum_tree_find(const rb_sum_tree *tree, const double *places, int count, int64_t *indices)
{
    assert(tree->nodes[1] > 0);
    for (int i = 0; i < count; i += TOGETHER) {
        int some = count - i < TOGETHER ? count - i : TOGETHER;
        find_together(tree, places + i, some, indices + i);
    }
}

double *rb_sum_tree_leaves(rb_sum_tree *tree)
{
    return tree->nodes + tree->leaves;
}

void rb_sum_tree_rebuild(rb_sum_tree *tree)
{
    double *nodes = tree->nodes;
    for (int64_t k = tree->leaves - 1; k >= 1; k--) nodes[k] = nodes[2 * k] + nodes[2 * k + 1];
}
