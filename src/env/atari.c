// The Atari protocol: everything between one decision and the next. Every common rule that concerns the game
// itself is here. Observations are made in atari_picture.h; the vector has the rules for all environments
// (time limit, the learner's reward, the meaning of a lost life to the learner, stacks).
//
//     step     holds the action for frame_skip frames; the last screens make the picture.
//     reset    a new game; a random number of idle frames; then, if set, FIRE and the next action, a step
//              each. With fire_first, both are pressed for one frame, before the idle ones. If the game ends
//              before that is done, it restarts.
//     life     only a drop to a count above 0 is a lost life: Q*bert shows 0 for some frames before its end.
//              The last life is reported with the game's end, in games that count lives. It never resets the game.
//              With fire_on_life_loss, FIRE and the next action follow in the same step, so that the agent's
//              next picture is of a game that runs; their frames and rewards count to that step. (Baselines
//              has an idle step there first, and drops the rewards.)
//     limit    max_frames frames after the game's start, idle ones included, the episode is truncated.
//
// Protocols, each bit-identical: Gymnasium's AtariPreprocessing (pool grey), the wrappers of OpenAI Baselines
// (pool rgb), and Gymnasium's environments that skip frames themselves (pool last). FIRE is pressed in games
// whose second action is FIRE, as in Baselines; in other games these switches change nothing.
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/rng.h"
#include "env/atari.h"
#include "env/atari_console.h"
#include "env/atari_picture.h"
#include "env/registry.h"

static const char *const all_action_names[RB_ALE_ACTIONS] = {
    "NOOP",     "FIRE",     "UP",          "RIGHT",      "LEFT",          "DOWN",
    "UPRIGHT",  "UPLEFT",   "DOWNRIGHT",   "DOWNLEFT",   "UPFIRE",        "RIGHTFIRE",
    "LEFTFIRE", "DOWNFIRE", "UPRIGHTFIRE", "UPLEFTFIRE", "DOWNRIGHTFIRE", "DOWNLEFTFIRE",
};
enum { NOOP = 0, FIRE = 1 };

enum { NOTICE_MAX = 700 };

struct rb_env {
    rb_console console;
    rb_atari_params params;
    rb_rng rng; // draws the number of idle frames
    int action_count, actions[RB_ALE_ACTIONS];
    const char *action_names[RB_ALE_ACTIONS];
    bool has_fire;  // as its second action
    double signs;   // of the rewards of the last step's frames, summed
    int lives;      // at the end of the last step
    bool had_lives; // the count of lives has been above 0 since the game's start
    rb_atari_picture picture;
    char notice[NOTICE_MAX]; // about its ROM, to be reported by the first reset
};

// ---- making ----

static void destroy(rb_env *env)
{
    if (!env) return;
    rb_console_close(&env->console);
    rb_atari_picture_close(&env->picture);
    free(env);
}

static rb_status open_game(rb_env *env, const rb_env_options *options, uint64_t seed, rb_error *error)
{
    char game[RB_ATARI_GAME_MAX], rom[RB_PATH_MAX];
    const rb_emulator *emulator;
    rb_status status = rb_atari_game(options->settings.name, game, error);
    if (!status)
        status =
            rb_emulator_open(&emulator, error); // before the ROM: without an emulator there is no ROM either
    if (!status) status = rb_emulator_rom(rom, sizeof rom, game, options->settings.atari.rom_dir, error);
    if (!status) status = rb_emulator_rom_check(rom, game, env->notice, sizeof env->notice, error);
    if (!status)
        status = rb_console_open(&env->console, rom, (uint32_t)(seed & 0x7fffffff),
                                 options->settings.atari.sticky, options->settings.atari.max_frames, error);
    if (!status && options->settings.atari.mode >= 0)
        status = rb_console_set_mode(&env->console, game, options->settings.atari.mode, error);
    if (!status && options->settings.atari.difficulty >= 0)
        status = rb_console_set_difficulty(&env->console, game, options->settings.atari.difficulty, error);
    return status;
}

