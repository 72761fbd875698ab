// One Gymnasium environment behind the environment interface: see gym.h.
//
// With gym.pictures = atari, pictures go through the same image.c as the emulator's: the last two frames of a
// step are pooled by their maximum, converted to grey before or after that (atari.pool), and shrunk
// (atari.size).
#include "env/gym.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "base/text.h"
#include "env/contract.h"
#include "env/gym_crew.h"
#include "env/gym_names.h"
#include "env/known_actions.h"
#include "env/gym_picture.h"

enum { NOTICE_MAX = 400 };

struct rb_env {
    rb_gym_seat seat;
    char id[RB_TEXT_MAX];
    int kind, channels, height, width, vector, actions;
    int screen_height, screen_width; // 0: it renders nothing
    size_t frame_bytes;
    int skip;     // frames per step
    double signs; // of the rewards of the last step's frames, summed
    bool limited; // it has a time limit of its own
    uint32_t seed;
    bool seeded; // the first reset is done
    bool ahead;  // by create, which kept its outcome:
    rb_status ahead_status;
    rb_error ahead_error;
    bool looks, masked;      // looks for masks; has masks
    bool begun;              // a step is in progress
    bool dead;               // its worker died: the next reset gets another
    rb_rng rng;              // seeds of the games after a worker's death, and of resumed runs
    rb_gym_picture *picture; // NULL: frames are used unchanged
    const char **names;      // the actions'; NULL: unknown
    char *names_text;
    char notice[NOTICE_MAX]; // to be reported by the next step or reset
};

static void destroy(rb_env *env)
{
    if (!env) return;
    rb_gym_crew_leave(&env->seat);
    rb_gym_picture_destroy(env->picture);
    free(env->names);
    free(env->names_text);
    free(env);
}

// Reports the notice although nothing failed: see rb_env_class.
static void tell(rb_env *env, rb_error *error)
{
    if (*env->notice) rb_error_set(error, RB_OK, "%s", env->notice);
    *env->notice = 0;
}

// ---- making ----

// The worker has died, or did not answer in time: then it is replaced, too.
static bool is_lost(rb_gym_news news, rb_error *error)
{
    if (news != RB_GYM_DIED && news != RB_GYM_LATE) return false;
    if (error) *error = (rb_error){0};
    return true;
}

// Waits until the worker has made the environment; a worker that is lost meanwhile is replaced. `first`: this
// one has never been made, so one that is not made in time never will.
static rb_status wait_made(rb_env *env, bool first, rb_error *error)
{
    rb_gym_news news;
    rb_status status = RB_OK;
    while (!status && (news = rb_gym_seat_wait_made(&env->seat, error)) != RB_GYM_ANSWER) {
        if ((first && news == RB_GYM_LATE) || !is_lost(news, error))
            return error ? error->status : RB_ERR_ENV;
        char notice[NOTICE_MAX];
        status = rb_gym_seat_restart(&env->seat, notice, sizeof notice, error);
        if (*notice) rb_text_copy(env->notice, sizeof env->notice, notice);
    }
    return status;
}

// Names that this program knows, of an environment that has none; a wrapper may have changed their order.
static rb_status known_names(rb_env *env, rb_error *error)
{
    const char *const *names = rb_known_actions_of_id(env->id, env->actions);
    if (!names) return RB_OK;
    env->names = calloc((size_t)env->actions, sizeof *env->names);
    if (!env->names)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the names of %d actions", env->actions);
    memcpy(env->names, names, (size_t)env->actions * sizeof *env->names);
    return RB_OK;
}

// Reads the actions' names and the worker's notice after them.
static rb_status read_text(rb_env *env, const char *text, rb_error *error)
{
    static atomic_flag told = ATOMIC_FLAG_INIT; // once, not at every evaluation
    const char *said = text + strlen(text) + 1;
    if (*said && !atomic_flag_test_and_set(&told))
        snprintf(env->notice, sizeof env->notice, "gym/%s: %s", env->id, said);
    if (!*text || env->actions > RB_ENV_ACTIONS_MOST) return RB_OK;
    env->names_text = strdup(text);
    env->names = calloc((size_t)env->actions, sizeof *env->names);
    if (!env->names || !env->names_text)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the names of %d actions", env->actions);
    char *rest = env->names_text;
    for (int i = 0; i < env->actions; i++) {
        char *name = strsep(&rest, "\n");
        env->names[i] = name ? name : "";
    }
    return RB_OK;
}

