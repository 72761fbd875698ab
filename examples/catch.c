// Catch: balls fall, and a paddle at the bottom catches them. The environment of docs/custom-environment.md.
//
//     cc -O2 -shared -fPIC -I include examples/catch.c -o catch.so
//
// The board is 10 x 10. A ball starts at a random place of the top row, falls one row per step and drifts by
// -1, 0 or 1 columns, bouncing off the walls; the paddle moves by as much. +1 for a caught ball; a game is
// ten balls, 90 steps. examples/catch_env.py is the same game in Python.
#include <stdlib.h>
#include "rainbow/env.h"

enum { SIDE = 10, BALLS = 10 };

struct rb_env { // the whole state of a game, so that save and load are one line
    uint64_t dice;
    int32_t x, y, drift, paddle, balls;
};

static int32_t below(rb_env *game, int32_t n) // splitmix64 (Steele et al. 2014)
{
    uint64_t z = game->dice += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (int32_t)((z ^ z >> 31) % (uint64_t)n);
}

static rb_status create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    rb_env *game = *out = (rb_env *)calloc(1, sizeof *game);
    if (!game) return rb_env_fail(error, "no memory for a game of catch");
    game->dice = seed;
    return RB_OK;
}

static void destroy(rb_env *game)
{
    free(game);
}

static void spec(const rb_env *game, rb_env_spec *out)
{
    static const char *const names[] = {"left", "stay", "right"};
    out->kind = RB_OBS_F32, out->channels = 5, out->height = out->width = 1; // a vector of five floats
    out->actions = 3, out->action_names = names;
    out->can_save = true, out->ends = true;
}

static void drop(rb_env *game) // the next ball
{
    game->x = below(game, SIDE), game->y = 0, game->drift = below(game, 3) - 1;
}

static rb_status reset(rb_env *game, rb_error *error)
{
    game->paddle = below(game, SIDE), game->balls = BALLS;
    drop(game);
    return RB_OK;
}

static rb_status step(rb_env *game, int action, rb_env_step *out, rb_error *error)
{
    int32_t paddle = game->paddle + action - 1;
    if (paddle >= 0 && paddle < SIDE) game->paddle = paddle;
    if (game->x + game->drift < 0 || game->x + game->drift >= SIDE) game->drift = -game->drift;
    game->x += game->drift, game->y++;
    if (game->y < SIDE - 1) return RB_OK;
    out->reward = game->x == game->paddle;
    out->terminated = --game->balls == 0;
    if (!out->terminated) drop(game);
    return RB_OK;
}

static void observe(const rb_env *game, void *frame) // about -1 to 1, so that no input outweighs the others
{
    float *seen = (float *)frame;
    seen[0] = (float)game->x / 4.5f - 1, seen[1] = (float)game->y / 4.5f - 1, seen[2] = (float)game->drift;
    seen[3] = (float)game->paddle / 4.5f - 1, seen[4] = (float)game->balls / BALLS;
}

static rb_status transfer(rb_env *game, rb_env_stream *stream, rb_error *error)
{
    return stream->transfer(stream, game, sizeof *game) ? RB_OK
                                                        : rb_env_fail(error, "a game's state is not whole");
}

const rb_env_class rb_env_export = {.abi = RB_ENV_ABI,
                                    .name = "catch",
                                    .create = create,
                                    .destroy = destroy,
                                    .spec = spec,
                                    .reset = reset,
                                    .step = step,
                                    .observe = observe,
                                    .save = transfer,
                                    .load = transfer};
