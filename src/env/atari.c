// The Atari protocol: what happens between one decision and the next. Every rule of the field that concerns
// the game itself is here; those of any environment (time limit, sign of the reward, a lost life as the
// learner's terminal, stacks) are the vector's.
//
//     step     the action is held for frame_skip frames; the last two screens are pooled by their maximum,
//              made grey and small. An early end shows the pooled picture as it stood: the field's wrappers
//              do (see play).
//     reset    a new game; a drawn number of idle frames; then, if asked for, FIRE and the next action. Where
//              the game ends on the way there, it starts again.
//     life     only a drop to a count above 0 is a lost life: Q*bert shows 0 for some frames before its end.
//              It never resets the game. With fire_on_reset, FIRE and the next action follow in the same
//              step, so that the agent's next picture is of a game that runs; their frames and rewards count
//              to that step. (Baselines has an idle step there first, and drops the rewards.)
//     limit    after max_frames frames since the game's start, idle ones included, the episode is truncated.
//
// Protocols: AtariPreprocessing of Gymnasium (pool grey) and the wrappers of OpenAI Baselines (pool rgb), to
// the bit. FIRE on reset is for games whose second action is FIRE, as in Baselines; in others the switch
// changes nothing.
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/rng.h"
#include "env/atari.h"
#include "env/atari_console.h"
#include "env/image.h"
#include "env/registry.h"

static const char *const all_action_names[RB_ALE_ACTIONS] = {
    "NOOP",     "FIRE",     "UP",          "RIGHT",      "LEFT",          "DOWN",
    "UPRIGHT",  "UPLEFT",   "DOWNRIGHT",   "DOWNLEFT",   "UPFIRE",        "RIGHTFIRE",
    "LEFTFIRE", "DOWNFIRE", "UPRIGHTFIRE", "UPLEFTFIRE", "DOWNRIGHTFIRE", "DOWNLEFTFIRE",
};
enum { NOOP = 0, FIRE = 1 };

struct rb_env {
    rb_console console;
    rb_atari_params params;
    rb_rng dice; // how many idle frames
    int action_count, actions[RB_ALE_ACTIONS];
    const char *action_names[RB_ALE_ACTIONS];
    bool fires; // fire_on_reset, in a game that has it
    int lives;  // at the end of the last step
    uint8_t rgb[256 * 3], grey[256];
    rb_pool_table *table;
    size_t pixels;
    uint8_t *earlier, *later; // [height][width] palette indices of the last two screens that were pooled
    uint8_t *pooled;          // [height][width] grey
    uint8_t *frame;           // [size][size]: the observation
    rb_area *area;
};

// ---- making ----

static void destroy(rb_env *env)
{
    if (!env) return;
    rb_console_close(&env->console);
    rb_area_destroy(env->area);
    free(env->table);
    free(env->earlier);
    free(env->later);
    free(env->pooled);
    free(env->frame);
    free(env);
}

static rb_status open_game(rb_env *env, const rb_env_options *options, uint64_t seed, rb_error *error)
{
    char game[RB_ATARI_GAME_MAX], rom[RB_PATH_MAX];
    const rb_emulator *emulator;
    rb_status status = rb_atari_game(options->name, game, error);
    if (!status)
        status =
            rb_emulator_open(&emulator, error); // before the ROM: without an emulator there is none either
    if (!status) status = rb_emulator_rom(rom, sizeof rom, game, options->atari.rom_dir, error);
    if (!status)
        status = rb_console_open(&env->console, rom, (uint32_t)(seed & 0x7fffffff), options->atari.sticky,
                                 options->atari.max_frames, error);
    return status;
}

