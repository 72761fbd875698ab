// The join of a dueling head's streams and the split of its gradient, against plain loops, to the last bit:
// from one output to several blocks of them.
#include "compute/kernels_kit.h"

#include "compute/layout.h"

static void test_join_and_split(void **state)
{
    (void)state;
    rng = rb_rng_stream(7, RB_RNG_TEST, 2);
    for (int round = 0; round < 100; round++) {
        const int count = between(1, 3), actions = between(1, 7), outputs = between(1, 200),
                  q = actions * outputs, row = q + between(0, 20), value_row = outputs + between(0, 20);
        float *advantage = numbers((size_t)(count * row)), *value = numbers((size_t)(count * value_row)),
              *out = numbers((size_t)(count * q)), *expected = copy(out, (size_t)(count * q));
        rb_dueling_join(advantage, row, value, value_row, count, actions, outputs, out);
        for (int b = 0; b < count; b++) {
            for (int z = 0; z < outputs; z++) {
                float sum = 0;
                for (int a = 0; a < actions; a++) sum += advantage[b * row + a * outputs + z];
                const float base = value[b * value_row + z] - sum / (float)actions;
                for (int a = 0; a < actions; a++)
                    expected[b * q + a * outputs + z] = base + advantage[b * row + a * outputs + z];
            }
        }
        assert_memory_equal(out, expected, ((size_t)(count * q) + BEHIND) * sizeof *out);

        float *by_advantage = copy(advantage, (size_t)(count * row)),
              *by_value = copy(value, (size_t)(count * value_row));
        rb_dueling_split(out, count, actions, outputs, by_advantage, row, by_value, value_row);
        for (int b = 0; b < count; b++) {
            for (int z = 0; z < outputs; z++) {
                float sum = 0;
                for (int a = 0; a < actions; a++) sum += out[b * q + a * outputs + z];
                value[b * value_row + z] = sum;
                for (int a = 0; a < actions; a++)
                    advantage[b * row + a * outputs + z] =
                        out[b * q + a * outputs + z] - sum / (float)actions;
            }
        }
        assert_memory_equal(by_advantage, advantage, ((size_t)(count * row) + BEHIND) * sizeof *out);
        assert_memory_equal(by_value, value, ((size_t)(count * value_row) + BEHIND) * sizeof *out);
        free(advantage), free(value), free(out), free(expected), free(by_advantage), free(by_value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_join_and_split)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
