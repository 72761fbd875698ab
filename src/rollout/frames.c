// A picture of what the network sees: plays some steps and writes the stack of frames that it would act on
// next as a sheet (frame_sheet.h).
#include <stdlib.h>
#include "base/cpu.h"
#include "base/text.h"
#include "config/config.h"
#include "env/vector_spec.h"
#include "io/picture.h"
#include "rainbow/evaluate.h"
#include "rollout/frame_sheet.h"
#include "rollout/policy.h"

typedef struct scene {
    rb_policy policy; // a run's policy; without a run, only its arena and pool are used
    rb_vector *envs;
    rb_rng rng;
} scene;

static rb_status open_environment(scene *s, const rb_params *p, const rb_frames_options *options,
                                  rb_error *error)
{
    if (!*p->run.env) return rb_error_set(error, RB_ERR_USAGE, "no environment was named");
    rb_vector_spec spec = rb_vector_spec_make_games(p, options->seed, RB_RNG_EVAL_ENV, 1);
    spec.threads = 1;
    spec.screens = true;
    s->rng = rb_rng_stream(options->seed, RB_RNG_EVAL, 0);
    rb_status status = s->policy.arena ? RB_OK : rb_arena_create(&s->policy.arena, error);
    if (!status && !s->policy.pool) status = rb_pool_create(&s->policy.pool, 1, error);
    if (!status) status = rb_vector_create(&s->envs, &spec, s->policy.arena, error);
    if (status) return status;
    const rb_env_spec *env = rb_vector_env_spec(s->envs);
    if (env->height == 1 && env->width == 1)
        return rb_error_set(error, RB_ERR_USAGE, "%s has observations of %d numbers, not pictures",
                            p->run.env, env->channels);
    return rb_vector_reset(s->envs, error);
}

static rb_status play(scene *s, const rb_frames_options *options, rb_frames_result *out, rb_error *error)
{
    for (out->steps = 0; out->steps < options->steps; out->steps++) {
        int32_t action = 0;
        if (s->policy.agent)
            rb_agent_act_greedy(s->policy.agent, rb_vector_observations(s->envs), rb_vector_masks(s->envs), 1,
                                options->epsilon, &s->rng, &action, NULL);
        else
            action = rb_vector_random_action(s->envs, 0, &s->rng);
        rb_vector_start(s->envs, s->policy.pool, &action);
        rb_status status = rb_vector_wait(s->envs, s->policy.pool, error);
        if (status) return status;
        out->games += rb_vector_results(s->envs)->game_over;
    }
    return RB_OK;
}

static rb_status draw(const scene *s, const char *file, int scale, rb_frames_result *out, rb_error *error)
{
    const rb_env_spec *spec = rb_vector_env_spec(s->envs);
    const rb_env_class *class = rb_vector_class(s->envs);
    uint8_t *screen = NULL;
    if (class->render && spec->screen_height > 0 && spec->screen_width > 0) {
        screen = malloc(3 * (size_t)spec->screen_height * (size_t)spec->screen_width);
        if (!screen) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a picture");
        class->render(rb_vector_env(s->envs, 0), screen);
    }
    rb_frame_sheet sheet;
    out->stack = rb_vector_stack(s->envs);
    out->channels = spec->channels, out->height = spec->height, out->width = spec->width;
    rb_status status =
        rb_frame_sheet_make(&sheet, spec, out->stack, rb_vector_observations(s->envs), screen, scale, error);
    if (!status) status = rb_picture_write_png(file, sheet.rgb, sheet.height, sheet.width, error);
    free(sheet.rgb);
    free(screen);
    return status;
}

rb_status rb_frames(const rb_config *config, const char *run, const char *file,
                    const rb_frames_options *options, rb_frames_result *out, rb_error *error)
{
    scene s = {0};
    rb_status status = RB_OK;
    *out = (rb_frames_result){0};
    RB_CPU_FLUSH_DENORMALS;
    if (run) {
        status = rb_policy_open(&s.policy, run, 1, 1, error);
        if (!status) config = s.policy.config;
    }
    if (!status) status = open_environment(&s, &config->params, options, error);
    if (!status) rb_text_copy(out->env, sizeof out->env, config->params.run.env);
    if (!status) status = play(&s, options, out, error);
    if (!status) status = draw(&s, file, options->scale, out, error);
    rb_vector_destroy(s.envs);
    rb_policy_close(&s.policy);
    return status;
}