static rb_status make_pictures(rb_env *env, rb_error *error)
{
    const rb_console *console = &env->console;
    int size = (int)env->params.size;
    env->pixels = (size_t)console->height * (size_t)console->width;
    env->table = malloc(sizeof *env->table);
    env->earlier = calloc(env->pixels, 1);
    env->later = calloc(env->pixels, 1);
    env->pooled = calloc(env->pixels, 1);
    env->frame = calloc((size_t)size * (size_t)size, 1);
    if (!env->table || !env->earlier || !env->later || !env->pooled || !env->frame)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the pictures of an Atari game");
    console->emulator->palette(console->ale, env->rgb, env->grey);
    if (env->params.pool == RB_POOL_RGB)
        rb_pool_table_rgb(env->table, env->rgb);
    else
        rb_pool_table_grey(env->table, env->grey);
    rb_status status = rb_area_create(&env->area, console->height, console->width, size, size, error);
    return status ? rb_error_context(error, "atari.size = %d", size) : RB_OK;
}

static rb_status create(rb_env **out, const void *options_of_any, uint64_t seed, rb_error *error)
{
    const rb_env_options *options = options_of_any;
    *out = NULL;
    if (options->atari.noop_min > options->atari.noop_max && options->atari.noop_max > 0)
        return rb_error_set(error, RB_ERR_USAGE,
                            "atari.noop_min = %lld: must be at most atari.noop_max, which is %lld",
                            (long long)options->atari.noop_min, (long long)options->atari.noop_max);
    rb_env *env = calloc(1, sizeof *env);
    if (!env) return rb_error_set(error, RB_ERR_MEMORY, "no memory for an Atari game");
    env->params = options->atari;
    env->dice = rb_rng_stream(seed, RB_RNG_ENV, 0);
    rb_status status = open_game(env, options, seed, error);
    if (!status) status = make_pictures(env, error);
    if (status) {
        destroy(env);
        return status;
    }
    const rb_console *console = &env->console;
    env->action_count = console->emulator->actions(console->ale, !env->params.full_actions, env->actions);
    for (int i = 0; i < env->action_count; i++) env->action_names[i] = all_action_names[env->actions[i]];
    env->fires = env->params.fire_on_reset && env->action_count >= 3 && env->actions[1] == FIRE;
    *out = env;
    return RB_OK;
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    int size = (int)env->params.size;
    *out = (rb_env_spec){
        .kind = RB_OBS_U8,
        .channels = 1,
        .height = size,
        .width = size,
        .stack = 4,
        .actions = env->action_count,
        .action_names = env->action_names,
        .frames_per_step = (int)env->params.frame_skip,
        .can_save = true,
        .screen_height = env->console.height,
        .screen_width = env->console.width,
    };
}

// ---- playing ----

static bool ended(const rb_env *env)
{
    return rb_console_over(&env->console) || rb_console_full(&env->console);
}

static void pool(rb_env *env, const uint8_t *earlier, const uint8_t *later)
{
    rb_pool_screens(env->table, earlier, later, env->pooled, env->console.height, env->console.width);
}

// A picture of the one screen that is there, as after a reset.
static void show_screen(rb_env *env)
{
    const uint8_t *screen = rb_console_screen(&env->console);
    pool(env, screen, screen);
}

// Holds one action for frame_skip frames, and pools the last two screens into env->pooled.
//
// Where the game ends earlier, the picture is what the wrappers' buffers then give. Gymnasium leaves its loop
// before it keeps the ending frame's screen, and its first buffer still holds the step before, pooled: only a
// second last screen can be new. Baselines keeps the screen first and leaves then, and its two buffers are
// screens.
static rb_status play(rb_env *env, int action, double *reward, rb_error *error)
{
    rb_console *console = &env->console;
    const bool grey_first = env->params.pool == RB_POOL_GREY;
    const int64_t skip = env->params.frame_skip;
    int kept = 0; // 1: the second last, 2: the last screen
    for (int64_t i = 0; i < skip; i++) {
        rb_status status = rb_console_frame(console, action, reward, error);
        if (status) return status;
        bool end = ended(env);
        if (!(end && grey_first)) {
            uint8_t *to = i == skip - 2 ? env->earlier : i == skip - 1 ? env->later : NULL;
            if (to) {
                memcpy(to, rb_console_screen(console), env->pixels);
                kept = i == skip - 2 ? 1 : 2;
            }
        }
        if (end) break;
    }
    if (!grey_first)
        pool(env, env->earlier, env->later);
    else if (kept == 2)
        pool(env, skip > 1 ? env->earlier : env->later, env->later);
    else if (kept == 1)
        rb_pool_into(env->grey, env->earlier, env->pooled, env->pixels);
    return RB_OK;
}

