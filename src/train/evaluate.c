// Evaluates the weights of a checkpoint, apart from any run.
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "config/config.h"
#include "env/vector.h"
#include "train/agent_spec.h"
#include "train/checkpoint.h"
#include "train/evaluator.h"
#include "train/weights.h"

typedef struct player { // what it takes to play with saved weights
    rb_config *config;
    rb_arena *arena;
    rb_pool *pool;
    rb_compute *compute;
    rb_agent *agent;
} player;

static rb_status read_config(player *p, const char *checkpoint, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, checkpoint, "config.ini", error);
    if (!status) status = rb_config_create(&p->config, error);
    return status ? status : rb_config_read(p->config, path, error);
}

// The environment is opened once to learn what it shows and takes.
static rb_status make_agent(player *p, int episodes, rb_error *error)
{
    const rb_params *params = &p->config->params;
    rb_vector_spec look = {.name = params->run.env,
                           .env = params->env,
                           .atari = params->atari,
                           .minatar = params->minatar,
                           .gym = params->gym,
                           .purpose = RB_RNG_EVAL_ENV,
                           .count = 1};
    rb_vector *envs = NULL;
    rb_status status = rb_vector_create(&envs, &look, p->arena, error);
    if (!status) {
        rb_agent_spec spec = rb_agent_spec_make(params, rb_vector_env_spec(envs), rb_vector_stack(envs),
                                                rb_evaluator_width(episodes));
        status = rb_agent_create(&p->agent, &spec, p->compute, p->arena, error);
    }
    rb_vector_destroy(envs);
    return status;
}

rb_status rb_evaluate(const char *path, const rb_eval_options *options, rb_eval_result *out, rb_error *error)
{
    *out = (rb_eval_result){0};
    if (options->episodes < 1)
        return rb_error_set(error, RB_ERR_USAGE, "%d episodes: an evaluation takes at least 1",
                            options->episodes);
    player p = {0};
    rb_cpu_flush_denormals();
    rb_status status = rb_checkpoint_find(out->checkpoint, sizeof out->checkpoint, path, false, error);
    if (!status) status = read_config(&p, out->checkpoint, error);
    if (!status) status = rb_arena_create(&p.arena, error);
    if (!status)
        status = rb_pool_create(&p.pool, options->threads ? options->threads : rb_cpu_get()->cores, error);
    // Weights are f32 whatever they were trained with: what this processor can't do does not matter here.
    const bool bf16 =
        !status && p.config->params.compute.precision == RB_PRECISION_BF16 && rb_kernels_fastest(true);
    if (!status) status = rb_compute_create(&p.compute, p.pool, NULL, bf16, p.arena, error);
    if (!status) status = make_agent(&p, options->episodes, error);
    if (!status) status = rb_weights_load(rb_agent_online(p.agent), out->checkpoint, &out->step, error);
    if (!status) {
        rb_evaluation evaluation = {
            .params = &p.config->params,
            .agent = p.agent,
            .pool = p.pool,
            .episodes = options->episodes,
            .epsilon = options->epsilon,
            .seed = options->seed,
            .number = INT64_C(1) << 48}; // beside the evaluations made while training, which count steps
        status = rb_evaluator_play(&evaluation, out, error);
    }
    rb_pool_destroy(p.pool);
    rb_arena_destroy(p.arena);
    rb_config_destroy(p.config);
    return status;
}
