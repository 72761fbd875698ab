// MinAtar's Seaquest: a submarine shoots fish and enemy submarines, 1 each, and picks up divers. Air lasts
// 200 steps below the surface. To come up without a diver is the end; with some it costs one of them; with
// six it pays for the air that is left, up to 10. Every surfacing makes enemies come more often and move
// faster in turns: the ramp. At the surface nothing happens, for as long as one likes.
//
// Creatures are kept in lists in the order in which they came. The package walks its lists backwards and
// takes out the *first* item that equals the one that is meant, which moves those behind it up while the walk
// goes on; order and equality are kept here to the letter, for both show in what happens next.
#include <string.h>
#include "env/minatar.h"

enum {
    SUB_FRONT,
    SUB_BACK,
    BULLET,
    TRAIL,
    ENEMY_BULLET,
    FISH,
    ENEMY_SUB,
    AIR_GAUGE,
    DIVER_GAUGE,
    DIVER,
    CHANNELS
};
enum {
    LANES = 8, // rows 1 to 8; row 0 is the surface, row 9 holds the gauges
    AIR_STEPS = 200,
    DIVERS_MOST = 6,
    SHOT_TICKS = 5,
    ENEMY_SHOT_TICKS = 10,
    SPAWN_TICKS = 20,
    MOVE_TICKS = 5,
    MOVE_LEAST = 2,
    DIVER_SPAWN_TICKS = 30,
    DIVER_MOVE_TICKS = 5,
    GAUGE_ROW = MINATAR_SIDE - 1,
};

typedef struct creature { // bullets use the first three
    int16_t x, y;
    int16_t dx;
    int16_t move_in, shot_in;
} creature;

// At most one enemy comes a step, and it leaves after ten moves of six steps: 60 at once. A submarine has
// one bullet in flight and those sunk within ten steps may have theirs: 70. So no list is ever full.
enum { LIST_MOST = 80 };
typedef struct list {
    int16_t count;
    creature items[LIST_MOST];
} list;

typedef struct seaquest {
    int16_t x, y, right;
    int16_t air, divers_aboard, surfaced;
    int16_t shot_in, spawn_every, spawn_in, diver_spawn_in, move_every;
    int16_t ramp;
    list bullets, enemy_bullets, fish, subs, divers;
} seaquest;

_Static_assert(sizeof(seaquest) <= MINATAR_STATE_MOST, "the largest state of the five");

static void append(list *to, creature item)
{
    if (to->count < LIST_MOST) to->items[to->count++] = item;
}

static void take_out(list *from, int i)
{
    from->count--;
    memmove(&from->items[i], &from->items[i + 1], (size_t)(from->count - i) * sizeof(creature));
    from->items[from->count] = (creature){0};
}

static bool equal(const creature *a, const creature *b)
{
    return a->x == b->x && a->y == b->y && a->dx == b->dx && a->move_in == b->move_in &&
           a->shot_in == b->shot_in;
}

static void take_out_equal(list *from, int i)
{
    int first = 0;
    while (!equal(&from->items[first], &from->items[i])) first++;
    take_out(from, first);
}

static bool same_place(const creature *a, const creature *b)
{
    return a->x == b->x && a->y == b->y;
}

static bool at_player(const seaquest *game, const creature *it)
{
    return it->x == game->x && it->y == game->y;
}

static void reset(void *state, rb_mt19937 *rng)
{
    (void)rng;
    *(seaquest *)state = (seaquest){.x = 5,
                                    .air = AIR_STEPS,
                                    .surfaced = 1,
                                    .spawn_every = SPAWN_TICKS,
                                    .spawn_in = SPAWN_TICKS,
                                    .diver_spawn_in = DIVER_SPAWN_TICKS,
                                    .move_every = MOVE_TICKS};
}

// ---- who comes ----

static bool is_against(const list *others, int y, int dx)
{
    for (int i = 0; i < others->count; i++)
        if (others->items[i].y == y && others->items[i].dx != dx) return true;
    return false;
}

static creature newcomer(bool right, int y, int move_in)
{
    return (creature){.x = right ? 0 : MINATAR_SIDE - 1,
                      .y = (int16_t)y,
                      .dx = right ? 1 : -1,
                      .move_in = (int16_t)move_in};
}

// A fish or a submarine, unless one in that row goes the other way.
static void spawn_enemy(seaquest *game, rb_mt19937 *rng)
{
    bool right = rb_minatar_rand(rng) < 0.5;
    bool sub = rb_minatar_rand(rng) < 1.0 / 3.0;
    int y = 1 + (int)rb_minatar_below(rng, LANES);
    creature it = newcomer(right, y, game->move_every);
    if (is_against(&game->subs, y, it.dx) || is_against(&game->fish, y, it.dx)) return;
    if (sub) it.shot_in = ENEMY_SHOT_TICKS;
    append(sub ? &game->subs : &game->fish, it);
}

