// Action repeat: see repeat.h.
#include "env/repeat.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/rng.h"
#include "env/gym.h"

struct rb_env {
    rb_env *inner;
    const rb_env_class *class;
    int skip;
    double sticky;
    rb_rng rng;          // for sticky actions
    int64_t limit_steps; // per game, in inner steps; 0: none
    int actions;         // of the inner environment
    int inner_frames;    // frames of an inner step that reports none
    int64_t steps;       // inner steps since the reset
    int held;            // the last inner step's action
    bool drawn;          // `held` is already the next step's (begin)
    uint8_t *allowed;    // [actions] scratch; NULL without masks
    double signs;        // of the rewards of the last step's frames, summed
};

bool rb_repeat_wanted(const rb_env_params *params)
{
    return params->frame_skip > 1 || params->sticky > 0;
}

// Environments with their own version of a rule, and its key.
typedef struct own_rule {
    bool found;
    const char *whose, *key;
} own_rule;

static rb_status refused(const char *setting, const own_rule *own, rb_error *error)
{
    return rb_error_set(error, RB_ERR_USAGE, "%s: %s have their own setting for this: use %s", setting,
                        own->whose, own->key);
}

rb_status rb_repeat_check(const rb_env_params *params, const rb_env_class *class, bool atari_pictures,
                          rb_error *error)
{
    const bool atari = class == &rb_atari_class, minatar = class == &rb_minatar_class,
               gym = class == &rb_gym_class && atari_pictures;
    const own_rule skips[] = {{atari, "Atari games", "atari.frame_skip"},
                              {gym, "Gymnasium environments under gym.pictures = atari", "atari.frame_skip"}};
    const own_rule sticks[] = {{atari, "Atari games", "atari.sticky"},
                               {minatar, "MinAtar games", "minatar.sticky"}};
    char setting[64];
    for (int i = 0; i < 2; i++) {
        snprintf(setting, sizeof setting, "env.frame_skip = %lld", (long long)params->frame_skip);
        if (skips[i].found && params->frame_skip > 1) return refused(setting, &skips[i], error);
        snprintf(setting, sizeof setting, "env.sticky = %g", params->sticky);
        if (sticks[i].found && params->sticky > 0) return refused(setting, &sticks[i], error);
    }
    return RB_OK;
}

static void destroy(rb_env *env)
{
    if (env->inner) env->class->destroy(env->inner);
    free(env->allowed);
    free(env);
}

static rb_status create(rb_env **out, const void *options_of_any, uint64_t seed, rb_error *error)
{
    const rb_repeat_options *options = options_of_any;
    *out = NULL;
    rb_env *env = calloc(1, sizeof *env);
    if (!env) return rb_error_set(error, RB_ERR_MEMORY, "no memory for an environment");
    env->class = options->class;
    env->skip = options->skip;
    env->sticky = options->sticky;
    env->rng = rb_rng_stream(seed, RB_RNG_ENV, UINT64_MAX); // far from any stream of the inner environment
    rb_status status = env->class->create(&env->inner, options->options, seed, error);
    if (status) {
        destroy(env);
        return status;
    }
    rb_env_spec inner = {0};
    env->class->spec(env->inner, &inner);
    env->actions = inner.actions;
    env->inner_frames = inner.frames_per_step > 0 ? inner.frames_per_step : 1;
    if (options->masks && inner.masks && env->class->mask) {
        env->allowed = malloc((size_t)inner.actions);
        if (!env->allowed) {
            destroy(env);
            return rb_error_set(error, RB_ERR_MEMORY, "no memory for the masks of an environment");
        }
    }
    if (options->limited) env->limit_steps = inner.max_episode_steps;
    *out = env;
    return RB_OK;
}

static void spec(const rb_env *env, rb_env_spec *out)
{
    env->class->spec(env->inner, out);
    out->frames_per_step = env->inner_frames * env->skip;
    if (env->allowed && out->max_episode_steps) { // a decision may be one inner step: `step` counts them
        out->max_episode_steps = 0;
        out->ends = true;
        return;
    }
    out->max_episode_steps = (out->max_episode_steps + env->skip - 1) / env->skip;
}

