// The sum tree against sums and searches made the long way.
#include <math.h>
#include "replay/replay_model.h"

typedef struct forest {
    rb_arena *arena;
    rb_sum_tree tree;
    rb_rng rng;
} forest;

static forest plant(int64_t size)
{
    forest f = {.rng = rb_rng_stream(3, RB_RNG_TEST, (uint64_t)size)};
    assert_int_equal(rb_arena_create(&f.arena, NULL), RB_OK);
    rb_sum_tree_init(&f.tree, size, f.arena);
    return f;
}

static int64_t find_one(const rb_sum_tree *tree, double place)
{
    int64_t index;
    rb_sum_tree_find(tree, &place, 1, &index);
    return index;
}

// Values are whole numbers, so that the long way's sums are exact too.
static void test_finds_what_a_linear_search_finds(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 3, 7, 8, 9, 100, 1000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int64_t size = sizes[s];
        forest f = plant(size);
        for (int round = 0; round < 20; round++) {
            double total = 0;
            for (int64_t i = 0; i < size; i++) {
                double value = rb_rng_below(&f.rng, 3) == 0 ? 0 : rb_rng_below(&f.rng, 5);
                if (i == round % size) value = 1;
                rb_sum_tree_set(&f.tree, i, value);
                total += value;
            }
            assert_true(rb_sum_tree_total(&f.tree) == total);
            for (double place = 0.25; place < total; place += 0.5) {
                double sum = 0;
                int64_t expected = 0;
                while (sum + rb_sum_tree_get(&f.tree, expected) <= place)
                    sum += rb_sum_tree_get(&f.tree, expected++);
                assert_int_equal(find_one(&f.tree, place), expected);
            }
        }
        rb_arena_destroy(f.arena);
    }
}

// Many places at once are the same as one after the other, whatever the number.
static void test_finds_many_as_it_finds_one(void **state)
{
    (void)state;
    forest f = plant(777);
    for (int i = 0; i < 777; i++)
        rb_sum_tree_set(&f.tree, i, rb_rng_below(&f.rng, 2) ? rb_rng_double(&f.rng) : 0);
    double places[200];
    int64_t indices[200];
    for (int count = 1; count <= 200; count += 7) {
        for (int i = 0; i < count; i++) places[i] = rb_rng_double(&f.rng) * rb_sum_tree_total(&f.tree);
        rb_sum_tree_find(&f.tree, places, count, indices);
        for (int i = 0; i < count; i++) assert_int_equal(indices[i], find_one(&f.tree, places[i]));
    }
    rb_arena_destroy(f.arena);
}

// Differences added a million times would leave a remainder; recomputed sums are those of a tree built at
// once, to the last bit.
// docs/faults.md, 8
static void test_sums_do_not_drift(void **state)
{
    (void)state;
    forest f = plant(1000), fresh = plant(1000);
    for (int i = 0; i < 1000000; i++) {
        double size = pow(10, rb_rng_range(&f.rng, -9, 9));
        rb_sum_tree_set(&f.tree, rb_rng_below(&f.rng, 1000), size);
    }
    for (int i = 0; i < 1000; i++) rb_sum_tree_leaves(&fresh.tree)[i] = rb_sum_tree_get(&f.tree, i);
    rb_sum_tree_rebuild(&fresh.tree);
    assert_memory_equal(rb_sum_tree_leaves(&f.tree), rb_sum_tree_leaves(&fresh.tree),
                        rb_sum_tree_bytes(1000));
    assert_true(rb_sum_tree_total(&f.tree) == rb_sum_tree_total(&fresh.tree));
    for (int i = 0; i < 1000; i++) rb_sum_tree_set(&f.tree, i, 0);
    assert_true(rb_sum_tree_total(&f.tree) == 0); // exactly: drift would show here as well
    rb_arena_destroy(f.arena);
    rb_arena_destroy(fresh.arena);
}

