// MinAtar's Space Invaders: a cannon in the bottom row shoots at a block of aliens that wanders from side to
// side, comes down a row at each wall and shoots back; 1 for each alien. A game ends when an alien or one of
// its bullets is at the cannon, or when aliens that stand in the bottom row would come down. The fewer aliens
// are left the faster they go; each new block is a step faster than the one before: the ramp.
//
// Aliens and bullets are rows of ten bits: bit x of a row is the cell x. Bullets move a row a step.
#include <string.h>
#include "env/minatar.h"

enum { CANNON, ALIEN, ALIEN_LEFT, ALIEN_RIGHT, BULLET, ENEMY_BULLET, CHANNELS };
enum {
    BASE = MINATAR_SIDE - 1, // the cannon's row
    SHOT_TICKS = 5,
    ENEMY_SHOT_TICKS = 10,
    ENEMY_MOVE_TICKS = 12,
    ENEMY_MOVE_LEAST = 6,
    FULL = (1 << MINATAR_SIDE) - 1,
    LEFTMOST = 1,
    RIGHTMOST = 1 << (MINATAR_SIDE - 1),
    BLOCK = 0x0fc, // columns 2 to 7
};

typedef struct invaders {
    int16_t x, shot_in;
    int16_t dx, move_every, move_in, enemy_shot_in; // of the aliens
    int16_t ramp;
    uint16_t aliens[MINATAR_SIDE], bullets[MINATAR_SIDE], enemy_bullets[MINATAR_SIDE];
} invaders;

static void new_block(invaders *game)
{
    for (int y = 0; y < 4; y++) game->aliens[y] = BLOCK;
}

static void reset(void *state, rb_mt19937 *rng)
{
    (void)rng;
    invaders *game = state;
    *game = (invaders){.x = 5,
                       .dx = -1,
                       .move_every = ENEMY_MOVE_TICKS,
                       .move_in = ENEMY_MOVE_TICKS,
                       .enemy_shot_in = ENEMY_SHOT_TICKS};
    new_block(game);
}

static int count_aliens(const invaders *game)
{
    int count = 0;
    for (int y = 0; y < MINATAR_SIDE; y++) count += __builtin_popcount(game->aliens[y]);
    return count;
}

static unsigned columns(const invaders *game)
{
    unsigned all = 0;
    for (int y = 0; y < MINATAR_SIDE; y++) all |= game->aliens[y];
    return all;
}

static void move_bullets(invaders *game)
{
    size_t rows = (MINATAR_SIDE - 1) * sizeof game->bullets[0];
    memmove(game->bullets, game->bullets + 1, rows);
    game->bullets[BASE] = 0;
    memmove(game->enemy_bullets + 1, game->enemy_bullets, rows);
    game->enemy_bullets[0] = 0;
}

// A column sideways or, where a wall is there, a row down. True where they have come all the way.
static bool move_aliens(invaders *game)
{
    if (columns(game) & (game->dx < 0 ? LEFTMOST : RIGHTMOST)) {
        bool landed = game->aliens[BASE] != 0;
        game->dx = (int16_t)-game->dx;
        uint16_t last = game->aliens[BASE]; // around, as in the package: the game is over then
        memmove(game->aliens + 1, game->aliens, BASE * sizeof last);
        game->aliens[0] = last;
        return landed;
    }
    for (int y = 0; y < MINATAR_SIDE; y++) {
        unsigned row = game->aliens[y];
        game->aliens[y] = (uint16_t)(game->dx < 0 ? row >> 1 : row << 1);
    }
    return false;
}

// The lowest alien of the column nearest to the cannon, the left one of two, shoots.
static void shoot_back(invaders *game)
{
    unsigned taken = columns(game);
    for (int away = 0; away < MINATAR_SIDE; away++) {
        for (int side = -1; side <= 1; side += 2) {
            int x = game->x + side * away;
            if (!minatar_inside(x) || !(taken >> x & 1)) continue;
            int y = BASE;
            while (!(game->aliens[y] >> x & 1)) y--;
            game->enemy_bullets[y] |= (uint16_t)(1u << x);
            return;
        }
    }
}