static rb_status make_picture(rb_env *env, const rb_atari_params *params, rb_error *error)
{
    bool colours = env->channels == 1 || env->channels == 3;
    if (env->vector)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "gym.pictures = atari: gym/%s observes a picture together with a vector of %d numbers; "
            "gym.pictures = raw uses its observations unchanged",
            env->id, env->vector);
    if (env->kind != RB_OBS_U8 || env->height < 2 || env->width < 2 || !colours)
        return rb_error_set(error, RB_ERR_USAGE,
                            "gym.pictures = atari: gym/%s does not observe byte pictures in grey or RGB; "
                            "gym.pictures = raw uses its observations unchanged",
                            env->id);
    env->skip = (int)params->frame_skip;
    return rb_gym_picture_create(&env->picture, env->channels, env->height, env->width, params, error);
}

static rb_status describe(rb_env *env, const rb_env_options *options, rb_error *error)
{
    const rb_gym_shape *shape = &env->seat.shape;
    char text[RB_GYM_TEXT_MAX + 2] = ""; // the worker ends both texts with a NUL, or this copy does
    memcpy(text, env->seat.block->text, RB_GYM_TEXT_MAX);
    env->kind = shape->kind;
    env->channels = shape->channels;
    env->height = shape->height;
    env->width = shape->width;
    env->vector = shape->vector;
    env->actions = shape->actions;
    env->screen_height = shape->screen_height;
    env->screen_width = shape->screen_width;
    env->frame_bytes = shape->frame_bytes;
    env->limited = env->seat.block->limited != 0;
    env->skip = 1;
    rb_status status = read_text(env, text, error);
    if (!status && !env->names && !*options->settings.gym.wrappers) status = known_names(env, error);
    if (!status && options->settings.gym.pictures == RB_PICTURES_ATARI)
        status = make_picture(env, &options->settings.atari, error);
    return status;
}

static rb_status reset(rb_env *env, rb_error *error);

// The first reset, made early: see gym.h. Its failure is reported when it would have been made.
static void reset_ahead(rb_env *env)
{
    env->ahead_status = reset(env, &env->ahead_error);
    env->masked = !env->ahead_status && env->seat.block->masked == 1;
    env->ahead = true;
}

static rb_status create(rb_env **out, const void *options_of_any, uint64_t seed, rb_error *error)
{
    const rb_env_options *options = options_of_any;
    rb_gym_crew *alone = NULL, **crew = options->crew ? options->crew : &alone;
    *out = NULL;
    rb_env *env = calloc(1, sizeof *env);
    if (!env) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a Gymnasium environment");
    rb_text_copy(env->id, sizeof env->id, options->settings.name + strlen("gym/"));
    env->seed = (uint32_t)seed; // the range that every environment accepts
    env->rng = rb_rng_stream(seed, RB_RNG_ENV, 0);
    rb_status status = rb_gym_crew_join(crew, options, (uint32_t)seed, &env->seat, error);
    if (!status) status = wait_made(env, true, error);
    if (!status) status = describe(env, options, error);
    if (status) {
        destroy(env);
        return status;
    }
    // Without an answer in time, making the next environment fails.
    if (options->settings.env.masks && rb_gym_seat_wait_served(&env->seat)) reset_ahead(env);
    env->looks = options->settings.env.masks && !env->ahead_status;
    *out = env;
    return RB_OK;
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    bool picture = env->height > 1 || env->width > 1;
    int channels = env->channels, height = env->height, width = env->width;
    if (env->picture) rb_gym_picture_shape(env->picture, &channels, &height, &width);
    *out = (rb_env_spec){
        .kind = env->kind == RB_OBS_U8 ? RB_OBS_U8 : RB_OBS_F32,
        .channels = channels,
        .height = height,
        .width = width,
        .vector = env->vector,
        .stack = picture ? 4 : 1,
        .actions = env->actions,
        .action_names = env->names,
        .frames_per_step = env->skip,
        .ends = env->limited,
        .screen_height = env->screen_height,
        .screen_width = env->screen_width,
        .masks = env->masked,
    };
}

