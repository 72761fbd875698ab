// Grid world: 5 x 5 cells and two profitable jumps. The task of Sutton and Barto, "Reinforcement Learning",
// 2nd edition, examples 3.5 and 3.8, which print its values for a discount of 0.9; so what an agent learns
// can be compared with the truth (tests/env/test_gridworld.c).
//
//     .  A  .  B  .       north, south, west and east move by one cell and give 0
//     .  |  .  |  .       a step off the grid leaves the place unchanged and gives grid.edge_reward (-1)
//     .  |  .  B' .       every action in A moves to A' and gives 10, in B to B' and gives 5
//     .  |  .  .  .
//     .  A' .  .  .
//
// With probability grid.slip the direction of a move is drawn at random, out of all four. The task never
// terminates; the caller truncates a game by the time limit of the spec. The observation is one plane of
// 5 x 5 bytes, 255 at the agent's cell and 0 elsewhere: 25 numbers, of which one is 1 for the network.
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "base/text.h"
#include "env/drawing.h"
#include "env/registry.h"

enum {
    SIDE = 5,
    CELLS = SIDE * SIDE,
    CELL_PIXELS = 80,
    SCREEN = SIDE * CELL_PIXELS,
    ACTIONS = 4,
    TIME_LIMIT = 100, // steps
};

typedef struct cell {
    int32_t row, column; // from the top left, as in the book
} cell;

typedef struct gridworld {
    double slip, edge_reward;
    cell at;
    rb_rng rng; // starts and slips
} gridworld;

static const struct {
    cell from, to;
    double reward;
} jumps[] = {{{0, 1}, {4, 1}, 10}, {{0, 3}, {2, 3}, 5}}; // A to A', B to B'
enum { JUMPS = sizeof jumps / sizeof jumps[0] };

static const char *const action_names[ACTIONS] = {"north", "south", "west", "east"};
static const cell directions[ACTIONS] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};

static bool on_grid(cell c)
{
    return c.row >= 0 && c.row < SIDE && c.column >= 0 && c.column < SIDE;
}

static rb_status gridworld_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    const rb_env_settings *settings = &((const rb_env_options *)options)->settings;
    gridworld *grid = calloc(1, sizeof *grid);
    if (!grid) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the grid world");
    grid->slip = settings->grid.slip;
    grid->edge_reward = settings->grid.edge_reward;
    grid->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    *out = (rb_env *)grid;
    return RB_OK;
}

static void gridworld_destroy(rb_env *env)
{
    free(env);
}

static void gridworld_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){.kind = RB_OBS_U8,
                         .channels = 1,
                         .height = SIDE,
                         .width = SIDE,
                         .stack = 1,
                         .actions = ACTIONS,
                         .action_names = action_names,
                         .max_episode_steps = TIME_LIMIT,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = SCREEN,
                         .screen_width = SCREEN};
}

static rb_status gridworld_reset(rb_env *env, rb_error *error)
{
    (void)error;
    gridworld *grid = (gridworld *)env;
    const int32_t place = (int32_t)rb_rng_below(&grid->rng, CELLS);
    grid->at = (cell){place / SIDE, place % SIDE};
    return RB_OK;
}

static rb_status gridworld_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    assert(action >= 0 && action < ACTIONS);
    gridworld *grid = (gridworld *)env;
    if (grid->slip > 0 && rb_rng_double(&grid->rng) < grid->slip)
        action = (int)rb_rng_below(&grid->rng, ACTIONS);
    cell next = {grid->at.row + directions[action].row, grid->at.column + directions[action].column};
    double reward = 0;
    if (!on_grid(next)) {
        next = grid->at;
        reward = grid->edge_reward;
    }
    for (int j = 0; j < JUMPS; j++)
        if (grid->at.row == jumps[j].from.row && grid->at.column == jumps[j].from.column) {
            next = jumps[j].to;
            reward = jumps[j].reward;
        }
    grid->at = next;
    *out = (rb_env_step){.reward = reward, .frames = 1};
    return RB_OK;
}

static void gridworld_observe(const rb_env *env, void *frame)
{
    const gridworld *grid = (const gridworld *)env;
    uint8_t *plane = frame;
    memset(plane, 0, CELLS);
    plane[grid->at.row * SIDE + grid->at.column] = 255;
}

static rb_point centre_of(cell c)
{
    return (rb_point){(c.column + 0.5) * CELL_PIXELS, SCREEN - (c.row + 0.5) * CELL_PIXELS};
}

static void paint(const rb_drawing *canvas, cell c, rb_colour colour)
{
    const int left = c.column * CELL_PIXELS, low = SCREEN - (c.row + 1) * CELL_PIXELS;
    rb_draw_box(canvas, left, low, left + CELL_PIXELS - 1, low + CELL_PIXELS - 1, colour);
}