static int hits(invaders *game)
{
    int count = 0;
    for (int y = 0; y < MINATAR_SIDE; y++) {
        uint16_t hit = game->aliens[y] & game->bullets[y];
        count += __builtin_popcount(hit);
        game->aliens[y] ^= hit;
        game->bullets[y] ^= hit;
    }
    return count;
}

static bool is_at_cannon(const invaders *game, const uint16_t rows[MINATAR_SIDE])
{
    return rows[BASE] >> game->x & 1;
}

static minatar_result act(void *state, int action, bool ramping, rb_mt19937 *rng)
{
    (void)rng;
    invaders *game = state;
    minatar_result result = {0};
    if (action == MINATAR_FIRE && game->shot_in == 0) {
        game->bullets[BASE] |= (uint16_t)(1u << game->x);
        game->shot_in = SHOT_TICKS;
    }
    int side = (action == MINATAR_RIGHT) - (action == MINATAR_LEFT);
    game->x = (int16_t)minatar_clip(game->x + side, 0, MINATAR_SIDE - 1);
    move_bullets(game);
    result.over = is_at_cannon(game, game->enemy_bullets) || is_at_cannon(game, game->aliens);
    if (game->move_in == 0) {
        int count = count_aliens(game);
        game->move_in = (int16_t)(count < game->move_every ? count : game->move_every);
        bool landed = move_aliens(game);
        result.over = result.over || landed || is_at_cannon(game, game->aliens);
    }
    if (game->enemy_shot_in == 0) {
        game->enemy_shot_in = ENEMY_SHOT_TICKS;
        shoot_back(game);
    }
    result.reward = hits(game);
    game->shot_in = (int16_t)(game->shot_in - (game->shot_in > 0));
    game->move_in--;
    game->enemy_shot_in--;
    if (!columns(game)) {
        if (game->move_every > ENEMY_MOVE_LEAST && ramping) {
            game->move_every--;
            game->ramp++;
        }
        new_block(game);
    }
    return result;
}

static void draw_rows(const uint16_t rows[MINATAR_SIDE], int channel, uint8_t *cells)
{
    for (int y = 0; y < MINATAR_SIDE; y++)
        for (unsigned row = rows[y]; row; row &= row - 1) minatar_on(cells, channel, __builtin_ctz(row), y);
}

static void draw(const void *state, uint8_t *cells)
{
    const invaders *game = state;
    minatar_on(cells, CANNON, game->x, BASE);
    draw_rows(game->aliens, ALIEN, cells);
    draw_rows(game->aliens, game->dx < 0 ? ALIEN_LEFT : ALIEN_RIGHT, cells);
    draw_rows(game->bullets, BULLET, cells);
    draw_rows(game->enemy_bullets, ENEMY_BULLET, cells);
}

static int ramp(const void *state)
{
    return ((const invaders *)state)->ramp;
}

static bool sound(const void *state)
{
    const invaders *game = state;
    bool rows = true;
    for (int y = 0; y < MINATAR_SIDE; y++)
        rows = rows && game->aliens[y] <= FULL && game->bullets[y] <= FULL && game->enemy_bullets[y] <= FULL;
    return rows && minatar_inside(game->x) && game->dx * game->dx == 1;
}

const minatar_game rb_minatar_space_invaders = {
    .name = "space_invaders",
    .id = "SpaceInvaders",
    .channels = CHANNELS,
    .state_bytes = sizeof(invaders),
    .minimal = {MINATAR_NONE, MINATAR_LEFT, MINATAR_RIGHT, MINATAR_FIRE},
    .minimal_count = 4,
    .reset = reset,
    .act = act,
    .draw = draw,
    .ramp = ramp,
    .sound = sound,
};
