// The grid world: every step from every cell against the rules written out as maps, the book's table of
// optimal values by value iteration over the environment's own steps, slips, starts, saved games and the
// picture.
#include "classic_kit.h"

static const rb_env_class *class = &rb_gridworld_class;

enum { SIDE = 5, CELLS = 25, ACTIONS = 4, NORTH = 0, SOUTH, WEST, EAST };

// The cell that each action leads to, row by row from the top left.
static const int next_cell[ACTIONS][CELLS] = {
    {0, 21, 2, 13, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, // north
    {5,  21, 7,  13, 9,  10, 11, 12, 13, 14, 15, 16, 17,
     18, 19, 20, 21, 22, 23, 24, 20, 21, 22, 23, 24},                                             // south
    {0, 21, 1, 13, 3, 5, 5, 6, 7, 8, 10, 10, 11, 12, 13, 15, 15, 16, 17, 18, 20, 20, 21, 22, 23}, // west
    {1, 21, 3, 13, 4, 6, 7, 8, 9, 9, 11, 12, 13, 14, 14, 16, 17, 18, 19, 19, 21, 22, 23, 24, 24}, // east
};

static rb_env *make_grid(double slip, double edge_reward, uint64_t seed)
{
    rb_env *env;
    rb_env_options options = {.settings = {.name = "gridworld", .grid = {slip, edge_reward}}};
    assert_int_equal(class->create(&env, &options, seed, NULL), RB_OK);
    assert_int_equal(class->reset(env, NULL), RB_OK);
    return env;
}

// A saved state begins with the row and the column.
static int cell_of(rb_env *env)
{
    int32_t place[2];
    tape saved = save(env);
    memcpy(place, saved.bytes, sizeof place);
    return place[0] * SIDE + place[1];
}

static rb_status put(rb_env *env, int32_t row, int32_t column, rb_error *error)
{
    tape saved = save(env);
    memcpy(saved.bytes, (const int32_t[]){row, column}, 2 * sizeof row);
    return load(env, &saved, error);
}

static double step_from(rb_env *env, int cell, int action, int *next)
{
    rb_env_step step = {0};
    assert_int_equal(put(env, cell / SIDE, cell % SIDE, NULL), RB_OK);
    assert_int_equal(class->step(env, action, &step, NULL), RB_OK);
    assert_false(step.terminated || step.truncated || step.life_lost);
    *next = cell_of(env);
    return step.reward;
}

static void every_step_follows_the_rules(void **unused)
{
    (void)unused;
    static const double edge_rewards[] = {-1, -7.5};
    for (int e = 0; e < 2; e++) {
        rb_env *env = make_grid(0, edge_rewards[e], 1);
        for (int cell = 0; cell < CELLS; cell++)
            for (int action = 0; action < ACTIONS; action++) {
                int next;
                const double reward = step_from(env, cell, action, &next);
                const double right = cell == 1                         ? 10
                                     : cell == 3                       ? 5
                                     : next_cell[action][cell] == cell ? edge_rewards[e]
                                                                       : 0;
                assert_int_equal(next, next_cell[action][cell]);
                assert_true(reward == right);
            }
        class->destroy(env);
    }
}

static double best_value(rb_env *env, int cell, const double *values)
{
    double best = -1e9;
    for (int action = 0; action < ACTIONS; action++) {
        int next;
        const double reward = step_from(env, cell, action, &next), value = reward + 0.9 * values[next];
        if (value > best) best = value;
    }
    return best;
}

// Sutton and Barto's figure 3.5: the optimal values for a discount of 0.9, to one decimal.
static void values_are_those_of_the_book(void **unused)
{
    (void)unused;
    static const double book[CELLS] = {22.0, 24.4, 22.0, 19.4, 17.5, 19.8, 22.0, 19.8, 17.8,
                                       16.0, 17.8, 19.8, 17.8, 16.0, 14.4, 16.0, 17.8, 16.0,
                                       14.4, 13.0, 14.4, 16.0, 14.4, 13.0, 11.7};
    rb_env *env = make_grid(0, -1, 1);
    double values[CELLS] = {0};
    for (int sweep = 0; sweep < 300; sweep++)
        for (int cell = 0; cell < CELLS; cell++) values[cell] = best_value(env, cell, values);
    for (int cell = 0; cell < CELLS; cell++) assert_true(round(values[cell] * 10) == round(book[cell] * 10));
    class->destroy(env);
}

// From the middle of the grid north leads to cell 7, south to 17, west to 11, east to 13.
static void slips_go_in_all_directions(void **unused)
{
    (void)unused;
    enum { STEPS = 20000 };
    static const double slips[] = {0, 0.4, 1};
    for (int s = 0; s < 3; s++) {
        rb_env *env = make_grid(slips[s], -1, 5);
        int counts[CELLS] = {0}, next;
        for (int i = 0; i < STEPS; i++) {
            step_from(env, 12, NORTH, &next);
            counts[next]++;
        }
        for (int action = 0; action < ACTIONS; action++) {
            const double chance = slips[s] / ACTIONS + (action == NORTH ? 1 - slips[s] : 0);
            const double spread = sqrt(STEPS * chance * (1 - chance));
            assert_true(fabs(counts[next_cell[action][12]] - STEPS * chance) <= 4 * spread);
        }
        class->destroy(env);
    }
}

static void games_start_in_any_cell(void **unused)
{
    (void)unused;
    enum { GAMES = 25000 };
    rb_env *env = make_grid(0, -1, 7), *twin = make_grid(0, -1, 7), *other = make_grid(0, -1, 8);
    int counts[CELLS] = {0}, differ = 0;
    for (int i = 0; i < GAMES; i++) {
        assert_int_equal(cell_of(env), cell_of(twin));
        differ += cell_of(env) != cell_of(other);
        counts[cell_of(env)]++;
        class->reset(env, NULL);
        class->reset(twin, NULL);
        class->reset(other, NULL);
    }
    for (int cell = 0; cell < CELLS; cell++) assert_in_range(counts[cell], 850, 1150); // 1000, about 5 sigma
    assert_true(differ > GAMES / 2);
    class->destroy(env);
    class->destroy(twin);
    class->destroy(other);
}

static void saved_game_goes_on(void **unused)
{
    (void)unused;
    rb_env *env = make_grid(0.5, -1, 3), *copy = make_grid(0.5, -1, 99);
    rb_env_step step = {0}, twin = {0};
    rb_error error;
    for (int i = 0; i < 5; i++) class->step(env, i % ACTIONS, &step, NULL);
    tape saved = save(env);
    assert_int_equal(load(copy, &saved, NULL), RB_OK);
    for (int i = 0; i < 1000; i++) {
        class->step(env, i % ACTIONS, &step, NULL);
        class->step(copy, i % ACTIONS, &twin, NULL);
        assert_true(step.reward == twin.reward);
        if (i % 100 == 99) class->reset(env, NULL), class->reset(copy, NULL);
        tape a = save(env), b = save(copy);
        assert_memory_equal(&a, &b, sizeof a);
    }
    saved.size -= 1;
    assert_int_equal(load(copy, &saved, &error), RB_ERR_FORMAT);
    class->destroy(env);
    class->destroy(copy);
}

static void states_off_the_grid_are_rejected(void **unused)
{
    (void)unused;
    static const int32_t outside[][2] = {{-1, 0}, {5, 0}, {0, -1}, {0, 5}};
    for (int i = 0; i < 4; i++) {
        rb_env *env = make_grid(0, -1, 1);
        rb_error error;
        assert_int_equal(put(env, outside[i][0], outside[i][1], &error), RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, "outside the grid"));
        class->destroy(env);
    }
}

