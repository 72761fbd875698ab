// A chain of five states with known Q-values: checks that the agent learns them, with all switches off and
// with all on.
//
//     +0.2 <- (0) - (1) - (2) - (3) - (4) -> +1    actions: left, right, stay (-0.1); both ends: terminal
//
// n-step windows follow the best actions after their first action, so their returns are correct for
// Q*.
#include "agent/agent_kit.h"

enum { STATES = 5, ACTIONS = 3, UPDATES = 1500 };
static const double gamma_1 = 0.8;

static int step(int s, int action, double *reward) // the next state, -1 for terminal
{
    const int next = s + (action == 0 ? -1 : action == 1 ? 1 : 0);
    *reward = action == 2 ? -0.1 : next < 0 ? 0.2 : next >= STATES ? 1 : 0;
    return next < 0 || next >= STATES ? -1 : next;
}

static int best(const double q[ACTIONS])
{
    int b = 0;
    for (int a = 1; a < ACTIONS; a++)
        if (q[a] > q[b]) b = a;
    return b;
}

static void solve(double q[STATES][ACTIONS]) // value iteration
{
    memset(q, 0, sizeof(double[STATES][ACTIONS]));
    for (int sweep = 0; sweep < 200; sweep++)
        for (int s = 0; s < STATES; s++)
            for (int a = 0; a < ACTIONS; a++) {
                double reward;
                const int next = step(s, a, &reward);
                q[s][a] = reward + (next < 0 ? 0 : gamma_1 * q[next][best(q[next])]);
            }
}

// A batch of windows that start at pairs drawn with the probabilities p [STATES*ACTIONS], and their
// importance weights.
static void draw(rb_batch *b, double q[STATES][ACTIONS], int n_step, const double *p, rb_rng *rng)
{
    memset(b->states, 0, (size_t)b->size * STATES * sizeof(float));
    memset(b->next_states, 0, (size_t)b->size * STATES * sizeof(float));
    double total = 0, largest = 0;
    for (int j = 0; j < STATES * ACTIONS; j++) total += p[j];
    for (int i = 0; i < b->size; i++) {
        double left = rb_rng_double(rng) * total;
        int pair = 0;
        while (pair < STATES * ACTIONS - 1 && left >= p[pair]) left -= p[pair++];
        int at = pair / ACTIONS, action = pair % ACTIONS;
        b->tickets[i] = (uint64_t)pair;
        b->actions[i] = action;
        ((float *)b->states)[i * STATES + at] = 1;
        double discount = 1, sum = 0;
        for (int k = 0; k < n_step && at >= 0; k++) {
            double reward;
            at = step(at, k ? best(q[at]) : action, &reward);
            sum += discount * reward;
            discount *= gamma_1;
        }
        if (at >= 0) ((float *)b->next_states)[i * STATES + at] = 1;
        b->returns[i] = (float)sum;
        b->discounts[i] = at >= 0 ? (float)discount : 0;
        b->weights[i] = (float)pow(STATES * ACTIONS * p[pair] / total, -0.5);
        largest = fmax(largest, b->weights[i]);
    }
    for (int i = 0; i < b->size; i++) b->weights[i] /= (float)largest;
}

static double worst_error(kit *k, double q[STATES][ACTIONS])
{
    float ones[STATES * STATES] = {0}, learned[STATES * ACTIONS];
    rb_rng explore_rng[STATES];
    int32_t actions[STATES];
    double worst = 0;
    for (int s = 0; s < STATES; s++) {
        ones[s * STATES + s] = 1;
        explore_rng[s] = rb_rng_stream(1, RB_RNG_TEST, (uint64_t)s);
    }
    rb_agent_act_greedy(k->agent, ones, NULL, STATES, 0, explore_rng, actions, learned);
    for (int s = 0; s < STATES; s++)
        for (int a = 0; a < ACTIONS; a++) worst = fmax(worst, fabs(learned[s * ACTIONS + a] - q[s][a]));
    return worst;
}

static double learn(int mask, int noisy)
{
    rb_agent_spec spec = kit_spec(STATES, ACTIONS);
    kit_switches(&spec, mask);
    spec.net.noisy = noisy;
    if (noisy == RB_NOISY_INDEPENDENT) spec.net.sigma0 = 0.017;
    spec.agent.atoms = 26;
    spec.agent.v_min = -1, spec.agent.v_max = 1.5;
    spec.optim.learning_rate = 0.003;
    kit k = kit_open(&spec, 1);
    rb_batch *batch = kit_batch(&spec);
    rb_rng rng = rb_rng_stream(11, RB_RNG_TEST, 0);
    double q[STATES][ACTIONS], chances[STATES * ACTIONS];
    solve(q);
    for (int j = 0; j < STATES * ACTIONS; j++) chances[j] = 1;
    for (int i = 0; i < UPDATES; i++) {
        draw(batch, q, (int)spec.agent.n_step, chances, &rng);
        rb_learned learned;
        assert_int_equal(rb_agent_learn(k.agent, batch, &learned, NULL), RB_OK);
        if (mask & PRIORITISED)
            for (int j = 0; j < batch->size; j++)
                chances[batch->tickets[j]] = sqrt((double)batch->priorities[j] + 1e-3);
        if (i % 25 == 24) rb_agent_target_copy(k.agent);
    }
    const double worst = worst_error(&k, q);
    kit_batch_free(batch);
    kit_close(&k);
    return worst;
}

static void plain_dqn_learns_the_values(void **state)
{
    (void)state;
    const double worst = learn(0, RB_NOISY_OFF);
    if (worst > 0.03) fail_msg("largest error %g", worst);
}

static void rainbow_learns_the_values(void **state)
{
    (void)state;
    const double worst = learn(63, RB_NOISY_FACTORISED);
    if (worst > 0.06) fail_msg("largest error %g", worst);
}

static void each_switch_alone_learns_the_values(void **state)
{
    (void)state;
    for (int mask = 1; mask < 64; mask <<= 1) {
        const double worst = learn(mask, mask == NOISY ? RB_NOISY_INDEPENDENT : RB_NOISY_OFF);
        if (worst > 0.05) fail_msg("switch %d: largest error %g", mask, worst);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_dqn_learns_the_values),
        cmocka_unit_test(rainbow_learns_the_values),
        cmocka_unit_test(each_switch_alone_learns_the_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
