// Q-values from outputs, epsilon-greedy actions and the exploration schedule, against direct calculations.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "agent/acting.h"
#include "agent/schedules.h"

static void support_is_even_and_meets_its_ends(void **state)
{
    (void)state;
    float places[51];
    rb_support_fill(places, 51, -10, 10);
    assert_true(places[0] == -10 && places[50] == 10 && places[25] == 0);
    for (int z = 0; z < 51; z++) assert_float_equal(places[z], -10 + 0.4 * z, 1e-6);
}

static void q_is_the_expectation_under_the_softmax(void **state)
{
    (void)state;
    enum { N = 3, A = 2, Z = 7 };
    float places[Z], logits[N * A * Z], q[N * A];
    rb_support_fill(places, Z, -1, 5);
    rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, logits, N * A * Z);
    for (int z = 0; z < Z; z++) logits[z] = logits[z] * 3 + 500; // exp(500) overflows a float
    rb_q_values(q, logits, N, A, Z, places);
    for (int i = 0; i < N * A; i++) {
        double sum = 0, moment = 0;
        for (int z = 0; z < Z; z++) {
            double e = exp((double)logits[i * Z + z] - (i == 0 ? 500 : 0));
            sum += e, moment += e * places[z];
        }
        assert_float_equal(q[i], moment / sum, 1e-5);
    }
}

static void scalar_outputs_are_q_values(void **state)
{
    (void)state;
    const float outputs[6] = {1, -2, 3, 4, 5, -6};
    float q[6];
    rb_q_values(q, outputs, 2, 3, 1, NULL);
    assert_memory_equal(q, outputs, sizeof q);
}

static void ties_go_to_the_lowest_index(void **state)
{
    (void)state;
    assert_int_equal(rb_q_best((float[]){1, 3, 2, 3}, 4), 1);
    assert_int_equal(rb_q_best((float[]){-5, -5, -5}, 3), 0);
    assert_int_equal(rb_q_best((float[]){-5, -6, -4}, 3), 2);
}

static void greedy_without_epsilon_and_uniform_with_one(void **state)
{
    (void)state;
    enum { N = 40000, A = 5 };
    rb_rng explore_rng = rb_rng_stream(2, RB_RNG_TEST, 0);
    const float q[A] = {0, 0, 7, 1, 2};
    int counts[3][A] = {{0}};
    const double epsilons[3] = {0, 0.3, 1};
    for (int e = 0; e < 3; e++)
        for (int i = 0; i < N; i++) {
            int32_t action = -1;
            rb_act_epsilon(&action, q, NULL, 1, A, &epsilons[e], &explore_rng);
            assert_in_range(action, 0, A - 1);
            counts[e][action]++;
        }
    for (int e = 0; e < 3; e++)
        for (int a = 0; a < A; a++) {
            const double p = epsilons[e] / A + (a == 2 ? 1 - epsilons[e] : 0);
            assert_true(fabs(counts[e][a] - N * p) <= 5 * sqrt(N * p * (1 - p))); // exact for epsilon 0
        }
}

// A single coin for all environments would explore in all of them or in none at each vector step.
// docs/faults.md, 10
static void every_environment_has_its_own_coin(void **state)
{
    (void)state;
    enum { N = 16, A = 4, STEPS = 200 };
    rb_rng together[N], alone[N];
    for (int i = 0; i < N; i++) together[i] = alone[i] = rb_rng_stream(3, RB_RNG_EXPLORE, (uint64_t)i);
    float q[N * A] = {0};
    double halves[N];
    for (int i = 0; i < N; i++) q[i * A] = 1, halves[i] = 0.5;
    int mixed = 0;
    for (int t = 0; t < STEPS; t++) {
        int32_t actions[N], single;
        rb_act_epsilon(actions, q, NULL, N, A, halves, together);
        int explored = 0;
        for (int i = 0; i < N; i++) {
            explored += actions[i] != 0;
            rb_act_epsilon(&single, q + i * A, NULL, 1, A, &halves[i], &alone[i]);
            assert_int_equal(single, actions[i]); // its neighbours change nothing
        }
        mixed += explored > 0 && explored < N;
    }
    assert_true(mixed > STEPS * 9 / 10);
}

// A stream's position depends only on the number of steps, not on epsilon or on the draws' results.
static void every_step_draws_the_same_amount(void **state)
{
    (void)state;
    rb_rng explore_rng = rb_rng_stream(4, RB_RNG_EXPLORE, 0);
    const float q[6] = {0};
    uint64_t before = explore_rng.position, words = 0;
    for (int t = 0; t < 1000; t++) {
        int32_t action;
        rb_act_epsilon(&action, q, NULL, 1, 6, &(double){(t % 11) / 10.0}, &explore_rng);
        if (t == 0) words = explore_rng.position - before;
        assert_true(words > 0 && explore_rng.position - before == words * (uint64_t)(t + 1));
    }
}

static void near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-12);
}

// A constant factor per step falls fast at first and slowly later; the published settings mean equal steps.
// docs/faults.md, 10
static void epsilon_falls_in_a_straight_line(void **state)
{
    (void)state;
    assert_true(rb_schedule_linear(1, 0.1, 1000, 0) == 1);
    near(rb_schedule_linear(1, 0.1, 1000, 500), 0.55);
    for (int64_t t = 0; t < 1000; t++)
        near(rb_schedule_linear(1, 0.1, 1000, t) - rb_schedule_linear(1, 0.1, 1000, t + 1), 0.9 / 1000);
    assert_true(rb_schedule_linear(1, 0.1, 1000, 1000) == 0.1);
    assert_true(rb_schedule_linear(1, 0.1, 1000, 5000) == 0.1);
    assert_true(rb_schedule_linear(1, 0.1, 0, 0) == 0.1);
    near(rb_schedule_linear(0.4, 1, 10, 5), 0.7); // upwards too
}

// A step removes the same fraction of the distance to the end, whatever that distance is.
static void exponential_epsilon_loses_the_same_share_each_step(void **state)
{
    (void)state;
    assert_true(rb_schedule_exponential(1, 0.01, 0.001, 0) == 1);
    for (int t = 0; t < 20000; t += 613) {
        const double now = rb_schedule_exponential(1, 0.01, 0.001, t) - 0.01,
                     next = rb_schedule_exponential(1, 0.01, 0.001, t + 1) - 0.01;
        near(next, now * 0.99900049983337499); // e^-0.001
    }
    near(rb_schedule_exponential(1, 0.01, 0.001, 1000), 0.01 + 0.99 * 0.36787944117144233);
    near(rb_schedule_exponential(1, 0.01, 0.0001, 1000000), 0.01);
    assert_true(rb_schedule_exponential(1, 0.01, 0, 1000) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(support_is_even_and_meets_its_ends),
        cmocka_unit_test(q_is_the_expectation_under_the_softmax),
        cmocka_unit_test(scalar_outputs_are_q_values),
        cmocka_unit_test(ties_go_to_the_lowest_index),
        cmocka_unit_test(greedy_without_epsilon_and_uniform_with_one),
        cmocka_unit_test(every_environment_has_its_own_coin),
        cmocka_unit_test(every_step_draws_the_same_amount),
        cmocka_unit_test(epsilon_falls_in_a_straight_line),
        cmocka_unit_test(exponential_epsilon_loses_the_same_share_each_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