static void what_it_is(void **unused)
{
    (void)unused;
    static const char *const names[ACTIONS] = {"north", "south", "west", "east"};
    rb_env *env = make_grid(0, -1, 1);
    const rb_env_spec spec = spec_of(env);
    assert_int_equal(spec.max_episode_steps, 100);
    assert_int_equal(spec.kind, RB_OBS_U8);
    assert_int_equal(spec.channels * spec.height * spec.width, CELLS);
    assert_int_equal(spec.actions, ACTIONS);
    for (int i = 0; i < ACTIONS; i++) assert_string_equal(spec.action_names[i], names[i]);
    for (int cell = 0; cell < CELLS; cell++) {
        uint8_t seen[CELLS];
        put(env, cell / SIDE, cell % SIDE, NULL);
        class->observe(env, seen);
        for (int i = 0; i < CELLS; i++) assert_int_equal(seen[i], i == cell ? 255 : 0);
    }
    class->destroy(env);
}

static void the_picture_shows_the_agent_and_the_jumps(void **unused)
{
    (void)unused;
    enum { PIXELS = 80, WIDE = SIDE * PIXELS };
    static const uint8_t blue[] = {0, 114, 178}, green[] = {0, 158, 115}, white[] = {255, 255, 255};
    static uint8_t rgb[WIDE * WIDE * 3];
    rb_env *env = make_grid(0, -1, 1);
    for (int cell = 0; cell < CELLS; cell++) {
        put(env, cell / SIDE, cell % SIDE, NULL);
        class->render(env, rgb);
        const size_t y = (size_t)(cell / SIDE * PIXELS), x = (size_t)(cell % SIDE * PIXELS);
        assert_memory_equal(rgb + 3 * ((y + PIXELS / 2) * WIDE + x + PIXELS / 2), blue, 3);
        assert_memory_equal(rgb + 3 * (10 * WIDE + PIXELS + 10), green, 3); // A
        assert_memory_equal(rgb + 3 * (10 * WIDE + 10), white, 3);
    }
    class->destroy(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_follows_the_rules),
        cmocka_unit_test(values_are_those_of_the_book),
        cmocka_unit_test(slips_go_in_all_directions),
        cmocka_unit_test(games_start_in_any_cell),
        cmocka_unit_test(saved_game_goes_on),
        cmocka_unit_test(states_off_the_grid_are_rejected),
        cmocka_unit_test(what_it_is),
        cmocka_unit_test(the_picture_shows_the_agent_and_the_jumps),
    };
    return cmocka_run_group_tests_name("gridworld", tests, NULL, NULL);
}