// Each jump is an arrow between two cells of its colour, the first one darker; the agent is a disc.
static void gridworld_render(const rb_env *env, uint8_t *rgb)
{
    enum { ARROW_WIDE = 3, HEAD_WIDE = 9, HEAD_LONG = 18, DISC = 24 };
    static const rb_colour from[JUMPS] = {{0, 158, 115}, {230, 159, 0}},
                           to[JUMPS] = {{176, 224, 208}, {250, 226, 176}}, line = {180, 180, 180},
                           dark = {60, 60, 60}, blue = {0, 114, 178};
    const gridworld *grid = (const gridworld *)env;
    rb_drawing canvas = {rgb, SCREEN, SCREEN, 0, SCREEN};
    rb_draw_clear(&canvas);
    for (int j = 0; j < JUMPS; j++) {
        paint(&canvas, jumps[j].from, from[j]);
        paint(&canvas, jumps[j].to, to[j]);
    }
    for (int i = 0; i <= SIDE; i++) {
        const int at = i < SIDE ? i * CELL_PIXELS : SCREEN - 1;
        rb_draw_box(&canvas, at, 0, at, SCREEN - 1, line);
        rb_draw_box(&canvas, 0, at, SCREEN - 1, at, line);
    }
    for (int j = 0; j < JUMPS; j++) { // both jumps go straight down
        const rb_point tail = centre_of(jumps[j].from), head = centre_of(jumps[j].to);
        const int x = (int)tail.x, tip = (int)head.y;
        rb_draw_box(&canvas, x - ARROW_WIDE / 2, tip + HEAD_LONG, x + ARROW_WIDE / 2, (int)tail.y, dark);
        rb_draw_polygon(
            &canvas,
            (rb_point[]){{x - HEAD_WIDE, tip + HEAD_LONG}, {x + HEAD_WIDE, tip + HEAD_LONG}, {x, tip}}, 3,
            dark);
    }
    const rb_point agent = centre_of(grid->at);
    rb_draw_disc(&canvas, agent.x, agent.y, DISC, blue);
}

// The saved state: the cell's row and column, then the stream's key, index and position.
static bool transfer(gridworld *grid, rb_env_stream *stream)
{
    return stream->transfer(stream, &grid->at.row, sizeof grid->at.row) &&
           stream->transfer(stream, &grid->at.column, sizeof grid->at.column) &&
           stream->transfer(stream, grid->rng.key, sizeof grid->rng.key) &&
           stream->transfer(stream, &grid->rng.index, sizeof grid->rng.index) &&
           stream->transfer(stream, &grid->rng.position, sizeof grid->rng.position);
}

static rb_status gridworld_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    if (transfer((gridworld *)env, to)) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "the grid world's state could not be written");
}

static rb_status gridworld_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    gridworld *grid = (gridworld *)env, loaded = *grid;
    if (!transfer(&loaded, from))
        return rb_error_set(error, RB_ERR_FORMAT, "the grid world's state could not be read");
    if (!on_grid(loaded.at))
        return rb_error_set(error, RB_ERR_FORMAT,
                            "the saved state of the grid world is in row %d and column %d, outside the grid",
                            loaded.at.row, loaded.at.column);
    *grid = loaded;
    return RB_OK;
}

const rb_env_class rb_gridworld_class = {
    .abi = RB_ENV_ABI,
    .name = "gridworld",
    .create = gridworld_create,
    .destroy = gridworld_destroy,
    .spec = gridworld_spec,
    .reset = gridworld_reset,
    .step = gridworld_step,
    .observe = gridworld_observe,
    .render = gridworld_render,
    .save = gridworld_save,
    .load = gridworld_load,
};

// ---- the family: one name ----

static const rb_env_entry entries[] = {
    {"gridworld", "find the cell that pays: 5 x 5 cells, 4 actions, at most 100 steps", ""}};

static int count(void)
{
    return 1;
}

static const rb_env_entry *entry(int i)
{
    return &entries[i];
}

static bool has_form(const char *name)
{
    return !strcmp(name, entries[0].name);
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    (void)name;
    (void)error;
    *out = &rb_gridworld_class;
    return RB_OK;
}

static void defaults(const char *name, const char **preset, const char **values)
{
    (void)name;
    *preset = "gridworld";
    *values = "";
}

static bool near(const char *name, char out[RB_ENV_NAME_MAX])
{
    const char *nearest = rb_text_nearest(name, &entries[0].name, 1);
    return nearest && rb_text_copy(out, RB_ENV_NAME_MAX, nearest);
}

const rb_env_family rb_gridworld_family = {count,    entry, has_form, find,
                                           defaults, near,  "grid",   "the grid world"};