static void spawn_diver(seaquest *game, rb_mt19937 *rng)
{
    bool right = rb_minatar_rand(rng) < 0.5;
    int y = 1 + (int)rb_minatar_below(rng, LANES);
    append(&game->divers, newcomer(right, y, DIVER_MOVE_TICKS));
}

// ---- what moves ----

static void steer(seaquest *game, int action)
{
    if (action == MINATAR_FIRE && game->shot_in == 0) {
        creature bullet = {.x = game->x, .y = game->y, .dx = game->right ? 1 : -1};
        append(&game->bullets, bullet);
        game->shot_in = SHOT_TICKS;
    }
    int side = (action == MINATAR_RIGHT) - (action == MINATAR_LEFT);
    int down = (action == MINATAR_DOWN) - (action == MINATAR_UP);
    if (side) game->right = side > 0;
    game->x = (int16_t)minatar_clip(game->x + side, 0, MINATAR_SIDE - 1);
    game->y = (int16_t)minatar_clip(game->y + down, 0, LANES);
}

// The first of `targets` in the bullet's cell and the bullet itself are gone.
static bool bullet_hits(seaquest *game, int bullet, list *targets)
{
    for (int i = 0; i < targets->count; i++) {
        if (!same_place(&targets->items[i], &game->bullets.items[bullet])) continue;
        take_out_equal(targets, i);
        take_out_equal(&game->bullets, bullet);
        return true;
    }
    return false;
}

static int move_bullets(seaquest *game)
{
    int reward = 0;
    for (int i = game->bullets.count - 1; i >= 0; i--) {
        creature *it = &game->bullets.items[i];
        it->x = (int16_t)(it->x + it->dx);
        if (!minatar_inside(it->x))
            take_out_equal(&game->bullets, i);
        else if (bullet_hits(game, i, &game->fish) || bullet_hits(game, i, &game->subs))
            reward++;
    }
    return reward;
}

static bool picked_up(seaquest *game, int i)
{
    if (!at_player(game, &game->divers.items[i]) || game->divers_aboard >= DIVERS_MOST) return false;
    take_out_equal(&game->divers, i);
    game->divers_aboard++;
    return true;
}

static void move_divers(seaquest *game)
{
    for (int i = game->divers.count - 1; i >= 0; i--) {
        creature *it = &game->divers.items[i];
        if (picked_up(game, i)) continue;
        if (it->move_in > 0) {
            it->move_in--;
            continue;
        }
        it->move_in = DIVER_MOVE_TICKS;
        it->x = (int16_t)(it->x + it->dx);
        if (!minatar_inside(it->x))
            take_out_equal(&game->divers, i);
        else
            picked_up(game, i);
    }
}

// An enemy that may move: it leaves, meets the player or runs into a bullet. False where it is gone.
static bool move_enemy(seaquest *game, list *enemies, int i, minatar_result *result)
{
    creature *it = &enemies->items[i];
    if (at_player(game, it)) result->over = true;
    if (it->move_in > 0) {
        it->move_in--;
        return true;
    }
    it->move_in = game->move_every;
    it->x = (int16_t)(it->x + it->dx);
    if (!minatar_inside(it->x)) {
        take_out_equal(enemies, i);
        return false;
    }
    if (at_player(game, it)) {
        result->over = true;
        return true;
    }
    for (int k = 0; k < game->bullets.count; k++) {
        if (!same_place(it, &game->bullets.items[k])) continue;
        take_out_equal(enemies, i);
        take_out_equal(&game->bullets, k);
        result->reward++;
        return false;
    }
    return true;
}

static void move_subs(seaquest *game, minatar_result *result)
{
    for (int i = game->subs.count - 1; i >= 0; i--) {
        if (!move_enemy(game, &game->subs, i, result)) continue;
        creature *it = &game->subs.items[i];
        if (it->shot_in > 0) {
            it->shot_in--;
            continue;
        }
        it->shot_in = ENEMY_SHOT_TICKS;
        append(&game->enemy_bullets, (creature){.x = it->x, .y = it->y, .dx = it->dx});
    }
}

static void move_enemy_bullets(seaquest *game, minatar_result *result)
{
    for (int i = game->enemy_bullets.count - 1; i >= 0; i--) {
        creature *it = &game->enemy_bullets.items[i];
        if (at_player(game, it)) result->over = true;
        it->x = (int16_t)(it->x + it->dx);
        if (!minatar_inside(it->x))
            take_out_equal(&game->enemy_bullets, i);
        else if (at_player(game, it))
            result->over = true;
    }
}

// ---- air ----