// Places at, just below and beyond the total, and values of such different size that sums round: never a leaf
// of 0, never one outside.
// docs/faults.md, 8
static void test_a_leaf_of_zero_is_never_returned(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 5, 64, 1000};
    for (size_t s = 0; s < 4; s++) {
        forest f = plant(sizes[s]);
        for (int round = 0; round < 3000; round++) {
            for (int some = 0; some < 4; some++)
                rb_sum_tree_set(&f.tree, rb_rng_below(&f.rng, (uint32_t)sizes[s]),
                                rb_rng_below(&f.rng, 3) ? 0 : pow(10, rb_rng_range(&f.rng, -30, 20)));
            double total = rb_sum_tree_total(&f.tree);
            if (total == 0) continue;
            double places[] = {0,
                               total * 1e-18,
                               total / 2,
                               nextafter(total, 0),
                               total,
                               nextafter(total, INFINITY),
                               2 * total,
                               total * rb_rng_double(&f.rng),
                               total * (1 - 1e-12)};
            for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
                int64_t index = find_one(&f.tree, places[i]);
                assert_in_range(index, 0, sizes[s] - 1);
                assert_true(rb_sum_tree_get(&f.tree, index) > 0);
            }
        }
        rb_arena_destroy(f.arena);
    }
}

// The plain twin: a binary tree over a power of two of leaves, node k the sum of 2k and 2k + 1.
typedef struct binary {
    double *node;
    int64_t leaves;
} binary;

static void binary_build(binary *b, const rb_sum_tree *tree)
{
    for (b->leaves = 1; b->leaves < tree->size;) b->leaves *= 2;
    b->node = calloc(2 * (size_t)b->leaves, sizeof *b->node);
    assert_non_null(b->node);
    for (int64_t i = 0; i < tree->size; i++) b->node[b->leaves + i] = rb_sum_tree_get(tree, i);
    for (int64_t k = b->leaves - 1; k >= 1; k--) b->node[k] = b->node[2 * k] + b->node[2 * k + 1];
}

static int64_t binary_find(const binary *b, double place)
{
    int64_t k = 1;
    while (k < b->leaves) {
        double left = b->node[2 * k], right = b->node[2 * k + 1];
        k *= 2;
        if (place >= left && right > 0) {
            place -= left;
            k++;
        }
    }
    return k - b->leaves;
}

// Sums round here, so a different order would show.
static void test_equals_a_binary_tree_bit_for_bit(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 3, 8, 9, 31, 64, 65, 511, 512, 513, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        forest f = plant(sizes[s]);
        for (int64_t i = 0; i < sizes[s]; i++)
            if (i == 0 || rb_rng_below(&f.rng, 4))
                rb_sum_tree_set(&f.tree, i, pow(10, rb_rng_range(&f.rng, -3, 3)));
        binary b;
        binary_build(&b, &f.tree);
        double total = rb_sum_tree_total(&f.tree);
        assert_true(total == b.node[1]);
        for (int i = 0; i < 3000; i++) {
            double place = i == 0 ? total : i == 1 ? 0 : rb_rng_double(&f.rng) * total;
            assert_int_equal(find_one(&f.tree, place), binary_find(&b, place));
        }
        free(b.node);
        rb_arena_destroy(f.arena);
    }
}

static void test_takes_the_bytes_it_says(void **state)
{
    (void)state;
    assert_int_equal(rb_sum_tree_bytes(1), 64);
    assert_int_equal(rb_sum_tree_bytes(8), 64);
    assert_int_equal(rb_sum_tree_bytes(9), 3 * 64);
    assert_int_equal(rb_sum_tree_bytes(1 << 18), 64 * (1 + 8 + 64 + 512 + 4096 + 32768));
    assert_in_range(rb_sum_tree_bytes(1000000), 8 * 1000000, 8 * 1142900);
    forest f = plant(5000);
    assert_int_equal(rb_arena_bytes(f.arena), rb_sum_tree_bytes(5000));
    rb_arena_destroy(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_a_linear_search_finds),
        cmocka_unit_test(test_finds_many_as_it_finds_one),
        cmocka_unit_test(test_sums_do_not_drift),
        cmocka_unit_test(test_a_leaf_of_zero_is_never_returned),
        cmocka_unit_test(test_equals_a_binary_tree_bit_for_bit),
        cmocka_unit_test(test_takes_the_bytes_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