// ---- playing ----

static const void *newest_frame(const rb_env *env)
{
    return (const char *)env->seat.block + RB_GYM_FRAMES_AT + env->frame_bytes;
}

// Makes the small picture from the worker's frames, if one was requested.
static void look(rb_env *env)
{
    if (!env->picture) return;
    const char *newest = newest_frame(env), *before = newest - env->frame_bytes;
    rb_gym_picture_make(env->picture, env->seat.block->shown > 1 ? before : newest, newest);
}

static rb_status same_as_before(const rb_env *env, rb_error *error)
{
    const rb_gym_shape *b = &env->seat.shape;
    if (b->kind == env->kind && b->channels == env->channels && b->height == env->height &&
        b->width == env->width && b->vector == env->vector && b->actions == env->actions &&
        b->screen_height == env->screen_height && b->screen_width == env->screen_width)
        return RB_OK;
    return rb_error_set(error, RB_ERR_ENV,
                        "gym/%s: in a new worker it has other observations, actions or pictures", env->id);
}

// A new worker decides anew whether there are masks.
static rb_status still_masked(const rb_env *env, rb_error *error)
{
    if (!env->looks || env->seat.block->masked == env->masked) return RB_OK;
    return rb_error_set(error, RB_ERR_ENV, "gym/%s: in a new worker it reports %s, unlike at its first reset",
                        env->id, env->masked ? "no action masks" : "action masks");
}

// A worker that dies or hangs during a reset is replaced like one that dies during a step. The new one gets a
// new seed, because the old seed would play the same game again.
static rb_status reset(rb_env *env, rb_error *error)
{
    rb_status status = RB_OK;
    if (env->ahead) {
        env->ahead = false;
        if (error) *error = env->ahead_error;
        return env->ahead_status;
    }
    if (env->begun && !env->dead) // the step's result is not needed
        env->dead = is_lost(rb_gym_seat_wait(&env->seat, "step()", NULL), NULL);
    env->begun = false;
    if (env->seeded && !env->dead) rb_gym_seat_played(&env->seat);
    for (;;) {
        if (env->dead) {
            char notice[NOTICE_MAX];
            status = rb_gym_seat_restart(&env->seat, notice, sizeof notice, error);
            if (*notice) rb_text_copy(env->notice, sizeof env->notice, notice);
            if (!status) status = wait_made(env, false, error);
            if (!status) status = same_as_before(env, error);
            if (status) return status;
            env->dead = false;
            env->seed = rb_rng_u32(&env->rng);
            env->seeded = false;
        }
        env->seat.block->seed = env->seed;
        rb_gym_seat_ask(&env->seat, env->seeded ? RB_GYM_RESET_NEXT : RB_GYM_RESET);
        rb_gym_news news = rb_gym_seat_wait(&env->seat, "reset()", error);
        if (news == RB_GYM_ANSWER) break;
        if (!is_lost(news, error)) return error ? error->status : RB_ERR_ENV;
        env->dead = true;
    }
    env->seeded = true;
    look(env);
    tell(env, error);
    return still_masked(env, error);
}

static void begin(rb_env *env, int action)
{
    assert(action >= 0 && action < env->actions && !env->begun);
    env->begun = true;
    if (env->dead) return;
    env->seat.block->action = action;
    env->seat.block->frames = env->skip;
    rb_gym_seat_ask(&env->seat, RB_GYM_STEP);
}

