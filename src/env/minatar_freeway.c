// MinAtar's Freeway: a chicken crosses eight lanes from the bottom to the top, where it is paid 1 and starts
// again under new traffic. It may move every third step. A car that touches it sends it back. A game lasts
// 2,500 steps and never gets harder.
#include "env/minatar.h"

enum { CHICKEN, CAR, SPEED, CHANNELS = SPEED + 5 }; // from SPEED on the trails: a channel for each pace
enum { LANES = 8, COLUMN = 4, MOVE_TICKS = 3, GAME_STEPS = 2500, PACE_MOST = 5 };

typedef struct car { // in row 1 + its place in the table
    int16_t x, dx;
    int16_t pace, move_in; // steps that it stands in a cell, and is still to stand
} car;

typedef struct freeway {
    int16_t y, move_in;
    int32_t left_steps;
    car cars[LANES];
} freeway;

// New paces and directions for all lanes; the cars stay where they are.
static void traffic(freeway *game, rb_mt19937 *rng)
{
    for (int i = 0; i < LANES; i++)
        game->cars[i].pace = game->cars[i].move_in = (int16_t)(1 + rb_minatar_below(rng, PACE_MOST));
    for (int i = 0; i < LANES; i++) game->cars[i].dx = rb_minatar_rand(rng) < 0.5 ? -1 : 1;
}

static void reset(void *state, rb_mt19937 *rng)
{
    freeway *game = state;
    *game = (freeway){.y = MINATAR_SIDE - 1, .move_in = MOVE_TICKS, .left_steps = GAME_STEPS};
    traffic(game, rng);
}

static void touch(freeway *game, int lane)
{
    if (game->y == lane + 1 && game->cars[lane].x == COLUMN) game->y = MINATAR_SIDE - 1;
}

static void drive(freeway *game, int lane)
{
    car *it = &game->cars[lane];
    touch(game, lane);
    if (it->move_in > 0) {
        it->move_in--;
        return;
    }
    it->move_in = it->pace;
    it->x = (int16_t)((it->x + it->dx + MINATAR_SIDE) % MINATAR_SIDE);
    touch(game, lane);
}

static minatar_result act(void *state, int action, bool ramping, rb_mt19937 *rng)
{
    (void)ramping;
    freeway *game = state;
    minatar_result result = {0};
    int down = (action == MINATAR_DOWN) - (action == MINATAR_UP);
    if (down && game->move_in == 0) {
        game->move_in = MOVE_TICKS;
        game->y = (int16_t)minatar_clip(game->y + down, 0, MINATAR_SIDE - 1);
    }
    if (game->y == 0) {
        result.reward = 1;
        traffic(game, rng);
        game->y = MINATAR_SIDE - 1;
    }
    for (int lane = 0; lane < LANES; lane++) drive(game, lane);
    game->move_in = (int16_t)(game->move_in - (game->move_in > 0));
    result.over = --game->left_steps < 0;
    return result;
}

static void draw(const void *state, uint8_t *cells)
{
    const freeway *game = state;
    minatar_on(cells, CHICKEN, COLUMN, game->y);
    for (int lane = 0; lane < LANES; lane++) {
        const car *it = &game->cars[lane];
        minatar_on(cells, CAR, it->x, lane + 1);
        minatar_on(cells, SPEED + it->pace - 1, (it->x - it->dx + MINATAR_SIDE) % MINATAR_SIDE, lane + 1);
    }
}

static int ramp(const void *state)
{
    (void)state;
    return 0;
}

static bool sound(const void *state)
{
    const freeway *game = state;
    bool cars = true;
    for (int i = 0; i < LANES; i++) {
        const car *it = &game->cars[i];
        cars =
            cars && minatar_inside(it->x) && it->dx * it->dx == 1 && it->pace >= 1 && it->pace <= PACE_MOST;
    }
    return cars && minatar_inside(game->y) && game->left_steps >= -1 && game->left_steps <= GAME_STEPS;
}

const minatar_game rb_minatar_freeway = {
    .name = "freeway",
    .id = "Freeway",
    .channels = CHANNELS,
    .state_bytes = sizeof(freeway),
    .minimal = {MINATAR_NONE, MINATAR_UP, MINATAR_DOWN},
    .minimal_count = 3,
    .reset = reset,
    .act = act,
    .draw = draw,
    .ramp = ramp,
    .sound = sound,
};
