// Scalar and categorical targets against direct calculations of their definitions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "agent/targets.h"
#include "base/rng.h"

enum { B = 64, A = 3, Z = 11 };
static const rb_c51_support support = {Z, -2, 3};

static float returns[B], discounts[B], value[B * A], chooser[B * A], logits[B * A * Z], targets[B * Z];
static const rb_batch batch = {.size = B, .returns = returns, .discounts = discounts};

static int fill(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(7, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, returns, B);
    rb_rng_normal_fill(&rng, value, B * A);
    rb_rng_normal_fill(&rng, chooser, B * A);
    rb_rng_normal_fill(&rng, logits, B * A * Z);
    for (int i = 0; i < B; i++) discounts[i] = i % 4 == 0 ? 0 : rb_rng_float(&rng);
    return 0;
}

static int largest(const float *q)
{
    int best = 0;
    for (int a = A - 1; a >= 0; a--)
        if (q[a] >= q[best]) best = a;
    return best;
}

static void scalar_follows_the_definition(void **state)
{
    (void)state;
    int disagree = 0;
    for (int twice = 0; twice < 2; twice++) { // DQN, then double
        const float *choose = twice ? chooser : value;
        rb_targets_scalar(targets, &batch, A, choose, value);
        for (int i = 0; i < B; i++) {
            const int a = largest(choose + i * A);
            disagree += a != largest(value + i * A);
            assert_float_equal(targets[i], returns[i] + discounts[i] * value[i * A + a], 1e-6);
        }
    }
    assert_true(disagree > 5); // else double would be untested
}

static void ties_choose_the_lowest_action(void **state)
{
    (void)state;
    float ret = 0, discount = 1, equal[A] = {1, 1, 1}, worth[A] = {5, 6, 7}, target;
    const rb_batch one = {.size = 1, .returns = &ret, .discounts = &discount};
    rb_targets_scalar(&target, &one, A, equal, worth);
    assert_true(target == 5);
}

// gamma^n for all samples would be wrong if an episode's end shortens a window.
// docs/faults.md, 3
static void every_sample_has_the_discount_of_its_own_window(void **state)
{
    (void)state;
    float ret[4] = {1, 1, 1, 1}, discount[4] = {0.729f, 0.81f, 0.9f, 0}, worth[4 * A] = {0}, target[4];
    for (int i = 0; i < 4; i++) worth[i * A + 1] = 10;
    const rb_batch four = {.size = 4, .returns = ret, .discounts = discount};
    rb_targets_scalar(target, &four, A, worth, worth);
    const float want[4] = {8.29f, 9.1f, 10, 1};
    for (int i = 0; i < 4; i++) assert_float_equal(target[i], want[i], 1e-5);
}

static void a_truncated_episode_bootstraps_and_a_terminal_does_not(void **state)
{
    (void)state;
    float ret[2] = {1, 1}, discount[2] = {0.99f, 0}, worth[2 * A], target[2], atoms[2 * Z],
          next[2 * A * Z] = {0};
    for (int i = 0; i < 2 * A; i++) worth[i] = 100;
    const rb_batch two = {.size = 2, .returns = ret, .discounts = discount};
    rb_targets_scalar(target, &two, A, worth, worth);
    assert_float_equal(target[0], 100, 1e-4);
    assert_true(target[1] == 1);

    rb_targets_c51(atoms, &two, A, &support, worth, next); // uniform next distribution
    for (int z = 0; z < Z; z++) assert_float_equal(atoms[Z + z], z == 6 ? 1 : 0, 1e-6); // all mass at 1
    assert_true(atoms[10] > 0.2f && atoms[0] == 0);
}

// The projection as a sum over all pairs of atoms: atom j gets of atom z's mass the fraction max(0, 1 -
// distance), which is the height at j of a triangle centred on T_z.
static void c51_is_the_triangular_kernel(void **state)
{
    (void)state;
    const double distance = (support.v_max - support.v_min) / (Z - 1);
    rb_targets_c51(targets, &batch, A, &support, chooser, logits);
    double most = 0;
    for (int i = 0; i < B; i++) {
        const float *next = logits + (i * A + largest(chooser + i * A)) * Z;
        double sum = 0, want[Z] = {0}, mass = 0;
        for (int z = 0; z < Z; z++) sum += exp(next[z]);
        for (int z = 0; z < Z; z++) {
            double place = support.v_min + z * distance;
            double t = returns[i] + discounts[i] * place;
            t = fmin(fmax(t, support.v_min), support.v_max);
            for (int j = 0; j < Z; j++)
                want[j] +=
                    exp(next[z]) / sum * fmax(0, 1 - fabs(t - (support.v_min + j * distance)) / distance);
        }
        for (int j = 0; j < Z; j++) {
            assert_float_equal(targets[i * Z + j], want[j], 1e-6);
            mass += targets[i * Z + j];
            most = fmax(most, want[j]);
        }
        assert_float_equal(mass, 1, 1e-5);
    }
    assert_true(most < 1 + 1e-9 && most > 0.9);
}

