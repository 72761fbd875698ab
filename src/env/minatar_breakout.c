// MinAtar's Breakout: a paddle in the bottom row sends a ball against three rows of bricks; 1 for each brick.
// The ball flies diagonally, a cell a step. A game ends when the ball reaches the bottom row beside the
// paddle. When the last brick is gone, new ones come as the ball is back at the bottom. It never gets harder.
//
// Bricks are rows of ten bits: bit x of a row is the cell x.
#include "env/minatar.h"

enum { PADDLE, BALL, TRAIL, BRICK, CHANNELS };
enum { TOP = 1, BOTTOM = 3, FULL = (1 << MINATAR_SIDE) - 1 }; // the rows of bricks

typedef struct breakout {
    int16_t paddle;
    int16_t x, y, dx, dy; // ball; a direction is 1 or -1
    int16_t last_x, last_y;
    int16_t struck; // a brick was taken, and every cell since was a brick: those are flown through
    uint16_t bricks[MINATAR_SIDE];
} breakout;

static void fill(breakout *game)
{
    for (int row = TOP; row <= BOTTOM; row++) game->bricks[row] = FULL;
}

static bool no_bricks(const breakout *game)
{
    return !(game->bricks[1] | game->bricks[2] | game->bricks[3]);
}

static void reset(void *state, rb_mt19937 *rng)
{
    breakout *game = state;
    bool right = rb_minatar_below(rng, 2);
    *game = (breakout){.paddle = 4, .y = 3, .last_y = 3, .dy = 1, .dx = right ? -1 : 1};
    game->x = game->last_x = right ? 9 : 0;
    fill(game);
}

// The ball has reached the bottom row at column x, coming from column `from`. True where it is lost.
static bool meets_bottom(breakout *game, int from, int x)
{
    if (no_bricks(game)) fill(game);
    if (from != game->paddle && x != game->paddle) return true;
    if (from != game->paddle) game->dx = (int16_t)-game->dx; // only the corner: back where it came from
    game->dy = -1;
    game->y = game->last_y;
    return false;
}

static minatar_result act(void *state, int action, bool ramping, rb_mt19937 *rng)
{
    (void)ramping, (void)rng;
    breakout *game = state;
    minatar_result result = {0};
    int side = (action == MINATAR_RIGHT) - (action == MINATAR_LEFT);
    game->paddle = (int16_t)minatar_clip(game->paddle + side, 0, MINATAR_SIDE - 1);

    game->last_x = game->x;
    game->last_y = game->y;
    int x = game->x + game->dx, y = game->y + game->dy;
    if (!minatar_inside(x)) {
        x = minatar_clip(x, 0, MINATAR_SIDE - 1);
        game->dx = (int16_t)-game->dx;
    }
    game->x = (int16_t)x;
    game->y = (int16_t)y;
    bool strikes = false;
    if (y < 0) {
        game->y = 0;
        game->dy = 1;
    } else if (game->bricks[y] >> x & 1) {
        strikes = true;
        if (!game->struck) {
            result.reward = 1;
            game->struck = 1;
            game->bricks[y] ^= (uint16_t)(1u << x);
            game->y = game->last_y;
            game->dy = (int16_t)-game->dy;
        }
    } else if (y == MINATAR_SIDE - 1) {
        result.over = meets_bottom(game, game->last_x, x);
    }
    if (!strikes) game->struck = 0;
    return result;
}

static void draw(const void *state, uint8_t *cells)
{
    const breakout *game = state;
    minatar_on(cells, PADDLE, game->paddle, MINATAR_SIDE - 1);
    minatar_on(cells, BALL, game->x, game->y);
    minatar_on(cells, TRAIL, game->last_x, game->last_y);
    for (int y = TOP; y <= BOTTOM; y++)
        for (int x = 0; x < MINATAR_SIDE; x++)
            if (game->bricks[y] >> x & 1) minatar_on(cells, BRICK, x, y);
}

static int ramp(const void *state)
{
    (void)state;
    return 0;
}

static bool sound(const void *state)
{
    const breakout *game = state;
    bool bricks = true;
    for (int y = 0; y < MINATAR_SIDE; y++)
        bricks = bricks && game->bricks[y] <= (y >= TOP && y <= BOTTOM ? FULL : 0);
    return bricks && minatar_inside(game->paddle) && minatar_inside(game->x) && minatar_inside(game->y) &&
           minatar_inside(game->last_x) && minatar_inside(game->last_y) && game->dx * game->dx == 1 &&
           game->dy * game->dy == 1;
}

const minatar_game rb_minatar_breakout = {
    .name = "breakout",
    .id = "Breakout",
    .channels = CHANNELS,
    .state_bytes = sizeof(breakout),
    .minimal = {MINATAR_NONE, MINATAR_LEFT, MINATAR_RIGHT},
    .minimal_count = 3,
    .reset = reset,
    .act = act,
    .draw = draw,
    .ramp = ramp,
    .sound = sound,
};
