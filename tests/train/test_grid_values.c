// Values that are known: the grid world's preset learns each of the 100 Q-values of Sutton and Barto's grid
// world, which value iteration over the rules gives. The rules are written here a second time.
#include "train/run_fixture.h"

#include <math.h>

#include "agent/agent.h"
#include "train/run_state.h"

enum { SIDE = 5, CELLS = 25, ACTIONS = 4 };

static int next_of(int cell, int action, double *reward)
{
    static const int rows[ACTIONS] = {-1, 1, 0, 0}, columns[ACTIONS] = {0, 0, -1, 1};
    const int row = cell / SIDE + rows[action], column = cell % SIDE + columns[action];
    const bool off = row < 0 || row >= SIDE || column < 0 || column >= SIDE;
    *reward = cell == 1 ? 10 : cell == 3 ? 5 : off ? -1 : 0;
    return cell == 1 ? 21 : cell == 3 ? 13 : off ? cell : row * SIDE + column;
}

static void iterate(double q[CELLS][ACTIONS])
{
    double values[CELLS] = {0};
    for (int sweep = 0; sweep < 300; sweep++)
        for (int cell = 0; cell < CELLS; cell++) {
            for (int action = 0; action < ACTIONS; action++) {
                double reward;
                const int next = next_of(cell, action, &reward);
                q[cell][action] = reward + 0.9 * values[next];
            }
            values[cell] = fmax(fmax(q[cell][0], q[cell][1]), fmax(q[cell][2], q[cell][3]));
        }
}

static void test_every_q_value_is_found(void **state)
{
    (void)state;
    double truth[CELLS][ACTIONS], most = 0;
    iterate(truth);
    rb_config *config = CONFIGURE("gridworld", "--compute.threads=1", "--eval.every_steps=0",
                                  "--tensorboard.enabled=false", "--checkpoint.every_steps=0");
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    for (int cell = 0; cell < CELLS; cell++) {
        uint8_t seen[CELLS] = {0};
        float q[ACTIONS];
        seen[cell] = 255;
        rb_agent_q_values(run->agent, seen, q, NULL);
        for (int action = 0; action < ACTIONS; action++)
            most = fmax(most, fabs((double)q[action] - truth[cell][action]));
    }
    print_message("largest error of a Q-value: %.5f\n", most);
    assert_true(most < 0.01); // the best actions differ from the others by 0.29 and more
    rb_run_destroy(run);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_q_value_is_found)};
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