// A new game with its idle frames; one that ends in them starts again and goes on with the rest of them.
static rb_status start(rb_env *env, rb_error *error)
{
    const rb_atari_params *params = &env->params;
    double reward = 0;
    rb_status status = rb_console_reset(&env->console, error);
    int64_t idle = 0;
    if (params->noop_max > 0)
        idle =
            params->noop_min + rb_rng_below(&env->dice, (uint32_t)(params->noop_max - params->noop_min + 1));
    for (; !status && idle > 0; idle--) {
        status = rb_console_frame(&env->console, NOOP, &reward, error);
        if (!status && ended(env)) status = rb_console_reset(&env->console, error);
    }
    if (!status) show_screen(env);
    return status;
}

static rb_status reset(rb_env *env, rb_error *error)
{
    double reward = 0;
    rb_status status = start(env, error);
    for (int press = 1; !status && env->fires && press <= 2; press++) {
        status = play(env, env->actions[press], &reward, error);
        if (!status && ended(env)) status = start(env, error);
    }
    if (status) return status;
    env->lives = rb_console_lives(&env->console);
    rb_area_resize(env->area, env->pooled, env->frame);
    return RB_OK;
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    rb_console *console = &env->console;
    assert(action >= 0 && action < env->action_count);
    *out = (rb_env_step){0};
    int64_t frames = console->frames;
    rb_status status = play(env, env->actions[action], &out->reward, error);
    if (status) return status;
    int lives = rb_console_lives(console);
    out->life_lost = lives > 0 && lives < env->lives;
    for (int press = 1; out->life_lost && env->fires && press <= 2 && !ended(env); press++) {
        status = play(env, env->actions[press], &out->reward, error);
        if (status) return status;
        lives = rb_console_lives(console);
    }
    env->lives = lives;
    out->terminated = rb_console_over(console);
    out->truncated = !out->terminated && rb_console_full(console);
    out->life_lost = out->life_lost && !out->terminated && !out->truncated;
    out->frames = (int)(console->frames - frames);
    rb_area_resize(env->area, env->pooled, env->frame);
    return RB_OK;
}

static void observe(const rb_env *env, void *frame)
{
    memcpy(frame, env->frame, (size_t)env->params.size * (size_t)env->params.size);
}

static void render(const rb_env *env, uint8_t *rgb)
{
    const uint8_t *screen = rb_console_screen(&env->console);
    for (size_t i = 0; i < env->pixels; i++) memcpy(rgb + 3 * i, env->rgb + 3 * (size_t)screen[i], 3);
}

// ---- state ----

static bool transfer(rb_env *env, rb_env_stream *stream)
{
    size_t size = (size_t)env->params.size;
    return stream->transfer(stream, &env->dice, sizeof env->dice) &&
           stream->transfer(stream, &env->lives, sizeof env->lives) &&
           stream->transfer(stream, env->earlier, env->pixels) &&
           stream->transfer(stream, env->later, env->pixels) &&
           stream->transfer(stream, env->pooled, env->pixels) &&
           stream->transfer(stream, env->frame, size * size);
}

static rb_status save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    rb_status status = rb_console_save(&env->console, to, error);
    if (status) return status;
    return transfer(env, to)
               ? RB_OK
               : rb_error_set(error, RB_ERR_FILE, "the state of an Atari game can't be written");
}

static rb_status load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    rb_status status = rb_console_load(&env->console, from, error);
    if (status) return status;
    return transfer(env, from)
               ? RB_OK
               : rb_error_set(error, RB_ERR_FORMAT, "the state of an Atari game is cut short");
}

const rb_env_class rb_atari_class = {
    .abi = RB_ENV_ABI,
    .name = "atari",
    .create = create,
    .destroy = destroy,
    .spec = spec,
    .reset = reset,
    .step = step,
    .observe = observe,
    .render = render,
    .save = save,
    .load = load,
};
