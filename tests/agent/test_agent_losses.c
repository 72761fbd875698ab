// Losses, their gradients (held against differences of the loss itself) and priorities.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "agent/losses.h"
#include "base/rng.h"
#include "config/params.h"

enum { B = 8, A = 3, Z = 5 };
static float weights[B], priorities[B], q[B * A], targets[B], logits[B * A * Z], atoms[B * Z],
    gradient[B * A * Z];
static int32_t actions[B];
static rb_batch batch = {.size = B, .actions = actions, .weights = weights, .priorities = priorities};

static int fill(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(9, RB_RNG_TEST, 0);
    rb_rng_normal_fill(&rng, q, B * A);
    rb_rng_normal_fill(&rng, targets, B);
    rb_rng_normal_fill(&rng, logits, B * A * Z);
    for (int i = 0; i < B; i++) {
        targets[i] *= 2; // errors on both sides of Huber's 1
        weights[i] = i ? 0.2f + 0.8f * rb_rng_float(&rng) : 1;
        actions[i] = (int32_t)rb_rng_below(&rng, A);
        float sum = 0;
        for (int z = 0; z < Z; z++) sum += atoms[i * Z + z] = z == i % Z ? 0 : rb_rng_float(&rng);
        for (int z = 0; z < Z; z++) atoms[i * Z + z] /= sum;
    }
    return 0;
}

static void the_three_losses_have_their_values(void **state)
{
    (void)state;
    const float ds[6] = {0, 0.5f, -0.5f, 1, 3, -3};
    const float loss[3][6] = {{0, 0.125f, 0.125f, 0.5f, 2.5f, 2.5f},
                              {0, 0.25f, 0.25f, 1, 9, 9},
                              {0, 0.125f, 0.125f, 0.5f, 4.5f, 4.5f}};
    const float slope[3][6] = {{0, 0.5f, -0.5f, 1, 1, -1}, {0, 1, -1, 2, 6, -6}, {0, 0.5f, -0.5f, 1, 3, -3}};
    const int kinds[3] = {RB_LOSS_HUBER, RB_LOSS_SQUARED, RB_LOSS_HALF_SQUARED};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 6; i++) {
            int32_t action = 1;
            float weight = 0.5f, priority, prediction[2] = {99, 2 + ds[i]}, target = 2, g[2];
            rb_batch one = {.size = 1, .actions = &action, .weights = &weight, .priorities = &priority};
            assert_float_equal(rb_loss_scalar(g, &one, 2, kinds[k], prediction, &target), 0.5f * loss[k][i],
                               1e-6);
            assert_float_equal(g[1], 0.5f * slope[k][i], 1e-6);
            assert_true(g[0] == 0);
            assert_float_equal(priority, fabsf(ds[i]), 1e-6); // not weighted, not signed
        }
}

static void scalar_gradient_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    float scratch[B * A];
    for (int kind = RB_LOSS_HUBER; kind <= RB_LOSS_HALF_SQUARED; kind++) {
        rb_loss_scalar(gradient, &batch, A, kind, q, targets);
        for (int i = 0; i < B * A; i++) {
            const float kept = q[i], h = 1e-2f;
            q[i] = kept + h;
            double up = rb_loss_scalar(scratch, &batch, A, kind, q, targets);
            q[i] = kept - h;
            double down = rb_loss_scalar(scratch, &batch, A, kind, q, targets);
            q[i] = kept;
            assert_float_equal(gradient[i], (up - down) / (2 * h), 2e-3);
        }
    }
}

static double log_softmax(const float *l, int z)
{
    double sum = 0;
    for (int j = 0; j < Z; j++) sum += exp(l[j]);
    return l[z] - log(sum);
}

