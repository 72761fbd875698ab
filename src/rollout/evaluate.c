// Evaluates the weights of a checkpoint or of a file, outside any run.
#include "base/cpu.h"
#include "base/text.h"
#include "rollout/evaluator.h"
#include "rollout/policy.h"
#include "rollout/trace.h"

// `path`: a run or a checkpoint; NULL: the weights are the file that `config` names.
static rb_status evaluate(const char *path, const rb_config *config, const rb_eval_options *options,
                          rb_eval_result *out, rb_error *error)
{
    *out = (rb_eval_result){0};
    if (options->episodes < 1)
        return rb_error_set(error, RB_ERR_USAGE, "%d episodes: an evaluation needs at least 1",
                            options->episodes);
    RB_CPU_FLUSH_DENORMALS;
    rb_policy p = {0};
    rb_trace *trace = NULL;
    const int width = rb_evaluator_width(options->episodes);
    rb_status status = path ? rb_policy_open(&p, path, options->threads, width, error)
                            : rb_policy_open_file(&p, config, options->threads, width, error);
    if (!status && options->max_episode_steps)
        p.config->params.eval.max_episode_steps = options->max_episode_steps;
    if (!status && options->trace) status = rb_trace_create(&trace, options->trace_steps, error);
    if (!status) {
        const rb_eval_observer watch = trace ? rb_trace_watch(trace) : (rb_eval_observer){0};
        rb_evaluation evaluation = {
            .params = &p.config->params,
            .agent = p.agent,
            .pool = p.pool,
            .episodes = options->episodes,
            .epsilon = options->epsilon,
            .seed = options->seed,
            .watches = &watch,
            .watch_count = trace ? 1 : 0,
            .count = options->count,
            .counter = options->counter,
            .number = INT64_C(1) << 48}; // apart from evaluations during training, whose numbers are steps
        status = rb_evaluator_play(&evaluation, out, error);
        out->step = p.step;
        rb_text_copy(out->checkpoint, sizeof out->checkpoint, p.checkpoint);
    }
    if (!status && trace) {
        status = rb_trace_write(trace, options->trace, p.config->params.run.env, p.step, error);
        if (status) rb_eval_result_free(out);
    }
    rb_trace_destroy(trace);
    rb_policy_close(&p);
    return status;
}

rb_status rb_evaluate(const char *path, const rb_eval_options *options, rb_eval_result *out, rb_error *error)
{
    return evaluate(path, NULL, options, out, error);
}

rb_status rb_evaluate_file(const rb_config *config, const rb_eval_options *options, rb_eval_result *out,
                           rb_error *error)
{
    *out = (rb_eval_result){0};
    if (!*config->params.run.env)
        return rb_error_set(error, RB_ERR_USAGE, "no environment was named (`rainbow envs` lists them)");
    if (!*config->params.run.init_weights)
        return rb_error_set(error, RB_ERR_USAGE, "no file of weights was named (run.init_weights)");
    return evaluate(NULL, config, options, out, error);
}