static rb_status create(rb_env **out, const void *options_of_any, uint64_t seed, rb_error *error)
{
    const rb_env_options *options = options_of_any;
    *out = NULL;
    if (options->settings.atari.noop_min > options->settings.atari.noop_max &&
        options->settings.atari.noop_max > 0)
        return rb_error_set(
            error, RB_ERR_USAGE, "atari.noop_min = %lld: must be at most atari.noop_max, which is %lld",
            (long long)options->settings.atari.noop_min, (long long)options->settings.atari.noop_max);
    rb_env *env = calloc(1, sizeof *env);
    if (!env) return rb_error_set(error, RB_ERR_MEMORY, "no memory for an Atari game");
    env->params = options->settings.atari;
    env->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    rb_status status = open_game(env, options, seed, error);
    if (!status)
        status = rb_atari_picture_open(&env->picture, &env->params, env->console.emulator, env->console.ale,
                                       error);
    if (status) {
        destroy(env);
        return status;
    }
    const rb_console *console = &env->console;
    env->action_count = console->emulator->actions(console->ale, !env->params.full_actions, env->actions);
    for (int i = 0; i < env->action_count; i++) env->action_names[i] = all_action_names[env->actions[i]];
    env->has_fire = env->action_count >= 3 && env->actions[1] == FIRE;
    *out = env;
    return RB_OK;
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    *out = (rb_env_spec){
        .kind = RB_OBS_U8,
        .ends = true, // by atari.max_frames, or by the size of the action log
        .channels = env->picture.planes,
        .height = env->picture.out_height,
        .width = env->picture.out_width,
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

// Holds one action for frame_skip frames.
static rb_status play(rb_env *env, int action, double *reward, rb_error *error)
{
    rb_console *console = &env->console;
    const int64_t skip = env->params.frame_skip;
    rb_atari_picture_begin(&env->picture);
    bool end = false;
    for (int64_t i = 0; i < skip && !end; i++) {
        double one = 0;
        rb_status status = rb_console_frame(console, action, &one, error);
        if (status) return status;
        *reward += one;
        env->signs += (one > 0) - (one < 0);
        end = ended(env);
        rb_atari_picture_keep(&env->picture, i, skip, end, rb_console_screen(console));
    }
    rb_atari_picture_end(&env->picture, skip, rb_console_screen(console));
    return RB_OK;
}

// A new game, in which FIRE has been pressed if that comes before the idle frames.
static rb_status fresh(rb_env *env, rb_error *error)
{
    const rb_atari_params *params = &env->params;
    const bool fires = env->has_fire && params->fire_on_reset && params->fire_first;
    double reward = 0;
    rb_status status = rb_console_reset(&env->console, error);
    for (int press = 1; !status && fires && press <= 2; press++) {
        status = rb_console_frame(&env->console, env->actions[press], &reward, error);
        if (!status && ended(env)) status = rb_console_reset(&env->console, error);
    }
    return status;
}

// Starts a game with its idle frames; a game that ends during them restarts and continues with the remaining
// ones.
static rb_status start(rb_env *env, rb_error *error)
{
    const rb_atari_params *params = &env->params;
    double reward = 0;
    rb_status status = fresh(env, error);
    int64_t idle = 0;
    if (params->noop_max > 0)
        idle =
            params->noop_min + rb_rng_below(&env->rng, (uint32_t)(params->noop_max - params->noop_min + 1));
    for (; !status && idle > 0; idle--) {
        status = rb_console_frame(&env->console, NOOP, &reward, error);
        if (!status && ended(env)) status = fresh(env, error);
    }
    if (!status) rb_atari_picture_show(&env->picture, rb_console_screen(&env->console));
    return status;
}

// Reports the notice although nothing failed (rb_env_class), once and not for every environment.
static void tell(rb_env *env, rb_error *error)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;
    if (*env->notice && !atomic_flag_test_and_set(&told)) rb_error_set(error, RB_OK, "%s", env->notice);
    *env->notice = 0;
}

static rb_status reset(rb_env *env, rb_error *error)
{
    double reward = 0;
    rb_status status = start(env, error);
    const bool fires = env->has_fire && env->params.fire_on_reset && !env->params.fire_first;
    for (int press = 1; !status && fires && press <= 2; press++) {
        status = play(env, env->actions[press], &reward, error);
        if (!status && ended(env)) status = start(env, error);
    }
    if (status) return status;
    env->lives = rb_console_lives(&env->console);
    env->had_lives = env->lives > 0;
    rb_atari_picture_finish(&env->picture);
    tell(env, error);
    return RB_OK;
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    rb_console *console = &env->console;
    assert(action >= 0 && action < env->action_count);
    *out = (rb_env_step){0};
    env->signs = 0;
    int64_t frames = console->frames;
    rb_status status = play(env, env->actions[action], &out->reward, error);
    if (status) return status;
    int lives = rb_console_lives(console);
    out->life_lost = lives > 0 && lives < env->lives;
    const bool fires = env->has_fire && env->params.fire_on_life_loss;
    for (int press = 1; out->life_lost && fires && press <= 2 && !ended(env); press++) {
        status = play(env, env->actions[press], &out->reward, error);
        if (status) return status;
        lives = rb_console_lives(console);
    }
    env->lives = lives;
    env->had_lives = env->had_lives || lives > 0;
    out->terminated = rb_console_over(console);
    out->truncated = !out->terminated && rb_console_full(console);
    out->life_lost = out->terminated ? env->had_lives : out->life_lost && !out->truncated;
    out->frames = (int)(console->frames - frames);
    rb_atari_picture_finish(&env->picture);
    return RB_OK;
}

static double signs(const rb_env *env)
{
    return env->signs;
}

// The picture afterwards is the last screen alone, as after a reset.
static rb_status idle(rb_env *env, int frames, rb_env_step *out, rb_error *error)
{
    rb_console *console = &env->console;
    const int64_t before = console->frames;
    *out = (rb_env_step){0};
    for (int i = 0; i < frames && !ended(env); i++) {
        rb_status status = rb_console_frame(console, NOOP, &out->reward, error);
        if (status) return status;
    }
    env->lives = rb_console_lives(console);
    out->terminated = rb_console_over(console);
    out->truncated = !out->terminated && rb_console_full(console);
    out->frames = (int)(console->frames - before);
    rb_atari_picture_show(&env->picture, rb_console_screen(console));
    rb_atari_picture_finish(&env->picture);
    return RB_OK;
}

static void observe(const rb_env *env, void *frame)
{
    memcpy(frame, env->picture.frame, (size_t)env->picture.planes * env->picture.out_pixels);
}

static void render(const rb_env *env, uint8_t *rgb)
{
    const uint8_t *screen = rb_console_screen(&env->console);
    const uint8_t *colours = env->picture.rgb;
    for (size_t i = 0; i < env->picture.pixels; i++) memcpy(rgb + 3 * i, colours + 3 * (size_t)screen[i], 3);
}

// ---- state ----

static bool transfer(rb_env *env, rb_env_stream *stream)
{
    uint8_t had_lives = env->had_lives; // any byte of a file; not any byte is a bool
    bool whole = stream->transfer(stream, &env->rng, sizeof env->rng) &&
                 stream->transfer(stream, &env->lives, sizeof env->lives) &&
                 stream->transfer(stream, &had_lives, sizeof had_lives) &&
                 rb_atari_picture_transfer(&env->picture, stream);
    env->had_lives = had_lives != 0;
    return whole;
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

const rb_env_frames rb_atari_frames = {.signs = signs, .idle = idle};