static void cross_entropy_follows_the_definition(void **state)
{
    (void)state;
    double want = 0;
    const float loss = rb_loss_c51(gradient, &batch, A, Z, RB_PRIORITY_CROSS_ENTROPY, logits, atoms);
    float plain[B];
    memcpy(plain, priorities, sizeof plain);
    rb_loss_c51(gradient, &batch, A, Z, RB_PRIORITY_KL, logits, atoms);
    for (int i = 0; i < B; i++) {
        const float *l = logits + (i * A + actions[i]) * Z, *m = atoms + i * Z;
        double cross = 0, divergence = 0;
        for (int z = 0; z < Z; z++) {
            cross -= m[z] * log_softmax(l, z);
            if (m[z] > 0) divergence += m[z] * (log(m[z]) - log_softmax(l, z));
        }
        want += weights[i] * cross / B;
        assert_float_equal(plain[i], cross, 1e-5);
        assert_float_equal(priorities[i], divergence, 1e-5);
        for (int a = 0; a < A; a++)
            for (int z = 0; z < Z; z++) {
                const double g = a == actions[i] ? weights[i] / B * (exp(log_softmax(l, z)) - m[z]) : 0;
                assert_float_equal(gradient[(i * A + a) * Z + z], g, 1e-7);
            }
    }
    assert_float_equal(loss, want, 1e-5);
}

static void atoms_gradient_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    float scratch[B * A * Z];
    rb_loss_c51(gradient, &batch, A, Z, RB_PRIORITY_KL, logits, atoms);
    for (int i = 0; i < B * A * Z; i++) {
        const float kept = logits[i], h = 2e-2f;
        logits[i] = kept + h;
        double up = rb_loss_c51(scratch, &batch, A, Z, RB_PRIORITY_KL, logits, atoms);
        logits[i] = kept - h;
        double down = rb_loss_c51(scratch, &batch, A, Z, RB_PRIORITY_KL, logits, atoms);
        logits[i] = kept;
        assert_float_equal(gradient[i], (up - down) / (2 * h), 1e-4);
    }
}

// A softmax clamped at, say, 1e-3 before the logarithm has no slope where it is wrong by all its mass:
// exactly here.
// docs/faults.md, 11
static void the_worst_prediction_has_the_largest_gradient(void **state)
{
    (void)state;
    int32_t action = 0;
    float weight = 1, priority, g[Z];
    const float wrong[Z] = {90, -90, -90, -90, -90}, target[Z] = {0, 0, 0, 0, 1};
    rb_batch one = {.size = 1, .actions = &action, .weights = &weight, .priorities = &priority};
    assert_float_equal(rb_loss_c51(g, &one, 1, Z, RB_PRIORITY_KL, wrong, target), 180, 1e-3);
    assert_float_equal(g[0], 1, 1e-6);
    assert_float_equal(g[4], -1, 1e-6);
    assert_float_equal(priority, 180, 1e-3);
}

static void divergence_is_zero_where_the_prediction_is_right(void **state)
{
    (void)state;
    float right[B * A * Z] = {0};
    for (int i = 0; i < B; i++)
        for (int z = 0; z < Z; z++)
            right[(i * A + actions[i]) * Z + z] = atoms[i * Z + z] > 0 ? logf(atoms[i * Z + z]) : -100;
    rb_loss_c51(gradient, &batch, A, Z, RB_PRIORITY_KL, right, atoms);
    for (int i = 0; i < B; i++) assert_true(priorities[i] >= 0 && priorities[i] < 1e-6f);
    for (int i = 0; i < B * A * Z; i++) assert_float_equal(gradient[i], 0, 1e-7);
    rb_loss_c51(gradient, &batch, A, Z, RB_PRIORITY_CROSS_ENTROPY, right, atoms);
    for (int i = 0; i < B; i++) assert_true(priorities[i] > 0.5f); // the target's own entropy stays
}

// docs/faults.md, 12
static void priorities_have_no_sign_and_the_taken_action_learns(void **state)
{
    (void)state;
    int below = 0, above = 0;
    rb_loss_scalar(gradient, &batch, A, RB_LOSS_HUBER, q, targets);
    for (int i = 0; i < B; i++) {
        const float d = q[i * A + actions[i]] - targets[i];
        below += d<0, above += d> 0;
        assert_true(priorities[i] == fabsf(d));
        for (int a = 0; a < A; a++) assert_true((gradient[i * A + a] != 0) == (a == actions[i]));
    }
    assert_true(below > 0 && above > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_losses_have_their_values),
        cmocka_unit_test(scalar_gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(cross_entropy_follows_the_definition),
        cmocka_unit_test(atoms_gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(the_worst_prediction_has_the_largest_gradient),
        cmocka_unit_test(divergence_is_zero_where_the_prediction_is_right),
        cmocka_unit_test(priorities_have_no_sign_and_the_taken_action_learns),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