static rb_status reset(rb_env *env, rb_error *error)
{
    env->steps = 0;
    env->drawn = false;
    return env->class->reset(env->inner, error);
}

static bool is_allowed(rb_env *env, int action)
{
    if (!env->allowed) return true;
    env->class->mask(env->inner, env->allowed);
    return env->allowed[action] != 0;
}

// Draws the action of the next inner step.
static int next_action(rb_env *env, int action)
{
    if (!env->drawn && (env->steps == 0 || env->sticky == 0 || rb_rng_double(&env->rng) >= env->sticky ||
                        !is_allowed(env, env->held)))
        env->held = action;
    return env->held;
}

static void begin(rb_env *env, int action)
{
    next_action(env, action);
    env->drawn = true;
    env->class->begin(env->inner, env->held);
}

static bool ready(rb_env *env)
{
    return env->class->ready(env->inner);
}

static rb_status step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    const rb_env_frames *frames = rb_env_frames_of(env->class);
    rb_env_step sum = {0};
    env->signs = 0;
    for (int i = 0; i < env->skip && !sum.terminated && !sum.truncated && !sum.cut; i++) {
        if (i > 0 && !is_allowed(env, action)) break;
        rb_env_step one = {0};
        const int executed = next_action(env, action);
        env->drawn = false;
        rb_status status = env->class->step(env->inner, executed, &one, error);
        if (status) return status;
        env->steps++;
        sum.reward += one.reward;
        env->signs += frames ? frames->signs(env->inner) : (one.reward > 0) - (one.reward < 0);
        sum.frames += one.frames ? one.frames : env->inner_frames;
        sum.life_lost = sum.life_lost || one.life_lost;
        sum.terminated = one.terminated;
        sum.truncated = one.truncated || (env->limit_steps && env->steps >= env->limit_steps);
        sum.cut = one.cut;
    }
    *out = sum;
    return RB_OK;
}

static double signs(const rb_env *env)
{
    return env->signs;
}

const rb_env_frames rb_repeat_frames = {.signs = signs};

static void observe(const rb_env *env, void *frame)
{
    env->class->observe(env->inner, frame);
}

static void mask(const rb_env *env, uint8_t *allowed)
{
    env->class->mask(env->inner, allowed);
}

static void render(const rb_env *env, uint8_t *rgb)
{
    env->class->render(env->inner, rgb);
}

static bool transfer(rb_env *env, rb_env_stream *stream)
{
    return stream->transfer(stream, &env->rng, sizeof env->rng) &&
           stream->transfer(stream, &env->steps, sizeof env->steps) &&
           stream->transfer(stream, &env->held, sizeof env->held);
}

static rb_status save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    if (!transfer(env, to)) return rb_error_set(error, RB_ERR_FILE, "the state of a game can't be written");
    return env->class->save(env->inner, to, error);
}

static rb_status load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    env->drawn = false;
    if (!transfer(env, from)) return rb_error_set(error, RB_ERR_FORMAT, "the state of a game is cut short");
    if (env->held < 0 || env->held >= env->actions || env->steps < 0 || env->steps > INT64_MAX / 2) {
        const int held = env->held;
        env->held = 0;
        return rb_error_set(error, RB_ERR_FORMAT,
                            "the state of a game: action %d of %d was repeated, after %lld steps", held,
                            env->actions, (long long)env->steps);
    }
    return env->class->load(env->inner, from, error);
}

rb_env_class rb_repeat_class(const rb_env_class *inner)
{
    return (rb_env_class){
        .abi = inner->abi,
        .name = inner->name,
        .create = create,
        .destroy = destroy,
        .spec = spec,
        .reset = reset,
        .step = step,
        .observe = observe,
        .render = inner->render ? render : NULL,
        .save = inner->save ? save : NULL,
        .load = inner->load ? load : NULL,
        .begin = inner->begin ? begin : NULL,
        .ready = inner->ready ? ready : NULL,
        .mask = inner->mask ? mask : NULL,
    };
}
