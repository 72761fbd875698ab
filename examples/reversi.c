// Reversi on a board of 6 x 6: a game in which most moves are illegal, and which reports action masks.
//
//     cc -O2 -shared -fPIC -I include examples/reversi.c -o reversi.so
//
// The agent plays first. A disc must be placed so that it encloses discs of the opponent in a line, in at
// least one of eight directions; these then change sides. A side without such a move passes. The game ends
// when neither has one: +1 for more discs than the opponent, -1 for fewer. The opponent moves at random, or,
// with
// --env.options=greedy, so that it turns over the most discs.
//
// `mask` reports the legal moves. A learner that ignores masks (--env.masks=false) can choose an illegal
// move, which loses the game at once. examples/reversi_env.py is the same game for Gymnasium.
#include <stdlib.h>
#include <string.h>
#include "rainbow/env.h"

enum { SIDE = 6, CELLS = SIDE * SIDE, CELL = 40, SCREEN = SIDE * CELL };
enum { EMPTY, AGENT, OPPONENT };

struct rb_env {
    uint64_t dice;
    bool greedy;
    uint8_t board[CELLS];
};

static uint32_t below(rb_env *g, uint32_t n) // splitmix64 (Steele et al. 2014)
{
    uint64_t z = g->dice += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % n);
}

// The number of discs that `side` turns over at a cell; 0: an illegal move. `turn`: turns them over.
static int place(rb_env *g, int cell, int side, bool turn)
{
    int all = 0;
    for (int way = 0; g->board[cell] == EMPTY && way < 9; way++) {
        const int down = way / 3 - 1, right = way % 3 - 1;
        int y = cell / SIDE + down, x = cell % SIDE + right, line = 0;
        for (; y >= 0 && y < SIDE && x >= 0 && x < SIDE; y += down, x += right, line++)
            if (g->board[y * SIDE + x] != AGENT + OPPONENT - side) break;
        if (y < 0 || y >= SIDE || x < 0 || x >= SIDE || g->board[y * SIDE + x] != side) continue;
        all += line;
        for (int i = 1; turn && i <= line; i++) g->board[cell + i * (down * SIDE + right)] = (uint8_t)side;
    }
    if (turn) g->board[cell] = (uint8_t)side;
    return all;
}

static bool can_move(rb_env *g, int side)
{
    for (int cell = 0; cell < CELLS; cell++)
        if (place(g, cell, side, false)) return true;
    return false;
}

static void reply(rb_env *g)
{
    int best = -1, most = 0, equal = 0;
    for (int cell = 0; cell < CELLS; cell++) {
        const int turned = place(g, cell, OPPONENT, false), worth = g->greedy ? turned : turned > 0;
        if (worth > most) most = worth, equal = 0;
        if (worth && worth == most && below(g, (uint32_t)++equal) == 0)
            best = cell; // each with the same probability
    }
    if (best >= 0) place(g, best, OPPONENT, true);
}

static int lead(const rb_env *g) // the agent's discs minus the opponent's
{
    int sum = 0;
    for (int cell = 0; cell < CELLS; cell++) sum += (g->board[cell] == AGENT) - (g->board[cell] == OPPONENT);
    return sum;
}

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    const char *text = (const char *)options;
    if (*text && strcmp(text, "greedy") != 0)
        return rb_env_fail(error, "env.options = %.40s: must be empty (a random opponent) or greedy", text);
    rb_env *g = *out = (rb_env *)calloc(1, sizeof *g);
    if (!g) return rb_env_fail(error, "no memory for a board");
    g->dice = seed, g->greedy = *text != 0;
    return RB_OK;
}

static void destroy(rb_env *g)
{
    free(g);
}

static void spec(const rb_env *g, rb_env_spec *out)
{
    static const char *const names[CELLS] = {"a1", "b1", "c1", "d1", "e1", "f1", "a2", "b2", "c2",
                                             "d2", "e2", "f2", "a3", "b3", "c3", "d3", "e3", "f3",
                                             "a4", "b4", "c4", "d4", "e4", "f4", "a5", "b5", "c5",
                                             "d5", "e5", "f5", "a6", "b6", "c6", "d6", "e6", "f6"};
    (void)g;
    out->kind = RB_OBS_U8, out->channels = 2, out->height = out->width = SIDE;
    out->actions = CELLS, out->action_names = names;
    out->can_save = out->ends = true;
    out->screen_height = out->screen_width = SCREEN;
}

static rb_status reset(rb_env *g, rb_error *error)
{
    (void)error;
    memset(g->board, EMPTY, sizeof g->board);
    const int middle = CELLS / 2 - SIDE / 2 - 1; // the upper left one of the four cells in the middle
    g->board[middle] = g->board[middle + SIDE + 1] = OPPONENT;
    g->board[middle + 1] = g->board[middle + SIDE] = AGENT;
    return RB_OK;
}

static rb_status step(rb_env *g, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    if (!place(g, action, AGENT, false)) {
        out->reward = -1, out->terminated = true; // an illegal move
        return RB_OK;
    }
    place(g, action, AGENT, true);
    do reply(g);
    while (!can_move(g, AGENT) && can_move(g, OPPONENT)); // the agent passes
    out->terminated = !can_move(g, AGENT);
    if (out->terminated) out->reward = (lead(g) > 0) - (lead(g) < 0);
    return RB_OK;
}

static void observe(const rb_env *g, void *frame) // two planes: the agent's discs; the opponent's
{
    uint8_t *planes = (uint8_t *)frame;
    for (int cell = 0; cell < CELLS; cell++) {
        planes[cell] = g->board[cell] == AGENT ? 255 : 0;
        planes[CELLS + cell] = g->board[cell] == OPPONENT ? 255 : 0;
    }
}

static void mask(const rb_env *g, uint8_t *allowed)
{
    for (int cell = 0; cell < CELLS; cell++) allowed[cell] = place((rb_env *)g, cell, AGENT, false) > 0;
}

static void render(const rb_env *g, uint8_t *rgb)
{
    static const uint8_t colours[4][3] = {{34, 110, 70}, {244, 184, 74}, {236, 240, 244}, {24, 84, 52}};
    for (int i = 0; i < SCREEN * SCREEN; i++) {
        const int y = i / SCREEN, x = i % SCREEN, cell = y / CELL * SIDE + x / CELL;
        const int dy = y % CELL - CELL / 2, dx = x % CELL - CELL / 2, far = dy * dy + dx * dx;
        int colour = y % CELL == 0 || x % CELL == 0 ? 3 : EMPTY;
        if (g->board[cell] != EMPTY && far < CELL * CELL / 6) colour = g->board[cell];
        if (far < 12 && place((rb_env *)g, cell, AGENT, false)) colour = 3; // a legal move
        memcpy(rgb + 3 * i, colours[colour], 3);
    }
}

static rb_status transfer(rb_env *g, rb_env_stream *stream, rb_error *error)
{
    return stream->transfer(stream, &g->dice, sizeof g->dice) &&
                   stream->transfer(stream, g->board, sizeof g->board)
               ? RB_OK
               : rb_env_fail(error, "a board's state is not whole");
}

static rb_status load(rb_env *g, rb_env_stream *from, rb_error *error)
{
    rb_status status = transfer(g, from, error);
    for (int cell = 0; !status && cell < CELLS; cell++)
        if (g->board[cell] > OPPONENT) status = rb_env_fail(error, "cell %d holds %d", cell, g->board[cell]);
    return status;
}

const rb_env_class rb_env_export = {RB_ENV_ABI, "reversi", create,   destroy, spec, reset, step,
                                    observe,    render,    transfer, load,    NULL, NULL,  mask};