static bool ready(rb_env *env)
{
    return env->dead || rb_gym_seat_heard(&env->seat);
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    if (!env->begun) begin(env, action);
    env->begun = false;
    *out = (rb_env_step){0};
    rb_gym_news news = env->dead ? RB_GYM_DIED : rb_gym_seat_wait(&env->seat, "step()", error);
    if (is_lost(news, error)) {
        env->dead = true;
        out->cut = true; // reset reports the reason
        return RB_OK;
    }
    if (news != RB_GYM_ANSWER) return error ? error->status : RB_ERR_ENV;
    rb_gym_seat_stepped(&env->seat);
    const rb_gym_block *block = env->seat.block;
    out->reward = block->reward;
    out->terminated = block->terminated;
    out->truncated = block->truncated && !block->terminated;
    out->frames = block->frames;
    if (out->frames < 0 || out->frames > env->skip)
        return rb_error_set(error, RB_ERR_ENV, "gym/%s: its worker played %d frames of %d", env->id,
                            out->frames, env->skip);
    env->signs = block->signs;
    if (!(fabs(env->signs) <= out->frames))
        return rb_error_set(error, RB_ERR_ENV, "gym/%s: the signs of %d rewards can't sum to %.0f", env->id,
                            out->frames, env->signs);
    look(env);
    return RB_OK;
}

static double signs(const rb_env *env)
{
    return env->signs;
}

static void observe(const rb_env *env, void *frame)
{
    if (env->picture)
        rb_gym_picture_copy(env->picture, frame);
    else
        memcpy(frame, newest_frame(env), env->frame_bytes);
}

static void mask(const rb_env *env, uint8_t *allowed)
{
    memcpy(allowed, (const char *)env->seat.block + env->seat.shape.mask_at, (size_t)env->actions);
}

// Rendering does not change the game, only the state of the exchange with the worker; the const of `of` can
// be cast away because create made the instance, which is never a constant. A picture that can't be rendered
// is black, and the next reset reports the reason. A worker that has died, or no longer answers, is noticed
// in the next step.
static void render(const rb_env *of, uint8_t *rgb)
{
    rb_env *env = (rb_env *)of;
    const size_t bytes = 3 * (size_t)env->screen_height * (size_t)env->screen_width;
    rb_error error = {0};
    assert(bytes && !env->begun);
    rb_gym_news news = RB_GYM_DIED;
    if (!env->dead) {
        rb_gym_seat_ask(&env->seat, RB_GYM_DRAW);
        news = rb_gym_seat_wait(&env->seat, "render()", &error);
    }
    if (news == RB_GYM_ANSWER) {
        memcpy(rgb, (const char *)newest_frame(env) + env->frame_bytes, bytes);
        return;
    }
    memset(rgb, 0, bytes);
    if (*error.message) rb_text_copy(env->notice, sizeof env->notice, error.message);
    env->dead = news != RB_GYM_REFUSED;
}

// Saves only the random stream, so that a resumed run does not repeat the first games. Gymnasium can't save
// the game.
static rb_status save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    return to->transfer(to, &env->rng, sizeof env->rng)
               ? RB_OK
               : rb_error_set(error, RB_ERR_FILE,
                              "the random stream of a Gymnasium environment can't be written");
}

static rb_status load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    if (!from->transfer(from, &env->rng, sizeof env->rng))
        return rb_error_set(error, RB_ERR_FORMAT,
                            "the random stream of a Gymnasium environment is cut short");
    env->seed = rb_rng_u32(&env->rng);
    env->seeded = env->ahead = false;
    return RB_OK;
}

int rb_gym_worker(const rb_env *env)
{
    return rb_gym_seat_worker(&env->seat);
}

const rb_env_class rb_gym_class = {
    .abi = RB_ENV_ABI,
    .name = "gym",
    .create = create,
    .destroy = destroy,
    .spec = spec,
    .reset = reset,
    .step = step,
    .observe = observe,
    .render = render,
    .save = save,
    .load = load,
    .begin = begin,
    .ready = ready,
    .mask = mask,
};

const rb_env_frames rb_gym_frames = {.signs = signs};