static int surface(seaquest *game, bool ramping)
{
    int reward = 0;
    game->surfaced = 1;
    if (game->divers_aboard == DIVERS_MOST) {
        game->divers_aboard = 0;
        reward = game->air * 10 / AIR_STEPS;
    }
    game->air = AIR_STEPS;
    game->divers_aboard--; // -1 after six, as in the package
    if (ramping && (game->spawn_every > 1 || game->move_every > MOVE_LEAST)) {
        if (game->move_every > MOVE_LEAST && game->ramp % 2) game->move_every--;
        if (game->spawn_every > 1) game->spawn_every--;
        game->ramp++;
    }
    return reward;
}

static void breathe(seaquest *game, bool ramping, minatar_result *result)
{
    if (game->air <= 0) result->over = true; // even at the surface
    if (game->y > 0) {
        game->air--;
        game->surfaced = 0;
    } else if (!game->surfaced) {
        if (game->divers_aboard == 0)
            result->over = true;
        else
            result->reward += surface(game, ramping);
    }
}

static minatar_result act(void *state, int action, bool ramping, rb_mt19937 *rng)
{
    seaquest *game = state;
    minatar_result result = {0};
    if (game->spawn_in == 0) {
        spawn_enemy(game, rng);
        game->spawn_in = game->spawn_every;
    }
    if (game->diver_spawn_in == 0) {
        spawn_diver(game, rng);
        game->diver_spawn_in = DIVER_SPAWN_TICKS;
    }
    steer(game, action);
    result.reward = move_bullets(game);
    move_divers(game);
    move_subs(game, &result);
    move_enemy_bullets(game, &result);
    for (int i = game->fish.count - 1; i >= 0; i--) move_enemy(game, &game->fish, i, &result);
    game->spawn_in = (int16_t)(game->spawn_in - (game->spawn_in > 0));
    game->diver_spawn_in = (int16_t)(game->diver_spawn_in - (game->diver_spawn_in > 0));
    game->shot_in = (int16_t)(game->shot_in - (game->shot_in > 0));
    breathe(game, ramping, &result);
    return result;
}

// ---- the picture ----

static void draw_list(const list *items, int channel, bool trails, uint8_t *cells)
{
    for (int i = 0; i < items->count; i++) {
        const creature *it = &items->items[i];
        minatar_on(cells, channel, it->x, it->y);
        if (trails && minatar_inside(it->x - it->dx)) minatar_on(cells, TRAIL, it->x - it->dx, it->y);
    }
}

static void draw(const void *state, uint8_t *cells)
{
    const seaquest *game = state;
    minatar_on(cells, SUB_FRONT, game->x, game->y);
    int back = game->x + (game->right ? -1 : 1);
    if (minatar_inside(back)) minatar_on(cells, SUB_BACK, back, game->y);
    int air = game->air < 0 ? 0 : game->air * MINATAR_SIDE / AIR_STEPS;
    for (int x = 0; x < air; x++) minatar_on(cells, AIR_GAUGE, x, GAUGE_ROW);
    for (int i = 0; i < game->divers_aboard; i++)
        minatar_on(cells, DIVER_GAUGE, MINATAR_SIDE - 2 - i, GAUGE_ROW);
    draw_list(&game->bullets, BULLET, false, cells);
    draw_list(&game->enemy_bullets, ENEMY_BULLET, false, cells);
    draw_list(&game->fish, FISH, true, cells);
    draw_list(&game->subs, ENEMY_SUB, true, cells);
    draw_list(&game->divers, DIVER, true, cells);
}

static int ramp(const void *state)
{
    return ((const seaquest *)state)->ramp;
}

static bool sound_list(const list *items)
{
    if (items->count < 0 || items->count > LIST_MOST) return false;
    for (int i = 0; i < items->count; i++) {
        const creature *it = &items->items[i];
        if (!minatar_inside(it->x) || !minatar_inside(it->y) || it->dx * it->dx != 1) return false;
    }
    return true;
}

static bool sound(const void *state)
{
    const seaquest *game = state;
    return minatar_inside(game->x) && minatar_inside(game->y) && game->air >= -1 && game->air <= AIR_STEPS &&
           game->divers_aboard >= -1 && game->divers_aboard <= DIVERS_MOST &&
           game->move_every >= MOVE_LEAST && game->spawn_every >= 1 && sound_list(&game->bullets) &&
           sound_list(&game->enemy_bullets) && sound_list(&game->fish) && sound_list(&game->subs) &&
           sound_list(&game->divers);
}

const minatar_game rb_minatar_seaquest = {
    .name = "seaquest",
    .id = "Seaquest",
    .channels = CHANNELS,
    .state_bytes = sizeof(seaquest),
    .minimal = {MINATAR_NONE, MINATAR_LEFT, MINATAR_UP, MINATAR_RIGHT, MINATAR_DOWN, MINATAR_FIRE},
    .minimal_count = MINATAR_ACTIONS,
    .reset = reset,
    .act = act,
    .draw = draw,
    .ramp = ramp,
    .sound = sound,
};
