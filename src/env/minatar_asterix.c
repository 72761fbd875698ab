// MinAtar's Asterix: things cross eight rows from the left or the right; gold that is touched pays 1, an
// enemy that is touched ends the game. Things come more often and move faster in turns: the ramp.
#include "env/minatar.h"

enum { PLAYER, ENEMY, TRAIL, GOLD, CHANNELS };
enum { ROWS = 8, SPAWN_TICKS = 10, MOVE_TICKS = 5, RAMP_TICKS = 100 };

typedef struct thing { // in row 1 + its place in the table
    int16_t here, x, dx, gold;
} thing;

typedef struct asterix {
    int16_t x, y;
    int16_t spawn_every, spawn_in; // ticks
    int16_t move_every, move_in;
    int16_t ramp_in, ramp;
    thing rows[ROWS];
} asterix;

static void reset(void *state, rb_mt19937 *rng)
{
    (void)rng;
    *(asterix *)state = (asterix){.x = 5,
                                  .y = 5,
                                  .spawn_every = SPAWN_TICKS,
                                  .spawn_in = SPAWN_TICKS,
                                  .move_every = MOVE_TICKS,
                                  .move_in = MOVE_TICKS,
                                  .ramp_in = RAMP_TICKS};
}

// A new thing in one of the free rows. Direction and kind are drawn even where no row is free.
static void spawn(asterix *game, rb_mt19937 *rng)
{
    bool right = rb_minatar_rand(rng) < 0.5;
    bool gold = rb_minatar_rand(rng) < 1.0 / 3.0;
    int free_rows[ROWS], count = 0;
    for (int i = 0; i < ROWS; i++)
        if (!game->rows[i].here) free_rows[count++] = i;
    if (!count) return;
    game->rows[free_rows[rb_minatar_below(rng, (uint32_t)count)]] =
        (thing){1, right ? 0 : MINATAR_SIDE - 1, right ? 1 : -1, gold};
}

// What the player's row holds at the player's column is gold, and gone, or the end.
static void touch(asterix *game, int row, minatar_result *result)
{
    thing *it = &game->rows[row];
    if (!it->here || row + 1 != game->y || it->x != game->x) return;
    if (it->gold) {
        *it = (thing){0};
        result->reward++;
    } else {
        result->over = true;
    }
}

static void harder(asterix *game)
{
    if (game->spawn_every <= 1 && game->move_every <= 1) return;
    if (game->ramp_in-- >= 0) return;
    if (game->move_every > 1 && game->ramp % 2) game->move_every--;
    if (game->spawn_every > 1) game->spawn_every--;
    game->ramp++;
    game->ramp_in = RAMP_TICKS;
}

static minatar_result act(void *state, int action, bool ramping, rb_mt19937 *rng)
{
    asterix *game = state;
    minatar_result result = {0};
    if (game->spawn_in == 0) {
        spawn(game, rng);
        game->spawn_in = game->spawn_every;
    }
    int side = (action == MINATAR_RIGHT) - (action == MINATAR_LEFT);
    int down = (action == MINATAR_DOWN) - (action == MINATAR_UP);
    game->x = (int16_t)minatar_clip(game->x + side, 0, MINATAR_SIDE - 1);
    game->y = (int16_t)minatar_clip(game->y + down, 1, ROWS);
    for (int row = 0; row < ROWS; row++) touch(game, row, &result);
    if (game->move_in == 0) {
        game->move_in = game->move_every;
        for (int row = 0; row < ROWS; row++) {
            thing *it = &game->rows[row];
            if (!it->here) continue;
            it->x = (int16_t)(it->x + it->dx);
            if (!minatar_inside(it->x)) *it = (thing){0};
            touch(game, row, &result);
        }
    }
    game->spawn_in--;
    game->move_in--;
    if (ramping) harder(game);
    return result;
}

static void draw(const void *state, uint8_t *cells)
{
    const asterix *game = state;
    minatar_on(cells, PLAYER, game->x, game->y);
    for (int row = 0; row < ROWS; row++) {
        const thing *it = &game->rows[row];
        if (!it->here) continue;
        minatar_on(cells, it->gold ? GOLD : ENEMY, it->x, row + 1);
        if (minatar_inside(it->x - it->dx)) minatar_on(cells, TRAIL, it->x - it->dx, row + 1);
    }
}

static int ramp(const void *state)
{
    return ((const asterix *)state)->ramp;
}

static bool sound(const void *state)
{
    const asterix *game = state;
    bool things = true;
    for (int i = 0; i < ROWS; i++) {
        const thing *it = &game->rows[i];
        things = things && (!it->here || (minatar_inside(it->x) && it->dx * it->dx == 1));
    }
    return things && minatar_inside(game->x) && minatar_inside(game->y) && game->spawn_every >= 1 &&
           game->move_every >= 1;
}

const minatar_game rb_minatar_asterix = {
    .name = "asterix",
    .id = "Asterix",
    .channels = CHANNELS,
    .state_bytes = sizeof(asterix),
    .minimal = {MINATAR_NONE, MINATAR_LEFT, MINATAR_UP, MINATAR_RIGHT, MINATAR_DOWN},
    .minimal_count = 5,
    .reset = reset,
    .act = act,
    .draw = draw,
    .ramp = ramp,
    .sound = sound,
};