// If every T_z lies on an atom, the distribution only moves; the floor-and-ceil form gives 0 everywhere in
// that case.
static void c51_keeps_the_mass_of_whole_numbers(void **state)
{
    (void)state;
    for (int shift = -3; shift <= 3; shift++) {
        float ret = 0.5f * (float)shift, discount = 1, next[Z], target[Z], q = 0, same[Z];
        const rb_batch one = {.size = 1, .returns = &ret, .discounts = &discount};
        double sum = 0, mass = 0;
        for (int z = 0; z < Z; z++) next[z] = logits[z], sum += exp(next[z]);
        for (int z = 0; z < Z; z++) same[z] = (float)(exp(next[z]) / sum);
        rb_targets_c51(target, &one, 1, &support, &q, next);
        for (int z = 0; z < Z; z++) mass += target[z];
        assert_float_equal(mass, 1, 1e-6);
        for (int z = 1; z < Z - 1; z++)
            assert_float_equal(target[z], z - shift >= 0 && z - shift < Z ? same[z - shift] : 0, 1e-6);
    }
}

static void c51_counts_what_lies_outside(void **state)
{
    (void)state;
    float ret[3] = {0, 100, -100}, discount[3] = {1, 1, 0}, q[3] = {0}, next[3 * Z] = {0}, target[3 * Z];
    rb_batch some = {.size = 3, .returns = ret, .discounts = discount};
    rb_c51_summary s = rb_targets_c51(target, &some, 1, &support, q, next);
    assert_float_equal(s.clipped, 2.0 / 3, 1e-6); // the first lies on the atoms, including the ends
    assert_float_equal(s.above, 1.0 / 3, 1e-6);   // and the last one is below
    assert_float_equal(s.largest, 100.5, 1e-4);   // 100 plus the middle of the support
    assert_float_equal(target[Z + Z - 1], 1, 1e-6);
    assert_float_equal(target[2 * Z], 1, 1e-6);
    some.size = 1;
    ret[0] = 0.5f; // one atom of eleven moves past the end
    assert_float_equal(rb_targets_c51(target, &some, 1, &support, q, next).clipped, 1.0 / Z, 1e-6);
    next[4] = NAN;
    assert_true(isnan(rb_targets_c51(target, &some, 1, &support, q, next).largest));
}

// Values just inside the ends must not write past the array.
static void c51_projects_next_to_its_ends(void **state)
{
    (void)state;
    const rb_c51_support wide = {51, -10, 10};
    for (int i = 0; i < 200; i++) {
        float target[53] = {0};
        const double place = i % 2 ? nextafter(10, 0) - i * 1e-16 : nextafter(-10, 0) + i * 1e-16;
        assert_false(rb_c51_project(target + 1, &wide, place, 1));
        assert_float_equal(target[i % 2 ? 51 : 1], 1, 1e-5);
        assert_true(target[0] == 0 && target[52] == 0);
    }
    // One step at a time towards 1 / (1 - gamma): what is above v_max by rounding alone is not outside.
    const rb_c51_support best = {51, 0, 100};
    float top[51] = {0};
    assert_false(rb_c51_project(top, &best, 2.9701f + 0.970299 * 100, 1));
    assert_false(rb_c51_project(top, &best, 100.001, 1));
    assert_true(rb_c51_project(top, &best, 100.01, 1));
    assert_false(rb_c51_project(top, &best, -0.001, 1));
    assert_true(rb_c51_project(top, &best, -0.01, 1));
    assert_true(top[50] == 3 && top[0] == 2);
    // A case in which rounding turns the last value below the end into the end itself.
    const rb_c51_support lopsided = {51, -1e9, 1};
    float target[52] = {0};
    target[51] = -0.0f; // even adding 0 would show
    assert_false(rb_c51_project(target, &lopsided, nextafter(1, 0), 1));
    assert_true(target[50] == 1 && signbit(target[51]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalar_follows_the_definition),
        cmocka_unit_test(ties_choose_the_lowest_action),
        cmocka_unit_test(every_sample_has_the_discount_of_its_own_window),
        cmocka_unit_test(a_truncated_episode_bootstraps_and_a_terminal_does_not),
        cmocka_unit_test(c51_is_the_triangular_kernel),
        cmocka_unit_test(c51_keeps_the_mass_of_whole_numbers),
        cmocka_unit_test(c51_counts_what_lies_outside),
        cmocka_unit_test(c51_projects_next_to_its_ends),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
